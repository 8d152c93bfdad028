import { create } from 'zustand';
import type { WireError } from '../../../preload/contract/errors.ts';
import { toWireError } from '../../../preload/contract/errors.ts';
import type { PlaneName, RegisterPlane } from '../../../preload/contract/register-planes.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { engine } from '../../engine.ts';
import { useLibrary } from '../library.ts';
import { useSession } from '../session.ts';
import { map3, planeAxes } from '../volume-geometry.ts';
import { movedNow, useNudge } from './nudge.ts';
import { registerNow, type RegisterState, selectedRegistration, useRegister } from './register.ts';

/** Pictures of the two volumes over each other, and how they are looked at. */

export type PlaneLook = 'checker' | 'blend' | 'colours' | 'grid' | 'jacobian';

/** How a plane bends, at places of a lattice over its picture. */
export interface PlaneBends {
  readonly columns: number;
  readonly rows: number;
  /** Where the first place lies and how far it is to the next, pixels of the picture along u and v. */
  readonly firstPx: number;
  readonly stepPx: readonly [number, number];
  /** Displacement along u and v, µm, of columns x rows each. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** Natural logarithm of the determinant of the Jacobian; null where it was not told. */
  readonly log: Float32Array | null;
}

/** One plane, as it was drawn. */
export interface PlanePicture {
  readonly plane: PlaneName;
  readonly width: number;
  readonly height: number;
  /** Of a pixel, along u and v. */
  readonly spacingUm: readonly [number, number];
  /** Outer corner of the first pixel. */
  readonly originUm: readonly [number, number];
  readonly fixed: Uint8Array;
  readonly moved: Uint8Array | null;
  /** null where nothing bends. */
  readonly bends: PlaneBends | null;
}

interface PlanesState {
  readonly pictures: readonly PlanePicture[] | null;
  /** What they are of: pictures of other volumes are not shown. */
  readonly of: string | null;
  readonly reading: boolean;
  readonly problem: WireError | null;
  /** Where the planes cross, nm of the fixed volume; null: its middle. */
  readonly at: Vec3 | null;
  readonly look: PlaneLook;
  /** Side of a square of the checkerboard, pixels of the picture. */
  readonly tilePx: number;
  /** 0: the fixed volume, 1: the moving one. */
  readonly mix: number;
  /** Light and dark of the moving volume are swapped: contrasts of two modalities often are. */
  readonly inverted: boolean;
  /** The plane that keys move. */
  readonly active: PlaneName;
}

export const usePlanes = create<PlanesState>(() => ({
  pictures: null,
  of: null,
  reading: false,
  problem: null,
  at: null,
  look: 'checker',
  tilePx: 24,
  mix: 0.5,
  inverted: false,
  active: 'xy',
}));
const get = usePlanes.getState;
const set = usePlanes.setState;

export const setPlaneLook = (look: PlaneLook): void => set({ look });
export const setPlaneTile = (tilePx: number): void => set({ tilePx });
export const setPlaneMix = (mix: number): void => set({ mix });
export const setInverted = (inverted: boolean): void => set({ inverted });
export const setActivePlane = (active: PlaneName): void => set({ active });

const sidePx = 384;
/** Smaller while it is moved by hand, so that it follows. */
const movingSidePx = 224;
const bendPlaces = 64;

/** The two volumes with what lays them over each other: pictures of others are not shown. */
export const pairKey = ({ fixed, moving, selected }: RegisterState): string => `${fixed} ${moving} ${selected}`;

/** What is asked of the engine; the same text means the same pictures. */
function wanted() {
  const { library } = useLibrary.getState();
  const { fixed, moving, fixedChannel, movingChannel, step } = registerNow();
  if (!library || fixed === null || moving === null || step === 'choose') return null;
  if (useSession.getState().room !== 'register') return null;
  const registration = selectedRegistration();
  const moved = movedNow();
  const { at } = get();
  const nudging = useNudge.getState().active;
  return {
    library: library.library,
    ...(registration ? { registration: registration.id } : { fixed, moving }),
    ...{ fixedChannel, movingChannel },
    ...(at && { at }),
    ...(moved && { moved: [...moved] }),
    sidePx: nudging && moved ? movingSidePx : sidePx,
    bends: registration?.kind === 'deformable' && !moved ? bendPlaces : 0,
  };
}

let asked = '';
let isAsking = false;

