import type { Vec3 } from '../../preload/contract/space.ts';
import { mostLandmarks } from '../../preload/contract/warp.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Matrix34 } from '../../preload/contract/view-state.ts';
import type { Landmark, Warp } from '../../preload/contract/warp.ts';
import { engine } from '../engine.ts';
import type { LandmarkStep } from './landmark-pairs.ts';
import { alignmentOf, composed, stepsOf } from './landmark-pairs.ts';
import type { Alignment } from './landmarks.ts';
import {
  adoptAlignment,
  alignmentOfLayer,
  beginAlignment,
  isDrawnWarped,
  landmarksNow,
  setLandmarks,
  volumeLayer,
} from './landmarks.ts';
import { applyMatrix, invertMatrix, isVolumeLayer } from './layers.ts';
import { changed, onLibraryChanged, openLibraryId, useLibrary, waitBeforeHistory } from './library.ts';
import { attempt, toast, toastError } from './toasts.ts';
import { selectedLayer, useView } from './view.ts';
import { goingTogether, loadWarps, showInstead, useWarps, warpOf } from './warps.ts';

/** Changing landmarks: each change is written to the library at once, and the layer is drawn through what is there then. */

/** Changes go to the engine one after the other. */
let last: Promise<unknown> = Promise.resolve();

function inTurn(work: () => Promise<unknown>): Promise<unknown> {
  setLandmarks(({ saving }) => ({ saving: saving + 1 }));
  last = last
    .then(work)
    .catch(toastError)
    .finally(() => setLandmarks(({ saving }) => ({ saving: saving - 1 })));
  return last;
}

/** Changes the list of pairs. It shows at once; the picture follows when the library has it. */
export const editPairs = (change: (landmarks: readonly Landmark[]) => Landmark[]): Promise<void> =>
  editStep((step) => ({ ...step, landmarks: change(step.landmarks) }));

export async function editStep(change: (step: LandmarkStep) => LandmarkStep): Promise<void> {
  const { alignment } = landmarksNow();
  if (!alignment) return;
  const step = change(alignment.step);
  if (step.landmarks.length > mostLandmarks)
    return toast({ tone: 'info', title: `${mostLandmarks} pairs are the most.`, detail: 'Delete some first.' });
  setLandmarks({ alignment: { ...alignment, step } });
  await inTurn(() => write(alignment.layer, step));
}

/** Writes the pairs where they belong; what the engine refuses leaves the library, and so the list, as it was. */
async function write(layer: string, step: LandmarkStep): Promise<void> {
  const { alignment } = landmarksNow();
  if (alignment?.layer !== layer) return;
  const library = openLibraryId();
  const { warp, source, before } = alignment;
  const steps = stepsOf(step, before);
  try {
    if (warp !== null) await engine().warp.update({ library, volume: warp, steps });
    else {
      const name = `${nameOf(layer)}, aligned`.slice(0, 200);
      const made = await engine().warp.create({ library, volume: source, name, steps, grid: { type: 'around' } });
      setLandmarks({ alignment: { ...alignment, warp: made.volume.id, step: landmarksNow().alignment?.step ?? step } });
    }
  } catch (error) {
    toastError(error);
    const { value } = warp === null ? { value: null } : await engine().warp.get({ library, volume: warp });
    const kept = value?.warp.steps[0];
    const now = landmarksNow().alignment;
    if (now && (kept === undefined || kept.type === 'landmarks'))
      setLandmarks({ alignment: { ...now, step: kept ?? { ...step, landmarks: [] } } });
    return;
  }
  await changed();
  void judge();
  const now = landmarksNow().alignment;
  // The first pair that is placed shows what it does.
  if (warp === null && now?.warp) showAfter(now);
}

const nameOf = (layer: string): string => useView.getState().layers.find(({ id }) => id === layer)?.name ?? layer;

// Before and after

/** Draws the layer through its landmarks. */
export function showAfter(alignment: Alignment): void {
  const layer = volumeLayer(alignment.layer);
  if (!layer || alignment.warp === null || isDrawnWarped(alignment)) return;
  showInstead(goingTogether(useView.getState().layers, layer), {
    volume: alignment.warp,
    worldFromLayer: alignment.worldFromResult,
  });
  void judge();
}

/** Draws the layer where it lay before. */
export function showBefore(alignment: Alignment): void {
  const layer = volumeLayer(alignment.layer);
  if (!layer || !isDrawnWarped(alignment)) return;
  const { source: volume, worldFromResult, before } = alignment;
  const worldFromLayer = composed(worldFromResult, before);
  showInstead(goingTogether(useView.getState().layers, layer), { volume, worldFromLayer });
}

/** The moving end at a place of the picture, as landmarks are kept; null where nothing of the layer is there. */
export async function placeBefore(alignment: Alignment, worldNm: Vec3): Promise<Vec3 | null> {
  const layer = volumeLayer(alignment.layer);
  if (!layer) return null;
  // What is on its way changes where the picture shows what.
  await last;
  const inverse = layer.worldFromLayer && invertMatrix(layer.worldFromLayer);
  const inLayer = applyMatrix(inverse, worldNm);
  if (!isDrawnWarped(alignment)) return applyMatrix(alignment.before, inLayer);
  const asked = { library: openLibraryId(), volume: layer.volume, points: [inLayer], to: 'source' as const };
  const answer = await attempt(() => engine().warp.points(asked));
  const [found] = answer?.value.points ?? [];
  return found ? applyMatrix(alignment.before, found) : null;
}

