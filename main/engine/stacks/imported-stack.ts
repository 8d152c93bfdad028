import type { Placement } from '../../../preload/contract/registration.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import type { NewStack } from './stack-rows.ts';

/** Where another program puts a tile of the library. */
export interface ImportedTile {
  readonly tile: number;
  readonly stackFromTile: Affine;
  /** First to last, where `stackFromTile` is not all of them. */
  readonly transforms: readonly TransformSpec[] | null;
}

export interface Import extends Pick<NewStack, 'id' | 'dataset' | 'job' | 'parameters' | 'name' | 'parent' | 'facts'> {
  readonly tiles: readonly ImportedTile[];
  /** Transforms that any tile of the file refers to, by id; those that none of `tiles` needs are left out. */
  readonly shared: ReadonlyMap<string, TransformSpec>;
  /** What is wrong with it, in plain words: then it counts as a warning. */
  readonly reasons: readonly string[];
}

/** A stack version that puts tiles where another program did. */
export function importedStack({ tiles, shared, reasons, ...stack }: Import): NewStack {
  const placed = tiles.map(({ tile, stackFromTile, transforms }): Placement => ({
    tile,
    stackFromTile,
    ...(transforms && { transforms }),
    rmsPx: 0,
    placedBy: 'import',
  }));
  return {
    ...stack,
    madeBy: 'import',
    model: 'imported',
    placed,
    links: [],
    quality: {
      links: 0,
      dropped: 0,
      rmsPx: 0,
      maxPx: 0,
      verdict: reasons.length > 0 ? 'warn' : 'pass',
      reasons: [...reasons, 'placed by another program; not measured here'],
    },
    sharedTransforms: neededOf(tiles, shared),
  };
}

/** The shared transforms that tiles refer to, and those that these refer to. */
function neededOf(
  tiles: readonly ImportedTile[],
  shared: ReadonlyMap<string, TransformSpec>,
): ReadonlyMap<string, TransformSpec> {
  const needed = new Map<string, TransformSpec>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { refId, specList, a, b } = node as TransformSpec;
    for (const part of [specList, a, b]) visit(part);
    if (typeof refId !== 'string' || needed.has(refId)) return;
    const spec = shared.get(refId);
    if (!spec) return;
    needed.set(refId, spec);
    visit(spec);
  };
  for (const { transforms } of tiles) visit(transforms);
  return needed;
}
