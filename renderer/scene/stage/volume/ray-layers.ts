import type { Volume } from '../../../../preload/contract/library.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { frameOf } from '../../../state/rotation.ts';
import { gridOf } from '../../../state/volume-geometry.ts';
import type { BrickPool } from '../brick-pool.ts';
import type { Graphics } from '../graphics.ts';
import type { OrbitScene } from '../orbit.ts';
import type { DrawnLayer } from '../scene-layers.ts';
import type { Source } from '../sources.ts';
import { brickKey } from '../sources.ts';
import { BrickRanges } from './brick-ranges.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { orbitFrame, voxelSidesNm } from './orbit-frame.ts';
import type { CutPlanes, OrbitNeed } from './orbit-wants.ts';
import { bytesOfBrick, levelForPixels, orbitWants } from './orbit-wants.ts';
import type { PageTable, Resident } from './page-table.ts';
import { buildPageTable, levelOrder } from './page-table.ts';

import type { RayLayer } from './layer-table.ts';
import { mostPools } from './table-glsl.ts';

/** Of the textures and the memory, what one 3-D pane may want; the rest is for slices, and for what was seen before. */
const shareOfPane = 0.6;
const mostCells = 1 << 18;
/** Bricks are looked through for so long, each time a table is made. */
const rangesMs = 4;

interface Entry {
  readonly text: string;
  readonly need: OrbitNeed | null;
  readonly version: number;
  readonly table: PageTable | null;
  readonly late: boolean;
}

/** The page tables of a pane's layers, made again when the view or what is in the textures has changed. */
export class RayLayers {
  readonly #needs = new Map<string, { readonly text: string; readonly need: OrbitNeed | null }>();
  readonly #tables = new Map<string, Entry>();
  readonly #ranges = new BrickRanges();

  /** What a layer needs at a frame of device pixels. */
  needOf(graphics: Graphics, orbit: OrbitScene, drawn: DrawnLayer, frame: OrbitFrame): OrbitNeed | null {
    const planes = isRayed(drawn) ? null : orbit.scene.slicesIn3d ? slicePlanes(orbit) : undefined;
    if (planes === undefined) return null;
    const { worldFromLayer } = drawn.layer;
    const { clip } = orbit.scene;
    const mostBytes = this.#budget(graphics, orbit, drawn);
    const text = JSON.stringify([frame, clip, planes, worldFromLayer, drawn.source.key, mostBytes]);
    const known = this.#needs.get(drawn.layer.id);
    if (known?.text === text) return known.need;
    const { volume } = drawn.source;
    const seen = orbit.isPart ? reaching(volume, drawn, frame, orbit.magnified) : frame;
    const need = orbitWants({ volume, worldFromLayer, frame: seen, clip, planes, mostBytes, mostCells });
    this.#needs.set(drawn.layer.id, { text, need });
    return need;
  }

