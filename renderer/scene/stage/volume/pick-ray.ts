import type { Vec3 } from '../../../../preload/contract/space.ts';
import { storedWindow } from '../../../state/display.ts';
import { plus } from '../../../state/rotation.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { StoredValue } from '../brick-store.ts';
import { voxelOf } from '../brick-store.ts';
import type { Picked } from '../messages.ts';
import type { OrbitScene } from '../orbit.ts';
import type { DrawnLayer } from '../scene-layers.ts';
import { brickKey, kindOf } from '../sources.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { longestSideNm, rayStart } from './orbit-frame.ts';
import type { PageTable } from './page-table.ts';
import { rayUniforms } from './ray-uniforms.ts';
import { correctedOpacity, opacityAt } from './transfer-lut.ts';
import { fadesPerSide, referencesPerSide } from './volume-drawer.ts';

/** What lies under a point of a 3-D pane, by one ray through the bricks in memory. */

export interface PickLayer {
  readonly drawn: DrawnLayer;
  readonly table: PageTable;
}

interface Sample {
  /** From where the ray starts, nm. */
  readonly depthNm: number;
  readonly value: StoredValue;
  readonly stepNm: number;
}

interface Hit {
  readonly depthNm: number;
  /** Whether it hides what is behind it; else it is the place that gave the ray most of its colour. */
  readonly solid: boolean;
  readonly layer: string;
  readonly key: string | null;
}

/** The nearest surface or label; where there is none in front of `shapeNm`, what the highest projection shows. */
export function pickInVolumes(
  orbit: OrbitScene,
  frame: OrbitFrame,
  layers: readonly PickLayer[],
  pixel: readonly [number, number],
  shapeNm: number,
): Picked | null {
  const hits = layers.flatMap((layer) => hitOf(orbit, frame, layer, pixel, shapeNm) ?? []);
  const solid = hits.filter((hit) => hit.solid).toSorted((a, b) => a.depthNm - b.depthNm)[0];
  const hit = solid ?? (shapeNm === Infinity ? hits.at(-1) : undefined);
  if (!hit) return null;
  return { positionNm: plus(rayStart(frame, ...pixel), frame.forward, hit.depthNm), layer: hit.layer, key: hit.key };
}

function hitOf(
  orbit: OrbitScene,
  frame: OrbitFrame,
  { drawn, table }: PickLayer,
  pixel: readonly [number, number],
  endNm: number,
): Hit | null {
  const { layer, source } = drawn;
  const samples = samplesAlong(orbit, frame, { drawn, table }, pixel, endNm);
  const found = (sample: Sample | null, solid: boolean, key: string | null = null): Hit | null =>
    sample && { depthNm: sample.depthNm, solid, layer: layer.id, key };
  if (layer.type === 'segmentation') {
    const selected = new Set(layer.selected);
    const shows = (label: StoredValue): boolean =>
      label !== '0' && (layer.shows === 'all' || selected.has(String(label)));
    for (const sample of samples) if (shows(sample.value)) return found(sample, true, String(sample.value));
    return null;
  }
  const [low, high] = storedWindow(source.volume.display, layer.window);
  const windowed = (value: StoredValue): number =>
    Math.max(0, Math.min(1, (Number(value) - low) / Math.max(1e-6, high - low)));
  if (layer.volumeMode === 'surface') {
    for (const sample of samples) if (windowed(sample.value) >= layer.surfaceAt) return found(sample, true);
    return null;
  }
  return found(brightest(samples, weightOf(drawn, windowed)), false);
}

/** How much a sample gives to its ray's colour, front first: each mode's own measure. */
function weightOf({ layer, source }: DrawnLayer, windowed: (value: StoredValue) => number): (sample: Sample) => number {
  if (layer.type !== 'image') return () => 0;
  const side = longestSideNm(source.volume, layer.worldFromLayer);
  if (layer.volumeMode === 'min') return ({ value }) => -Number(value);
  if (layer.volumeMode === 'attenuated') {
    let crossed = 0;
    return ({ value, stepNm }) => {
      const here = windowed(value);
      const weight = here * Math.exp(-layer.attenuation * crossed);
      crossed += (here * stepNm * fadesPerSide) / side;
      return weight;
    };
  }
  if (layer.volumeMode !== 'translucent') return ({ value }) => Number(value);
  let through = 1;
  return ({ value, stepNm }) => {
    const alpha = correctedOpacity(opacityAt(layer.transfer, windowed(value)), (stepNm * referencesPerSide) / side);
    const weight = alpha * through;
    through *= 1 - alpha;
    return weight;
  };
}