// What the pairs are worth

let judging = 0;

/** Asks how well the pairs fit, and where their moving ends lie now. */
export async function judge(): Promise<void> {
  const { alignment } = landmarksNow();
  const run = ++judging;
  if (!alignment || !useLibrary.getState().library) return;
  const library = openLibraryId();
  const { landmarks, fit, stiffness } = alignment.step;
  try {
    const [{ value: answer }, movedNm] = await Promise.all([
      engine().warp.fit({ library, landmarks, fit, stiffness }),
      movedEnds(alignment),
    ]);
    if (run === judging) setLandmarks({ answer, movedNm, problem: null });
  } catch (error) {
    const { message, hint } = toWireError(error);
    if (run === judging) setLandmarks({ answer: null, movedNm: {}, problem: `${message} ${hint}` });
  }
}

async function movedEnds({ warp, before, step }: Alignment): Promise<Readonly<Record<string, Vec3 | null>>> {
  const placed = step.landmarks.flatMap(({ id, source }) => (source ? [{ id, source }] : []));
  if (warp === null || placed.length === 0) return {};
  const inverse = before && invertMatrix(before);
  const points = placed.map(({ source }) => applyMatrix(inverse, source));
  const { value } = await engine().warp.points({ library: openLibraryId(), volume: warp, points, to: 'result' });
  return Object.fromEntries(placed.map(({ id }, i) => [id, value.points[i] ?? null]));
}

// What the library says

interface Undone {
  readonly layers: readonly string[];
  readonly worldFromLayer: Matrix34 | null;
}

/** Warped volumes that were undone, and the layers that showed them: redo brings both back. */
const undone = new Map<string, Undone>();
/** What warped volumes are made of, also those that were undone. */
const known = new Map<string, Warp>();

async function followLibrary(): Promise<void> {
  if (!(await loadWarps())) return;
  const { layers, volumes } = useView.getState();
  const isThere = (id: string): boolean => volumes.some((volume) => volume.id === id);
  for (const [id, warp] of known) {
    const shown = layers.filter((layer) => isVolumeLayer(layer) && layer.volume === id);
    const [first] = shown;
    if (isThere(id) || !first || !isThere(warp.source)) continue;
    const kept = alignmentOf(warp);
    const ids = shown.map((layer) => layer.id);
    undone.set(id, { layers: ids, worldFromLayer: first.worldFromLayer });
    const place = volumes.find((volume) => volume.id === warp.source)?.worldFromVolume ?? null;
    const worldFromLayer = kept ? composed(place, kept.before) : first.worldFromLayer;
    showInstead(ids, { volume: warp.source, worldFromLayer });
  }
  for (const [id, { layers: ids, worldFromLayer }] of undone) {
    if (!warpOf(id) || !isThere(id)) continue;
    undone.delete(id);
    showInstead(ids, { volume: id, worldFromLayer });
  }
  for (const warp of useWarps.getState().warps) known.set(warp.volume, warp);
  followLayer();
}

/** Keeps the alignment that of the tool's layer, or of the selected one, as the library has it. */
function followLayer(): void {
  const { active, alignment, saving } = landmarksNow();
  if (saving > 1) return;
  const held = active && alignment ? volumeLayer(alignment.layer) : null;
  if (active && !held) setLandmarks({ active: false });
  if (held && alignment) return takeUp(refreshed(alignment));
  const chosen = selectedLayer(useView.getState());
  takeUp(alignmentOfLayer(volumeLayer(chosen?.id)));
}

/** The same alignment with the pairs that the library has for it now. */
function refreshed(alignment: Alignment): Alignment {
  const layer = volumeLayer(alignment.layer);
  if (!layer) return alignment;
  if (alignment.warp === null || !warpOf(alignment.warp)) return beginAlignment(layer);
  const kept = alignmentOfLayer({ ...layer, volume: alignment.warp });
  return kept ?? alignment;
}

function takeUp(next: Alignment | null): void {
  const { alignment, selected } = landmarksNow();
  if (JSON.stringify(next) === JSON.stringify(alignment)) return;
  if (next?.layer !== alignment?.layer || next?.source !== alignment?.source) adoptAlignment(next);
  else {
    const stays = next?.step.landmarks.some(({ id }) => id === selected) ?? false;
    setLandmarks({ alignment: next, selected: stays ? selected : null });
  }
  void judge();
}

waitBeforeHistory(() => last);
onLibraryChanged(followLibrary);
useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  for (const map of [undone, known]) map.clear();
  useWarps.setState({ warps: [] });
  void followLibrary();
});
useView.subscribe((now, before) => {
  if (now.selectedLayer !== before.selectedLayer || now.layers !== before.layers) followLayer();
});
