import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Placement } from '../../../../preload/contract/registration.ts';
import { type Affine, composeAffine } from '../../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { placementsOf, sharedTransformsOf } from '../../stacks/stack-rows.ts';
import { tilesOf } from '../../store/tiles.ts';
import { formatAffine } from '../../transforms/tile/affine-classes.ts';
import { nearestAffine } from '../../transforms/tile/nearest-affine.ts';
import { warpFieldOfMesh } from '../../transforms/tile/section-mesh.ts';
import { tileMapOf } from '../../transforms/tile/tile-map.ts';
import type { SectionSource } from './sections.ts';
import { type SectionMap, wholeAffine } from './solve.ts';

/** What the map of a section leaves in a stack version. */
export interface SectionPlace {
  readonly map: SectionMap;
  readonly placedBy: Placement['placedBy'];
  readonly rmsPx: number;
}

export interface AlignedPlaces {
  readonly placed: readonly Placement[];
  readonly shared: ReadonlyMap<string, TransformSpec>;
}

const leaf = (affine: Affine): TransformSpec => ({
  type: 'leaf',
  className: 'mpicbg.trakem2.transform.AffineModel2D',
  dataString: formatAffine(affine),
});

/**
 * Every tile of a stack version where the maps of the sections put it: an affine map alone where all is affine, else the
 * tile's own transforms and a shared one of its section. Tiles of sections without a map stay where they are, or are left
 * out.
 */
export function placeAligned(
  source: SectionSource,
  maps: ReadonlyMap<number, SectionPlace>,
  others: 'stay' | 'are left out' = 'stay',
): AlignedPlaces {
  const { read } = source.library;
  const tiles = tilesOf(read, source.dataset);
  const before = new Map((source.stack === null ? [] : placementsOf(read, source.stack)).map((p) => [p.tile, p]));
  const inherited = source.stack === null ? new Map<string, TransformSpec>() : sharedTransformsOf(read, source.stack);
  const added = new Map<string, { readonly id: string; readonly spec: TransformSpec }>();
  for (const [section, { map }] of maps)
    added.set(String(section), { id: freeId(`section ${section}`, inherited), spec: specOf(map) });
  const shared = new Map([...inherited, ...[...added.values()].map(({ id, spec }) => [id, spec] as const)]);
  const used = new Set<string>();
  const placed = tiles.flatMap((tile): Placement[] => {
    const was = before.get(tile.id);
    if (source.stack !== null && !was) return [];
    const own: Placement = was ?? { tile: tile.id, stackFromTile: tile.stageFromTile, rmsPx: 0, placedBy: 'stage' };
    const place = maps.get(tile.section);
    if (!place) return others === 'stay' ? [own] : [];
    const { map, placedBy, rmsPx } = place;
    if (!map.mesh && !own.transforms) {
      return [{ tile: tile.id, stackFromTile: composeAffine(wholeAffine(map), own.stackFromTile), placedBy, rmsPx }];
    }
    const { id } = added.get(String(tile.section))!;
    used.add(id);
    const transforms = [...(own.transforms ?? [leaf(own.stackFromTile)]), { type: 'ref', refId: id }];
    const size = [tile.widthPx, tile.heightPx] as const;
    const stackFromTile = nearestAffine(tileMapOf(transforms, shared, size).map, size);
    if (!stackFromTile) throw unplaced(tile.name);
    return [{ tile: tile.id, stackFromTile, transforms, placedBy, rmsPx }];
  });
  return { placed, shared: new Map([...shared].filter(([id]) => inherited.has(id) || used.has(id))) };
}

function specOf(map: SectionMap): TransformSpec {
  if (!map.mesh) return leaf(wholeAffine(map));
  const field = warpFieldOfMesh(map.mesh);
  return map.seen ? { type: 'list', specList: [leaf(map.seen), field] } : field;
}

function freeId(id: string, taken: ReadonlyMap<string, unknown>): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? id : `${id} (${n})`;
    if (!taken.has(name)) return name;
  }
}

const unplaced = (tile: string): LamellaError =>
  new LamellaError('bad-source', `The transforms of ${tile} lead to no place.`, {
    hint: 'Look at the transforms that it came with; reject the tile, or stitch its section anew.',
    fields: { tile },
  });
