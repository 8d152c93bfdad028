import { viewThrough } from './plane-view.ts';
import type { Tile } from './plane-view.ts';
import { planeViewOf } from './plane-view.ts';
import { PlaneCuts } from './plane-cuts.ts';
import type { BrickAtlas } from './brick-atlas.ts';
import type { ShotRequest } from './messages.ts';
import type { DrawnLayer } from './scene-layers.ts';
import { brickBytes } from './sources.ts';

/** Of the memory there is, what one piece of a picture may need: the panes on the screen need some too. */
const share = 0.5;
/** A piece that is no longer than this is drawn as well as it can be. */
const leastPx = 64;
/** The same of a 3-D picture: rays through a deep volume need much of it, however few they are. */
const leastOrbitPx = 512;

/** The parts of a tile that are drawn one by one, so that the bricks of each fit into the memory and the textures. */
export function piecesOf(
  request: ShotRequest,
  layers: readonly DrawnLayer[],
  atlas: BrickAtlas,
  capBytes: number,
): readonly Tile[] {
  const cut = (tile: Tile): readonly Tile[] => {
    if (!canHalve(tile, false) || fits(request, tile, layers, atlas, capBytes)) return [tile];
    return halves(tile).flatMap(cut);
  };
  return request.pane.kind === '3d' ? [request.tile] : cut(request.tile);
}

export const canHalve = ({ width, height }: Tile, isOrbit: boolean): boolean =>
  Math.max(width, height) > (isOrbit ? leastOrbitPx : leastPx);

export function halves({ x, y, width, height }: Tile): readonly Tile[] {
  const [left, top] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  if (width >= height)
    return [
      { x, y, width: left, height },
      { x: x + left, y, width: width - left, height },
    ];
  return [
    { x, y, width, height: top },
    { x, y: y + top, width, height: height - top },
  ];
}

function fits(
  { pane: { kind }, camera, size }: ShotRequest,
  tile: Tile,
  layers: readonly DrawnLayer[],
  atlas: BrickAtlas,
  capBytes: number,
): boolean {
  if (kind === '3d') return true;
  let bytes = 0;
  const slots = new Map<object, { readonly most: number; needed: number; all: number }>();
  const cutsOf = new Map<string, PlaneCuts>();
  for (const { place } of layers) {
    const view = viewThrough(place.layerFromWorld, planeViewOf(kind, camera, size, tile));
    const cuts = cutsOf.get(place.key) ?? new PlaneCuts(place.volume, view);
    cutsOf.set(place.key, cuts);
    const count = cuts.of(cuts.target).length;
    bytes += count * brickBytes(place.volume, cuts.target);
    const pool = atlas.poolOf(place.volume, cuts.target);
    if (!pool) continue;
    const use = slots.get(pool) ?? { most: pool.slots, needed: 0, all: 0 };
    use.needed += count;
    for (const [level, { size, brick }] of place.volume.levels.entries())
      if (atlas.poolOf(place.volume, level) === pool)
        use.all += size.reduce((n, voxels, a) => n * Math.ceil(voxels / (brick[a] ?? 1)), 1);
    slots.set(pool, use);
  }
  return (
    bytes <= capBytes * share &&
    [...slots.values()].every(({ most, needed, all }) => all <= most || needed <= most * share)
  );
}
