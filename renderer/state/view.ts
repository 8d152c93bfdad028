import { create } from 'zustand';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Axis, PaneId, Plane } from './volume-geometry.ts';
import { boundsNm, centreOfVoxelNm, clampToVolume, map3, planeAxes, voxelAt } from './volume-geometry.ts';

export type Projection = 'max' | 'min' | 'planes';
export type ViewLayout = 'four' | PaneId;

/** What the drawing worker tells of itself. */
export interface DrawStats {
  /** Bricks asked for and not here yet. */
  readonly inFlight: number;
  /** Bricks in memory, and in the textures. */
  readonly memoryBytes: number;
  readonly graphicsBytes: number;
  /** Level drawn in the active slice pane, 0 = full resolution. */
  readonly level: number;
  /** Slices drawn since the volume was first shown whole, and those of them with a place where nothing was drawn. */
  readonly frames: number;
  readonly blankFrames: number;
  /** Bricks of the right level that came into view, and those of them that were in memory already. */
  readonly entered: number;
  readonly ready: number;
}

/** What is under the pointer. */
export interface Cursor {
  readonly positionNm: Vec3;
  /** As bricks hold it. */
  readonly stored: number | null;
  /** The grey value that stands for, as near as bricks tell. */
  readonly value: number | null;
  /** The value itself, once the pointer has rested where bricks hold something else. */
  readonly exact: string | null;
}

/** What is kept of a view between starts, for each volume. */
export interface Kept {
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  /** Whether the scale follows the size of the panes. */
  readonly fitted: boolean;
  /** Grey values that are drawn black and white. */
  readonly window: GreyWindow;
  /** Windows of the channels that were looked at. */
  readonly windows: Readonly<Record<string, GreyWindow>>;
  readonly channel: number;
  readonly time: number;
  readonly gamma: number;
  readonly inverted: boolean;
  readonly projection: Projection;
  readonly orbit: { readonly yaw: number; readonly pitch: number; readonly zoom: number };
}

export type GreyWindow = readonly [number, number];

interface ViewState extends Kept {
  readonly volume: Volume | null;
  readonly layout: ViewLayout;
  readonly activePane: PaneId;
  /** CSS pixels of the panes that are shown. */
  readonly paneSizes: Partial<Record<PaneId, { readonly width: number; readonly height: number }>>;
  readonly cursor: Cursor | null;
  readonly stats: DrawStats | null;
  /** Counts the times that the user restarted the graphics. */
  readonly graphicsRun: number;
}

export const freshView: Kept = {
  positionNm: [0, 0, 0],
  nmPerPx: 1,
  fitted: true,
  window: [0, 255],
  windows: {},
  channel: 0,
  time: 0,
  gamma: 1,
  inverted: false,
  projection: 'max',
  orbit: { yaw: -0.6, pitch: 0.75, zoom: 1 },
};

export const useView = create<ViewState>(() => ({
  ...freshView,
  volume: null,
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
export function fitScale(): void {
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
  set({ positionNm: middleOf(volume), orbit: freshView.orbit });
  fitScale();
}

export function middleOf(volume: Volume): Vec3 {
  const { min, max } = boundsNm(volume);
  return centreOfVoxelNm(
    volume,
    voxelAt(
      volume,
      map3((a) => (min[a] + max[a]) / 2),
    ),
  );
}

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

export const setWindow = (window: GreyWindow): void =>
  set(({ windows, channel }) => ({ window, windows: { ...windows, [channel]: window } }));

/** Shows another channel, with its own window. */
export function showChannel(channel: number): void {
  const { volume, windows } = get();
  const found = volume?.channels[channel];
  if (found) set({ channel, window: windows[channel] ?? found.window, cursor: null });
}

export function showTime(time: number): void {
  const { volume } = get();
  if (volume) set({ time: Math.max(0, Math.min(volume.times - 1, Math.round(time))), cursor: null });
}

/** Sets the scale; the cross-hair stays in the middle. */
export const setScale = (nmPerPx: number): void => set({ nmPerPx, fitted: false });

/** Gives the GPU up and takes it again, for drivers that went wrong. */
export const restartGraphics = (): void => set(({ graphicsRun }) => ({ graphicsRun: graphicsRun + 1 }));

/** One pane alone, or all four. */
export const setLayout = (layout: ViewLayout): void =>
  set(layout === 'four' ? { layout } : { layout, activePane: layout });
export const toggleMaximised = (pane: PaneId): void => setLayout(get().layout === pane ? 'four' : pane);