function brightest(samples: Iterable<Sample>, weight: (sample: Sample) => number): Sample | null {
  let best: Sample | null = null;
  let most = -Infinity;
  for (const sample of samples) {
    const here = weight(sample);
    if (here > most) [best, most] = [sample, here];
  }
  return best;
}

interface Rays {
  readonly uOrigin: Vec3;
  readonly uStepX: Vec3;
  readonly uStepY: Vec3;
  readonly uRay: Vec3;
  readonly uEnd: Vec3;
  readonly uStartNm: number;
  readonly uHalfSpaces: readonly number[];
  readonly uHalfSpaceCount: number;
}

/** Values along a ray, front first: one for each half voxel of the table's level, of the finest brick that is here. */
function* samplesAlong(
  { scene, store }: OrbitScene,
  frame: OrbitFrame,
  { drawn, table }: PickLayer,
  [px, py]: readonly [number, number],
  endNm: number,
): Generator<Sample> {
  const { worldFromLayer } = drawn.layer;
  const rays = rayUniforms({ frame, table, worldFromLayer, clip: scene.clip, closely: true }) as Rays | null;
  if (!rays) return;
  const row = frame.height - py;
  const from = map3((a) => rays.uOrigin[a] + px * rays.uStepX[a] + row * rays.uStepY[a]);
  const [near, far] = spanOf(rays, from, px, row);
  const stepNm = 0.5 / Math.max(...rays.uRay.map(Math.abs));
  const until = Math.min(far, endNm - rays.uStartNm);
  for (let t = near + stepNm / 2; t < until; t += stepNm) {
    const value = valueAt(
      drawn,
      table,
      store,
      map3((a) => from[a] + t * rays.uRay[a]),
    );
    if (value !== null) yield { depthNm: t + rays.uStartNm, value, stepNm };
  }
}

function spanOf(
  { uRay, uEnd, uHalfSpaces, uHalfSpaceCount }: Rays,
  from: Vec3,
  px: number,
  row: number,
): readonly [number, number] {
  let [near, far] = [-Infinity, Infinity];
  for (const a of [0, 1, 2] as const) {
    const [p, q] = [-from[a] / uRay[a], (uEnd[a] - from[a]) / uRay[a]];
    near = Math.max(near, Math.min(p, q));
    far = Math.min(far, Math.max(p, q));
  }
  for (let i = 0; i < uHalfSpaceCount; i++) {
    const [x = 0, y = 0, z = 0, w = 0] = uHalfSpaces.slice(4 * i, 4 * i + 4);
    const away = x + y * px + z * row;
    if (w > 0) far = Math.min(far, -away / w);
    else if (w < 0) near = Math.max(near, -away / w);
    else if (away > 0) far = -Infinity;
  }
  return [near, far];
}

/** The value at a place of the table. */
function valueAt(drawn: DrawnLayer, table: PageTable, store: OrbitScene['store'], place: Vec3): StoredValue | null {
  const cell = table.levels[0]?.brick ?? [1, 1, 1];
  const at = map3((a) => Math.max(0, Math.min(table.cells[a] - 1, Math.floor(place[a] / cell[a]))));
  const number = table.index[at[0] + table.cells[0] * (at[1] + table.cells[1] * at[2])] ?? 0;
  const resident = table.residents[number - 1];
  const level = resident && table.levels[resident.level - table.target];
  if (!resident || !level) return null;
  const held = store.get(brickKey(drawn.source.key, [resident.level, ...resident.at]));
  if (!held) return null;
  const voxel = map3((a) => {
    const inLevel = Math.floor(place[a] * level.scale[a] + level.offset[a]) + level.base[a];
    return Math.max(0, Math.min(held.size[a] - 1, inLevel - resident.at[a] * level.brick[a]));
  });
  return voxelOf(held, kindOf(drawn.source.volume), voxel);
}
