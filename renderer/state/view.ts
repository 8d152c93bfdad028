import { create } from 'zustand';
import { z } from 'zod';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { vec3Schema } from '../../preload/contract/space.ts';
import { engine } from '../engine.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { session, useSession } from './session.ts';
import { attempt } from './toasts.ts';
import type { Axis, PaneId, Plane } from './volume-geometry.ts';
import { boundsNm, centreOfVoxelNm, clampToVolume, map3, planeAxes, voxelAt } from './volume-geometry.ts';

export type Projection = 'max' | 'min' | 'planes';
export type ViewLayout = 'four' | PaneId;

/** What is kept of a view between starts, for each volume. */
const keptSchema = z.object({
  positionNm: vec3Schema,
  nmPerPx: z.number().positive(),
  /** Whether the scale follows the size of the panes. */
  fitted: z.boolean(),
  window: z.tuple([z.number(), z.number()]).readonly(),
  gamma: z.number().positive(),
  inverted: z.boolean(),
  projection: z.enum(['max', 'min', 'planes']),
  orbit: z.object({ yaw: z.number(), pitch: z.number(), zoom: z.number().positive() }).readonly(),
});
type Kept = z.infer<typeof keptSchema>;

/** What the drawing worker tells of itself. */
export interface DrawStats {
  /** Bricks asked for and not here yet. */
  readonly inFlight: number;
  readonly residentBytes: number;
  /** Level drawn in the active slice pane, 0 = full resolution. */
  readonly level: number;
}

interface ViewState extends Kept {
  readonly volume: Volume | null;
  readonly histogram: { readonly counts: readonly number[]; readonly range: readonly [number, number] } | null;
  readonly layout: ViewLayout;
  readonly activePane: PaneId;
  /** CSS pixels of the panes that are shown. */
  readonly paneSizes: Partial<Record<PaneId, { readonly width: number; readonly height: number }>>;
  /** Where the pointer is, and the voxel's value once known. */
  readonly cursor: { readonly positionNm: Vec3; readonly value: number | null } | null;
  readonly stats: DrawStats | null;
  /** Counts the times that the user restarted the graphics. */
  readonly graphicsRun: number;
}

const fresh: Kept = {
  positionNm: [0, 0, 0],
  nmPerPx: 1,
  fitted: true,
  window: [0, 255],
  gamma: 1,
  inverted: false,
  projection: 'max',
  orbit: { yaw: -0.6, pitch: 0.75, zoom: 1 },
};

export const useView = create<ViewState>(() => ({
  ...fresh,
  volume: null,
  histogram: null,
  layout: 'four',
  activePane: 'xy',
  paneSizes: {},
  cursor: null,
  stats: null,
  graphicsRun: 0,
}));

const get = useView.getState;
const set = useView.setState;
export const setView = (change: Partial<ViewState>): void => set(change);

export function measurePane(pane: PaneId, width: number, height: number): void {
  const { [pane]: _before, ...others } = get().paneSizes;
  set({ paneSizes: width < 2 || height < 2 ? others : { ...others, [pane]: { width, height } } });
  if (get().fitted) fitScale();
}

/** The scale at which every slice pane shows all of the volume. Kept to while panes change, until the user zooms. */
function fitScale(): void {
  const { volume, paneSizes } = get();
  if (!volume) return;
  const { min, max } = boundsNm(volume);
  const needed = (['xy', 'xz', 'yz'] as const).flatMap((pane) => {
    const size = paneSizes[pane];
    if (!size) return [];
    const { width, height } = size;
    const { right, down } = planeAxes[pane];
    return [Math.max((max[right] - min[right]) / width, (max[down] - min[down]) / height)];
  });
  if (needed.length > 0) set({ nmPerPx: 1.06 * Math.max(...needed), fitted: true });
}

/** The whole volume in every pane, with the cross-hair in its middle. */
export function fitVolume(): void {
  const { volume } = get();
  if (!volume) return;
  set({ positionNm: middleOf(volume), orbit: fresh.orbit });
  fitScale();
}

function middleOf(volume: Volume): Vec3 {
  const { min, max } = boundsNm(volume);
  return centreOfVoxelNm(
    volume,
    voxelAt(
      volume,
      map3((a) => (min[a] + max[a]) / 2),
    ),
  );
}

const keptKey = (volume: string): string => `lamella.view.2.${volume}`;

function recall(volume: Volume): Kept | null {
  try {
    return keptSchema.parse(JSON.parse(localStorage.getItem(keptKey(volume.id)) ?? 'null'));
  } catch {
    return null;
  }
}

/** Opens the session's volume where it was left, or fitted and with its suggested contrast. */
export async function loadVolume(): Promise<void> {
  const id = session().volume;
  const volume = useLibrary.getState().library?.volumes.find((one) => one.id === id) ?? null;
  if (volume?.id === get().volume?.id) return;
  const kept = volume && recall(volume);
  set({
    ...fresh,
    ...(volume && { window: volume.window, positionNm: middleOf(volume) }),
    ...kept,
    volume,
    histogram: null,
    cursor: null,
    stats: null,
  });
  if (!volume) return;
  if (get().fitted) fitScale();
  const answer = await attempt(() => engine().view.histogram({ library: openLibraryId(), volume: volume.id }));
  if (!answer || get().volume?.id !== volume.id) return;
  set({ histogram: answer.value, ...(kept ? {} : { projection: tellingProjection(answer.value, volume.window) }) });
}