/** Reads the pictures anew where something about them changed; one reading at a time, the last wish next. */
export async function readPlanes(): Promise<void> {
  if (isAsking) return;
  const request = wanted();
  if (!request) return;
  const key = JSON.stringify([request, selectedRegistration()?.movingFromFixed]);
  if (key === asked) return;
  asked = key;
  isAsking = true;
  const of = pairKey(registerNow());
  set({ reading: true });
  try {
    const { value, bytes } = await engine().register.planes(request);
    set({ pictures: picturesOf(value, bytes ?? new Uint8Array()), of, problem: null });
  } catch (error) {
    set({ problem: toWireError(error), of, pictures: null });
  } finally {
    isAsking = false;
    set({ reading: false });
  }
  await readPlanes();
}

/** After a failure: asks again. */
export function retryPlanes(): void {
  asked = '';
  void readPlanes();
}

interface Told {
  readonly planes: readonly RegisterPlane[];
  readonly moves: boolean;
}

/** Takes the answer of `register.planes` apart. Pure. */
export function picturesOf({ planes, moves }: Told, bytes: Uint8Array): readonly PlanePicture[] {
  let at = 0;
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length));
  const fixed = planes.map(({ width, height }) => take(width * height));
  const moved = planes.map(({ width, height }) => (moves ? take(width * height) : null));
  at += -at & 3;
  const floats = (count: number): Float32Array => new Float32Array(take(4 * count).slice().buffer);
  return planes.map(({ plane, width, height, pixelUm, originUm, columns, rows }, i) => {
    const count = columns * rows;
    const stepPx = [width / (columns - 1), height / (rows - 1)] as const;
    const lattice = { columns, rows, firstPx: 0, stepPx };
    const bends = count > 0 ? { ...lattice, u: floats(count), v: floats(count), log: floats(count) } : null;
    const shown = { plane, width, height, originUm, spacingUm: [pixelUm, pixelUm] as const };
    return { ...shown, fixed: fixed[i] ?? new Uint8Array(), moved: moved[i] ?? null, bends };
  });
}

/** Where the planes cross now, µm: as the user put it, or the middle. */
export function crossingUm(): Vec3 | null {
  const { at, pictures } = get();
  if (at) return map3((i) => at[i] / 1000);
  const [xy, , yz] = pictures ?? [];
  if (!xy || !yz) return null;
  const middle = ({ originUm, spacingUm, width, height }: PlanePicture, k: 0 | 1): number =>
    originUm[k] + ((k === 0 ? width : height) * spacingUm[k]) / 2;
  return [middle(xy, 0), middle(xy, 1), middle(yz, 1)];
}

/** Lets the other two planes go through a point of this one, µm. */
export function crossAt(plane: PlaneName, uUm: number, vUm: number): void {
  const now = crossingUm();
  if (!now) return;
  const { right, down } = planeAxes[plane];
  set({ at: map3((i) => 1000 * (i === right ? uUm : i === down ? vUm : now[i])), active: plane });
}

/** Moves the crossing by pixels of the plane that has the keys: right, down, and into it. */
export function moveCrossing(right: number, down: number, into: number): void {
  const now = crossingUm();
  const { active, pictures } = get();
  const pixelUm = pictures?.[0]?.spacingUm[0];
  if (!now || pixelUm === undefined) return;
  const axes = planeAxes[active];
  const steps = { [axes.right]: right, [axes.down]: down, [axes.normal]: into };
  set({ at: map3((i) => clamped(i, 1000 * (now[i] + (steps[i] ?? 0) * pixelUm))) });
}

/** Within the fixed volume, nm. */
function clamped(axis: 0 | 1 | 2, nm: number): number {
  const fixed = registerNow().fixed;
  const level = useLibrary.getState().library?.volumes.find(({ id }) => id === fixed)?.levels[0];
  if (!level) return nm;
  const [low, high] = [level.originNm[axis], level.originNm[axis] + level.size[axis] * level.voxelSizeNm[axis]];
  return Math.max(low, Math.min(high, nm));
}

useRegister.subscribe((now, before) => {
  if (now.fixed !== before.fixed) set({ at: null });
  void readPlanes();
});
useNudge.subscribe(() => void readPlanes());
useSession.subscribe(() => void readPlanes());
usePlanes.subscribe((now, before) => {
  if (now.at !== before.at) void readPlanes();
});
