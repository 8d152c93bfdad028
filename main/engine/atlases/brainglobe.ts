import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { orientationSchema } from '../../../preload/contract/atlas.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';

/** A folder of a BrainGlobe atlas (brainglobe.info/documentation/brainglobe-atlasapi): its files and what it says. */
export interface BrainGlobeAtlas {
  readonly name: string;
  readonly citation: string;
  readonly annotation: string;
  readonly template: string | null;
  readonly hemispheres: string | null;
  readonly ontology: string;
  /** x, y, z: the other way around than its axes are written, slowest first. */
  readonly voxelSizeNm: Vec3;
  readonly orientation: string;
}

const micrometres = z.number().positive().max(1e6);
const metadataSchema = z.object({
  name: z.string().min(1).max(200),
  citation: z.string().max(10_000).nullish(),
  /** Micrometres, slowest axis first. */
  resolution: z.tuple([micrometres, micrometres, micrometres]),
  orientation: orientationSchema,
});

const mostMetadataBytes = 4 * 2 ** 20;

/** Throws 'bad-source' naming the file, and the field where one is wrong. */
export async function readBrainGlobe(folder: string): Promise<BrainGlobeAtlas> {
  const { name, citation, resolution, orientation } = await metadataOf(folder);
  const file = (...names: readonly string[]): string | null =>
    names.map((one) => join(folder, one)).find((path) => existsSync(path)) ?? null;
  const needed = (...names: readonly string[]): string => {
    const found = file(...names);
    if (found) return found;
    throw bad(folder, `it has no ${names[0] ?? ''}`);
  };
  const [slow, middle, fast] = resolution;
  return {
    name,
    citation: citation ?? '',
    annotation: needed('annotation.tiff', 'annotation.tif'),
    template: file('reference.tiff', 'reference.tif'),
    hemispheres: file('hemispheres.tiff', 'hemispheres.tif'),
    ontology: needed('structures.json', 'structures.csv'),
    voxelSizeNm: [fast * 1000, middle * 1000, slow * 1000],
    orientation: [...orientation].reverse().join(''),
  };
}

async function metadataOf(folder: string): Promise<z.output<typeof metadataSchema>> {
  const file = join(folder, 'metadata.json');
  const info = await stat(file).catch(() => null);
  if (!info?.isFile()) throw bad(folder, 'it has no metadata.json');
  if (info.size > mostMetadataBytes) throw bad(folder, 'its metadata.json is larger than 4 MiB');
  const text = await readFile(file, 'utf8');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw bad(folder, 'its metadata.json is not JSON', cause);
  }
  const read = metadataSchema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw bad(folder, `its metadata.json: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

const bad = (folder: string, why: string, cause?: unknown): LamellaError =>
  new LamellaError('bad-source', `${basename(folder)} can't be read as a BrainGlobe atlas: ${why}.`, {
    hint: 'Give a folder with metadata.json, structures.json and annotation.tiff, or --annotation and --ontology.',
    fields: { folder },
    cause,
  });