/** A maximum says something where most voxels are dark, as in fluorescence; elsewhere it is a white block. */
function tellingProjection(
  { counts, range }: NonNullable<ViewState['histogram']>,
  window: readonly [number, number],
): Projection {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  const middle = counts.findIndex((count) => (below += count) >= total / 2);
  const median = range[0] + ((middle + 0.5) / counts.length) * (range[1] - range[0]);
  return (median - window[0]) / (window[1] - window[0]) < 0.25 ? 'max' : 'planes';
}

useSession.subscribe((now, before) => {
  if (now.volume !== before.volume) void loadVolume();
});
useLibrary.subscribe((now, before) => {
  if (now.library !== before.library) void loadVolume();
});
onLibraryChanged(loadVolume);

let saving: ReturnType<typeof setTimeout> | undefined;
useView.subscribe(({ volume }) => {
  if (!volume) return;
  clearTimeout(saving);
  saving = setTimeout(() => {
    const now = get();
    // The schema keeps its own keys and drops the rest of the state.
    if (now.volume?.id === volume.id) localStorage.setItem(keptKey(volume.id), JSON.stringify(keptSchema.parse(now)));
  }, 300);
});

export function moveTo(positionNm: Vec3): void {
  const { volume } = get();
  if (volume) set({ positionNm: clampToVolume(volume, positionNm) });
}

const shifted = (position: Vec3, changes: ReadonlyArray<readonly [Axis, number]>): Vec3 =>
  map3((axis) => changes.reduce((sum, [at, by]) => (at === axis ? sum + by : sum), position[axis]));

/** Moves the view by CSS pixels of a plane: positive goes right and down in the data. */
export function panBy(plane: Plane, dxPx: number, dyPx: number): void {
  const { positionNm, nmPerPx } = get();
  const { right, down } = planeAxes[plane];
  set({ fitted: false });
  moveTo(
    shifted(positionNm, [
      [right, dxPx * nmPerPx],
      [down, dyPx * nmPerPx],
    ]),
  );
}

const nmPerPxRange = [0.01, 1e6] as const;

/** Zooms so that what lies `dxPx, dyPx` from the middle of the pane stays there. A factor under 1 magnifies. */
export function zoomAt(plane: Plane, factor: number, dxPx = 0, dyPx = 0): void {
  const { nmPerPx, positionNm } = get();
  const next = Math.min(nmPerPxRange[1], Math.max(nmPerPxRange[0], nmPerPx * factor));
  const { right, down } = planeAxes[plane];
  set({ nmPerPx: next, fitted: false });
  moveTo(
    shifted(positionNm, [
      [right, dxPx * (nmPerPx - next)],
      [down, dyPx * (nmPerPx - next)],
    ]),
  );
}

/** Steps through the volume along a plane's normal, in voxels of level 0. */
export function stepThrough(plane: Plane, voxels: number): void {
  const { volume, positionNm } = get();
  const voxel = volume?.levels[0]?.voxelSizeNm;
  if (!voxel) return;
  const { normal } = planeAxes[plane];
  moveTo(shifted(positionNm, [[normal, voxels * voxel[normal]]]));
}

export function orbitBy(yaw: number, pitch: number): void {
  const { orbit } = get();
  const limit = Math.PI / 2;
  set({ orbit: { ...orbit, yaw: orbit.yaw + yaw, pitch: Math.max(-limit, Math.min(limit, orbit.pitch + pitch)) } });
}

const orbitAlong: readonly { readonly yaw: number; readonly pitch: number }[] = [
  { yaw: Math.PI / 2, pitch: 0 },
  { yaw: 0, pitch: Math.PI / 2 },
  { yaw: 0, pitch: 0 },
];

/** Turns the 3-D pane to look along an axis of the data. */
export const lookAlong = (axis: Axis): void => set({ orbit: { ...get().orbit, ...orbitAlong[axis] } });

export function zoomOrbit(factor: number): void {
  const { orbit } = get();
  set({ orbit: { ...orbit, zoom: Math.max(0.2, Math.min(20, orbit.zoom * factor)) } });
}

/** The window that leaves 0.1 % of the voxels out at either end. */
export function autoContrast(): void {
  const { volume } = get();
  if (volume) set({ window: volume.window, gamma: 1 });
}

/** Sets the scale; the cross-hair stays in the middle. */
export const setScale = (nmPerPx: number): void => set({ nmPerPx, fitted: false });

/** Gives the GPU up and takes it again, for drivers that went wrong. */
export const restartGraphics = (): void => set(({ graphicsRun }) => ({ graphicsRun: graphicsRun + 1 }));

/** One pane alone, or all four. */
export const setLayout = (layout: ViewLayout): void =>
  set(layout === 'four' ? { layout } : { layout, activePane: layout });
export const toggleMaximised = (pane: PaneId): void => setLayout(get().layout === pane ? 'four' : pane);
