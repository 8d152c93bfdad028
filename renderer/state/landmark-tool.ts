import type { Vec3 } from '../../preload/contract/space.ts';
import { engine } from '../engine.ts';
import { setAlign } from './align.ts';
import { editPairs, editStep, judge, placeBefore, showAfter, showBefore } from './landmark-edits.ts';
import type { End, LandmarkStep } from './landmark-pairs.ts';
import { pairBeside, withChange, withoutPair, withPair } from './landmark-pairs.ts';
import type { Alignment } from './landmarks.ts';
import {
  adoptAlignment,
  beginAlignment,
  endsInWorld,
  isDrawnWarped,
  landmarksNow,
  pairsOf,
  setLandmarks,
  volumeLayer,
} from './landmarks.ts';
import { applyMatrix, invertMatrix } from './layers.ts';
import { selectLayer, toggleLayer } from './layer-edits.ts';
import { changed, openLibraryId } from './library.ts';
import { jump } from './places.ts';
import { useSession } from './session.ts';
import { attempt, toast, toastError } from './toasts.ts';
import { moveTo } from './view-moves.ts';
import { selectedLayer, useView } from './view.ts';

/** The tool that aligns a layer by landmarks: what clicks and keys do while it is taken. */

/** Why the selected layer can't be aligned by landmarks; null where it can. */
export function whyNoLandmarks(): string | null {
  const layer = selectedLayer(useView.getState());
  if (!layer) return 'Select a layer first';
  const own = volumeLayer(layer.id);
  if (!own) return 'Select an image or labels first';
  const volume = useView.getState().volumes.find(({ id }) => id === own.volume);
  if (!volume) return 'Its volume is not in the library';
  return own.worldFromLayer && !invertMatrix(own.worldFromLayer) ? 'It has no extent where it is placed' : null;
}

/** Takes the tool for the selected layer, or for another that is named then selected. */
export function startLandmarks(id = selectedLayer(useView.getState())?.id): void {
  const layer = volumeLayer(id);
  if (!layer) return;
  selectLayer(layer.id);
  if (!layer.visible) toggleLayer(layer.id);
  setAlign(false);
  const alignment = beginAlignment(layer);
  adoptAlignment(alignment);
  setLandmarks({ active: true });
  // The box around the result grows and shrinks with the pairs: that is no reason to look from elsewhere.
  useView.setState({ fitted: false });
  showAfter(alignment);
  void judge();
}

/** Puts the tool down; the layer is left as its landmarks draw it. */
export function endLandmarks(): void {
  const { alignment } = landmarksNow();
  if (alignment) showAfter(alignment);
  setLandmarks({ active: false, begun: null, drag: null });
}

useSession.subscribe((now, before) => {
  if (now.room !== before.room && landmarksNow().active) endLandmarks();
});

export const toggleLandmarks = (): void => (landmarksNow().active ? endLandmarks() : startLandmarks());

/** Escape: first the pair that was begun, then the selection, then the tool. */
export function stepBackLandmarks(): void {
  const { begun, selected } = landmarksNow();
  if (begun) setLandmarks({ begun: null });
  else if (selected !== null) setLandmarks({ selected: null });
  else endLandmarks();
}

export function toggleBefore(): void {
  const { alignment } = landmarksNow();
  if (alignment) (isDrawnWarped(alignment) ? showBefore : showAfter)(alignment);
}

/** The fixed end at a place of the picture, as landmarks are kept. The warped layer may itself be placed elsewhere. */
function placeAfter(alignment: Alignment, worldNm: Vec3): Vec3 {
  const { layer, worldFromResult } = alignment;
  const matrix = isDrawnWarped(alignment) ? volumeLayer(layer)?.worldFromLayer : worldFromResult;
  return matrix ? applyMatrix(invertMatrix(matrix), worldNm) : worldNm;
}

let placing: Promise<unknown> = Promise.resolve();

/** What a click or Enter at a place does: the moving end of a new pair, then its fixed end. One after the other. */
export function placeLandmark(worldNm: Vec3): void {
  placing = placing.then(() => place(worldNm)).catch(toastError);
}

async function place(worldNm: Vec3): Promise<void> {
  const { alignment, begun } = landmarksNow();
  if (!alignment) return;
  if (begun === null) {
    const source = await placeBefore(alignment, worldNm);
    if (source) setLandmarks({ begun: { source, atNm: worldNm }, selected: null });
    else noPlace();
    return;
  }
  const target = placeAfter(alignment, worldNm);
  setLandmarks({ begun: null });
  await editPairs((landmarks) => withPair(landmarks, begun.source, target));
  setLandmarks({ selected: pairsOf(landmarksNow()).at(-1)?.id ?? null });
}

const noPlace = (): void =>
  toast({
    tone: 'info',
    topic: 'landmark',
    title: 'Nothing of the layer lies there',
    detail: 'Its map folds at that place. Look at it as it was before (B) and place the point there.',
  });

/** Moves an end of a pair to a place in the picture. */
export async function moveEnd(id: string, end: End, worldNm: Vec3): Promise<void> {
  const { alignment } = landmarksNow();
  if (!alignment) return;
  const to = end === 'target' ? placeAfter(alignment, worldNm) : await placeBefore(alignment, worldNm);
  if (!to) return noPlace();
  await editPairs((landmarks) => withChange(landmarks, id, { [end]: to }));
}

export const selectPair = (selected: string | null): void => setLandmarks({ selected });

/** Selects a pair and brings it to the middle of the panes. */
export function goToPair(id: string): void {
  const { alignment } = landmarksNow();
  if (!alignment) return;
  setLandmarks({ selected: id });
  const { source, target } = endsInWorld(alignment, id);
  const to = target ?? source;
  if (to) jump(() => moveTo(to));
}

export function goToPairBeside(by: 1 | -1): void {
  const { selected } = landmarksNow();
  const next = pairBeside(pairsOf(landmarksNow()), selected, by);
  if (next) goToPair(next.id);
}

export const removePair = (id: string): Promise<void> => editPairs((landmarks) => withoutPair(landmarks, id));

export const togglePair = (id: string): Promise<void> =>
  editPairs((landmarks) => landmarks.map((one) => (one.id === id ? { ...one, on: !one.on } : one)));

export function renamePair(id: string, name: string): void {
  const now = pairsOf(landmarksNow()).find((one) => one.id === id);
  if (now && name !== '' && name !== now.name) void editPairs((landmarks) => withChange(landmarks, id, { name }));
}

export const setFitting = (change: Partial<Pick<LandmarkStep, 'fit' | 'stiffness'>>): Promise<void> =>
  editStep((step) => ({ ...step, ...change }));

/** Names the warped volume, as the library's list has it. */
export async function renameWarp(volume: string, name: string): Promise<void> {
  const done = await attempt(() => engine().volume.edit({ library: openLibraryId(), volume, name }));
  if (done) await changed();
}
