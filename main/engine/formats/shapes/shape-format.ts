import type { parseShapeSchema, ParsedShapesHeader, shapeTasks } from '../../../../native-workers/shape-tasks.ts';
import type { MeshManifest, ShapeSet } from '../../../../preload/contract/shape.ts';
import type { z } from 'zod';
import type { Remembered } from '../precomputed/remembered.ts';
import type { Place } from '../volume-format.ts';

/** What formats of meshes and skeletons have in common. Positions are nanometres, float32; bytes are little-endian. */

/** One object of the set. `name` is the key where nothing names it. */
export interface ShapeEntry {
  readonly key: string;
  readonly name: string;
}

/** Positions (float32 x y z), then indices (uint32, three a triangle). */
export interface MeshBytes {
  readonly vertices: number;
  readonly triangles: number;
  readonly bytes: Uint8Array;
}

/** Positions (float32 x y z), radii (float32), edges (uint32 pairs). */
export interface SkeletonBytes {
  readonly name: string;
  readonly nodes: number;
  readonly edges: number;
  readonly bytes: Uint8Array;
}

export interface MeshBoxAt {
  readonly key: string;
  readonly level: number;
  readonly box: number;
}

/** What a set says of itself when it is opened. */
export interface SetFacts {
  readonly name: string;
  readonly format: ShapeSet['format'];
  readonly unitNm: number;
  /** null where the source does not list them. */
  readonly count: number | null;
  readonly boundsNm: ShapeSet['boundsNm'];
  /** What was assumed or left out: whole sentences. */
  readonly notes: readonly string[];
}

interface OpenSet {
  readonly facts: SetFacts;
  /** Sorted as a reader would: numbers by value. Empty where the source does not list them. */
  keys(signal?: AbortSignal): Promise<readonly ShapeEntry[]>;
}

export interface OpenMeshes extends OpenSet {
  readonly kind: 'mesh';
  /** Throws 'not-found' where there is no such key, 'bad-source' that names file and fault. */
  manifest(key: string, signal?: AbortSignal): Promise<MeshManifest>;
  /** A box of a manifest. Throws 'not-found' and 'bad-source' as `manifest` does. */
  mesh(at: MeshBoxAt, signal?: AbortSignal): Promise<MeshBytes>;
}

export interface OpenSkeletons extends OpenSet {
  readonly kind: 'skeleton';
  skeleton(key: string, signal?: AbortSignal): Promise<SkeletonBytes>;
}

export type OpenShapes = OpenMeshes | OpenSkeletons;

/** A file that was read; `bytes` of each shape as the wire wants them. */
export interface ParsedShapes extends Omit<ParsedShapesHeader, 'shapes'> {
  readonly shapes: ReadonlyArray<ParsedShapesHeader['shapes'][number] & { readonly bytes: Uint8Array }>;
}

export type ParseShape = z.input<typeof parseShapeSchema>;
type DracoTask = (typeof shapeTasks)['decode-draco'];

/** Reading that takes long, done elsewhere (by the workers). Throws 'bad-source' and 'over-budget'. */
export interface ShapeWork {
  parse(request: ParseShape, inputs: readonly Uint8Array[]): Promise<ParsedShapes>;
  draco(request: z.input<DracoTask['input']>, bytes: Uint8Array, signal?: AbortSignal): Promise<MeshBytes>;
}

export interface ShapeOptions {
  readonly work: ShapeWork;
  /** nm of one unit, where the file does not say; null = what is usual for the format. */
  readonly unitNm: number | null;
  /** What was read of this set stays here for a while. */
  readonly parsed: Remembered<ParsedShapes>;
  /** Begins the keys in `parsed`: sets share it. */
  readonly token: string;
}

/** One file of `formats/shapes/` that holds shapes is one of these, listed in `index.ts`. */
export interface ShapeFormat {
  readonly id: ShapeSet['format'];
  readonly label: string;
  readonly kind: ShapeSet['kind'];
  /** Whether a place looks like this format: reads a few small files at most, and never throws for other content. */
  detect(place: Place): Promise<boolean>;
  /** Throws 'bad-source' that names the file and the value. */
  open(place: Place, options: ShapeOptions): Promise<OpenShapes>;
}
