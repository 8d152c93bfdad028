import type { TaskOutput } from '../../../native-workers/tasks.ts';
import type { PreviewPlane } from '../../../preload/contract/deform.ts';
import type { PlaneName } from '../../../preload/contract/register-planes.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import { isSection } from './level-for.ts';
import type { GridEnv } from './grid-input.ts';
import { gridHeader, kernelThreads } from './deform-space.ts';
import { greysOf, sampler, type Greys } from './greys.ts';
import { planeAxes, planeNames } from './plane-grids.ts';
import type { WorkingLevels } from './working-levels.ts';

export interface PreviewOf {
  readonly fixed: WorkingLevels;
  readonly moving: WorkingLevels;
  /** 3 x 4, rows first, µm. */
  readonly movingFromFixed: readonly number[];
  readonly state: TaskOutput<'register-lddmm'>['state'];
  readonly velocities: Uint8Array;
}

export interface Preview {
  readonly planes: PreviewPlane[];
  readonly bytes: Uint8Array;
}

/** Pixels of a side, at most. */
const mostPixels = 160;
/** Places along the longer side of a plane that the grid is told at, about. */
const places = 28;

/** Three planes through the middle of the fixed volume, one of a section, and the moving one as it is seen there now. */
export async function previewOf(of: PreviewOf, env: GridEnv): Promise<Preview> {
  const tones = [greysOf(of.fixed.levels), greysOf(of.moving.levels)] as const;
  const told: PreviewPlane[] = [];
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const plane of isSection(of.fixed) ? planeNames.slice(0, 1) : planeNames) {
    const made = await planeOf(of, plane, tones, env);
    const { fixed, moved, grid, ...size } = made;
    const at = { grid: length, fixed: length + grid.byteLength, moved: length + grid.byteLength + fixed.byteLength };
    const padding = new Uint8Array((4 - ((fixed.byteLength + moved.byteLength) % 4)) % 4);
    for (const part of [new Uint8Array(grid.buffer), fixed, moved, padding]) {
      parts.push(part);
      length += part.byteLength;
    }
    told.push({ plane, ...size, at });
  }
  return { planes: told, bytes: new Uint8Array(Buffer.concat(parts)) };
}

async function planeOf(of: PreviewOf, plane: PlaneName, tones: readonly [Greys, Greys], env: GridEnv) {
  const [u, v, across] = planeAxes[plane];
  const { size, spacingUm, originUm } = gridHeader(of.fixed);
  const by = Math.max(1, Math.ceil(Math.max(size[u], size[v]) / mostPixels));
  const [width, height] = [Math.ceil(size[u] / by), Math.ceil(size[v] / by)];
  const middle = Math.floor(size[across] / 2);
  const pixel = (i: number): Vec3 =>
    mapAxes((k) => (k === u ? by * (i % width) : k === v ? by * Math.floor(i / width) : middle));
  const led = await displacements(of, { plane, by, middle, width, height }, env);
  const count = width * height;
  const [fixed, moved] = [new Uint8Array(count), new Uint8Array(count)];
  const m = of.movingFromFixed;
  const levelAt = sampler(of.moving);
  for (let i = 0; i < count; i++) {
    const index = pixel(i);
    const at = mapAxes((k) => originUm[k] + index[k] * spacingUm[k] + led(i, k));
    const there = mapAxes((r) => m[4 * r]! * at[0] + m[4 * r + 1]! * at[1] + m[4 * r + 2]! * at[2] + m[4 * r + 3]!);
    fixed[i] = tones[0](of.fixed.levels[(index[2] * size[1] + index[1]) * size[0] + index[0]]!);
    moved[i] = tones[1](levelAt(there));
  }
  const stepPx = Math.max(1, Math.round(Math.max(width, height) / places));
  const [columns, rows] = [Math.ceil(width / stepPx), Math.ceil(height / stepPx)];
  const grid = Float32Array.from({ length: 2 * columns * rows }, (_, i) => {
    const node = i >> 1;
    return led(stepPx * (Math.floor(node / columns) * width + (node % columns)), i % 2 === 0 ? u : v);
  });
  return {
    width,
    height,
    spacingUm: [by * spacingUm[u], by * spacingUm[v]] as [number, number],
    columns,
    rows,
    stepPx,
    fixed,
    moved,
    grid,
  };
}

interface PlaneAt {
  readonly plane: PlaneName;
  readonly by: number;
  readonly middle: number;
  readonly width: number;
  readonly height: number;
}

/** By how much pixel i is displaced along axis k, µm. The kernel wants a volume: the plane is two voxels thick. */
async function displacements(
  { fixed, state, velocities }: PreviewOf,
  { plane, by, middle, width, height }: PlaneAt,
  { kernels, signal }: GridEnv,
): Promise<(i: number, k: 0 | 1 | 2) => number> {
  const [u, v, across] = planeAxes[plane];
  const whole = gridHeader(fixed);
  const size = mapAxes((k) => Math.max(2, k === u ? width : k === v ? height : 2));
  const target = {
    size,
    spacingUm: mapAxes((k) => (k === across ? 1 : by) * whole.spacingUm[k]),
    originUm: mapAxes((k) => whole.originUm[k] + (k === across ? middle * whole.spacingUm[k] : 0)),
  };
  const threads = kernelThreads(kernels);
  const { outputs } = await kernels.run('lddmm-maps', { state, target, threads }, { inputs: [velocities], signal });
  const [bytes = new Uint8Array(12 * voxelsIn(size))] = outputs;
  const by3 = new Float32Array(bytes.slice().buffer);
  const stride = [1, size[0], size[0] * size[1]] as const;
  return (i, k) => by3[3 * ((i % width) * stride[u] + Math.floor(i / width) * stride[v]) + k] ?? 0;
}