  /** Bytes that the bricks of a layer's target level may take. */
  #budget({ atlas }: Graphics, { layers, store }: OrbitScene, { source }: DrawnLayer): number {
    const { volume } = source;
    const sharing = layers.filter((one) => one.source.volume === volume).length;
    const slots = Math.min(...volume.levels.map((_, level) => slotBytes(atlas.poolOf(volume, level))));
    const all = layers.reduce((sum, one) => sum + allBytes(one.source.volume), 0);
    if (all <= store.capBytes * shareOfPane && allBytes(volume) * sharing <= slots) return Infinity;
    return Math.min((shareOfPane * slots) / sharing, (shareOfPane * store.capBytes) / layers.length);
  }

  /** A layer ready to be drawn. `divisor`: how much larger pixels are than those of the device. */
  rayLayer(graphics: Graphics, orbit: OrbitScene, drawn: DrawnLayer, divisor: number): RayLayer | null {
    const frame = orbitFrame(orbit.view, orbit.boundsNm, orbit.size, orbit.ratio);
    const need = this.needOf(graphics, orbit, drawn, frame);
    const table = need && this.#tableOf(graphics, orbit, drawn, need, divisor * frame.nmPerPx);
    if (!table) return null;
    const { volume } = drawn.source;
    const { table: labels } = orbit.tables.pageOf(drawn, drawn.source);
    // A picture that is being made may show the same layer otherwise.
    if (labels && drawn.look.kind === 'labels') labels.setLook(drawn.look.labels);
    return {
      drawn,
      layer: drawn.layer,
      table,
      poolOf: (level) => readablePools(graphics, volume, need.target).get(level)?.texture,
      labelColours: labels?.texture ?? null,
    };
  }

  #tableOf(
    graphics: Graphics,
    orbit: OrbitScene,
    drawn: DrawnLayer,
    need: OrbitNeed,
    nmPerPx: number,
  ): PageTable | null {
    const { atlas } = graphics;
    const { volume } = drawn.source;
    const wished = levelForPixels(volume, drawn.layer.worldFromLayer, nmPerPx);
    const text = JSON.stringify([need.target, need.from, need.to, wished, drawn.source.key]);
    const known = this.#tables.get(drawn.layer.id);
    if (known?.text === text && known.need === need && known.version === atlas.version && !known.late)
      return known.table;
    this.#ranges.begin(performance.now() + rangesMs);
    const pools = readablePools(graphics, volume, need.target);
    const order = levelOrder(volume.levels.length, need.target, wished).filter((level) => pools.has(level));
    const tableOf = (source: Source): PageTable =>
      buildPageTable({ volume, ...need, order, residents: this.#residents(graphics, orbit, drawn, source, need) });
    const now = tableOf(drawn.source);
    // Of another time or channel, what was there before stays until the first bricks are here.
    const table = now.entries === 0 && drawn.before ? tableOf(drawn.before) : now;
    this.#tables.set(drawn.layer.id, { text, need, version: atlas.version, table, late: this.#ranges.late });
    return table;
  }

  /** What is in the textures, and what is known to be empty. */
  *#residents(
    { atlas }: Graphics,
    { tables, store }: OrbitScene,
    drawn: DrawnLayer,
    source: Source,
    need: OrbitNeed,
  ): Generator<Resident> {
    for (const { level, at, slot } of atlas.residentOf(tables.pageOf(drawn, source).key)) {
      if (level < need.target) continue;
      const range =
        drawn.look.kind === 'image' ? this.#ranges.of(store.get(brickKey(source.key, [level, ...at]))) : undefined;
      yield { level, at, slot, range };
    }
    for (const [level, x, y, z] of need.bricks)
      if (store.isEmpty(brickKey(source.key, [level, x, y, z]))) yield { level, at: [x, y, z], slot: null };
  }

  /** Whether memory holds no level as fine as the pixels. */
  isCoarse(graphics: Graphics, orbit: OrbitScene, drawn: DrawnLayer, frame: OrbitFrame): boolean {
    const need = this.needOf(graphics, orbit, drawn, frame);
    return (
      need !== null && need.target > levelForPixels(drawn.source.volume, drawn.layer.worldFromLayer, frame.nmPerPx)
    );
  }

  /** Whether every brick of the right level is here. */
  isWhole({ atlas }: Graphics, { tables, store }: OrbitScene, drawn: DrawnLayer, need: OrbitNeed): boolean {
    const page = tables.pageOf(drawn, drawn.source).key;
    return need.bricks.every(
      (brick) =>
        brick[0] !== need.target ||
        atlas.has(brickKey(page, brick)) ||
        store.isEmpty(brickKey(drawn.source.key, brick)),
    );
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const map of [this.#needs, this.#tables]) for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
  }
}

/** What lies beside a part of a picture shades what is in it: voxels next to those seen, and labels that end at an outline. */
function reaching(volume: Volume, { layer, look }: DrawnLayer, frame: OrbitFrame, magnified: number): OrbitFrame {
  const level = volume.levels[levelForPixels(volume, layer.worldFromLayer, frame.nmPerPx)];
  const voxelPx = level ? Math.max(...voxelSidesNm(level, layer.worldFromLayer)) / frame.nmPerPx : 1;
  const outlinePx = look.kind === 'labels' && look.outlines ? magnified : 0;
  const px = 2 * Math.ceil(Math.max(outlinePx, 2 * voxelPx) + 1);
  return { ...frame, width: frame.width + px, height: frame.height + px };
}

export const isRayed = ({ layer }: DrawnLayer): boolean => layer.volumeMode !== 'off';

/** The three planes through the cross-hair. */
export function slicePlanes({ camera }: OrbitScene): CutPlanes {
  const normals = (['xy', 'xz', 'yz'] as const).map((plane): Vec3 => frameOf(plane, camera.rotation).normal);
  return { normals, positionNm: camera.positionNm };
}

const allBytes = (volume: Volume): number =>
  volume.levels.reduce(
    (sum, level, i) => sum + gridOf(level).reduce((n, count) => n * count, bytesOfBrick(volume, i)),
    0,
  );

const slotBytes = (pool: BrickPool | undefined): number => (pool ? pool.slots * pool.bytesPerSlot : Infinity);

/** Pools of the levels that a program can read: it has so many textures, the target's first, then the coarsest's. */
function readablePools({ atlas }: Graphics, volume: Volume, target: number): ReadonlyMap<number, BrickPool> {
  const kept = new Set<BrickPool>();
  const readable = new Map<number, BrickPool>();
  const coarseFirst = volume.levels.map((_, level) => level).toReversed();
  for (const level of [target, ...coarseFirst.filter((one) => one > target)]) {
    const pool = atlas.poolOf(volume, level);
    if (!pool || (!kept.has(pool) && kept.size >= mostPools)) continue;
    kept.add(pool);
    readable.set(level, pool);
  }
  return readable;
}
