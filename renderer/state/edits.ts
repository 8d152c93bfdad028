import { create } from 'zustand';
import type { Annotation } from '../../preload/contract/annotation.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Matrix34 } from '../../preload/contract/view-state.ts';
import { mosaicOf } from '../../preload/contract/view.ts';
import { bridge, engine } from '../engine.ts';
import { applyMatrix, invertMatrix } from './layers.ts';
import { changed, onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { showFile } from './show-file.ts';
import { attempt, toast } from './toasts.ts';
import { jump } from './places.ts';
import { moveTo } from './view-moves.ts';
import type { ViewState } from './view.ts';
import { useView, volumeInView, volumeLayerInView } from './view.ts';

export type Tool = 'navigate' | 'point' | 'line';

interface EditsState {
  readonly volume: string | null;
  readonly annotations: readonly Annotation[];
  readonly tool: Tool;
  /** First end of a line that waits for its second. */
  readonly lineStartNm: Vec3 | null;
  readonly selected: string | null;
}

export const useEdits = create<EditsState>(() => ({
  volume: null,
  annotations: [],
  tool: 'navigate',
  lineStartNm: null,
  selected: null,
}));

const get = useEdits.getState;
const set = useEdits.setState;

export const setTool = (tool: Tool): void => set({ tool, lineStartNm: null });

/** Escape: first the line that was begun, then the tool, then the selection. */
export function stepBack(): void {
  const { lineStartNm, tool } = get();
  if (lineStartNm) set({ lineStartNm: null });
  else if (tool !== 'navigate') set({ tool: 'navigate' });
  else set({ selected: null });
}

/** The volume that is marked; tiles that nobody fused are none. */
function annotated(s: ViewState): string | null {
  const id = volumeInView(s)?.id ?? null;
  return id === null || mosaicOf(id) ? null : id;
}

export async function loadAnnotations(): Promise<void> {
  const volume = annotated(useView.getState());
  const library = useLibrary.getState().library?.library;
  if (volume !== get().volume) set({ volume, annotations: [], selected: null, lineStartNm: null });
  if (volume === null || library === undefined) return;
  const answer = await attempt(() => engine().annotate.list({ library, volume }));
  if (!answer || get().volume !== volume) return;
  const { annotations } = answer.value;
  set(({ selected }) => ({ annotations, selected: annotations.some(({ id }) => id === selected) ? selected : null }));
}

useView.subscribe((now, before) => {
  if (annotated(now) !== annotated(before)) void loadAnnotations();
});
onLibraryChanged(loadAnnotations);

/** Annotations are kept in their volume's own nanometres, and shown where its layer is. */
const worldFromMarks = (): Matrix34 | null => volumeLayerInView(useView.getState())?.worldFromLayer ?? null;

/** Where the points of an annotation lie in the world. */
export function marksInWorld(pointsNm: readonly Vec3[]): readonly Vec3[] {
  const matrix = worldFromMarks();
  return matrix ? pointsNm.map((nm) => applyMatrix(matrix, nm)) : pointsNm;
}

/** What a click or Enter at a position does with the tool that is taken. */
export async function placeAt(positionNm: Vec3): Promise<void> {
  const { tool, lineStartNm } = get();
  if (tool === 'point') await add('point', [positionNm]);
  else if (tool === 'line' && lineStartNm === null) set({ lineStartNm: positionNm });
  else if (tool === 'line' && lineStartNm !== null) {
    set({ lineStartNm: null });
    await add('line', [lineStartNm, positionNm]);
  }
}

async function add(kind: Annotation['kind'], pointsNm: readonly Vec3[]): Promise<void> {
  const { volume, annotations } = get();
  const matrix = worldFromMarks();
  const inverse = matrix && invertMatrix(matrix);
  if (volume === null || (matrix && !inverse)) return;
  const own = pointsNm.map((nm) => applyMatrix(inverse, nm));
  const name = `${kind} ${annotations.filter((one) => one.kind === kind).length + 1}`;
  const added = await attempt(() =>
    engine().annotate.add({ library: openLibraryId(), volume, kind, pointsNm: own, name }),
  );
  if (!added) return;
  set((state) => ({ annotations: [...state.annotations, added], selected: added.id }));
  await changed();
}

/** Saves a name or note; nothing happens where it is what was there. */
export async function saveText(id: string, change: { readonly name?: string; readonly note?: string }): Promise<void> {
  const now = get().annotations.find((one) => one.id === id);
  if (!now || Object.entries(change).every(([key, value]) => now[key as 'name' | 'note'] === value)) return;
  const updated = await attempt(() =>
    engine().annotate.update({ library: openLibraryId(), annotation: id, ...change }),
  );
  if (!updated) return;
  set((state) => ({ annotations: state.annotations.map((one) => (one.id === id ? updated : one)) }));
  await changed();
}

export async function removeAnnotation(id: string): Promise<void> {
  const gone = get().annotations.find((one) => one.id === id);
  const removed = await attempt(() => engine().annotate.remove({ library: openLibraryId(), annotation: id }));
  if (!removed || !gone) return;
  set((state) => ({ annotations: state.annotations.filter((one) => one.id !== id), selected: null }));
  await changed();
}

export const selectAnnotation = (selected: string | null): void => set({ selected });

/** Selects an annotation and brings it to the middle of the panes. */
export function showAnnotation(id: string): void {
  const found = get().annotations.find((one) => one.id === id);
  if (!found) return;
  set({ selected: id });
  jump(() => moveTo(middle(marksInWorld(found.pointsNm))));
}

function middle(points: readonly Vec3[]): Vec3 {
  const mean = (axis: 0 | 1 | 2): number => points.reduce((sum, p) => sum + p[axis], 0) / points.length;
  return [mean(0), mean(1), mean(2)];
}

/** Length of a line, nm. */
export function lengthNm([from, to]: readonly Vec3[]): number {
  return from && to ? Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) : 0;
}

export async function exportAnnotations(): Promise<void> {
  const { volume } = get();
  if (volume === null) return;
  const file = await attempt(() => bridge.saveFile('annotations.csv', [{ name: 'CSV table', extensions: ['csv'] }]));
  if (!file) return;
  const written = await attempt(() => engine().annotate.export({ library: openLibraryId(), volume, out: file.id }));
  if (written) {
    const title = `Wrote ${file.name}: ${written.value.annotations} annotations`;
    toast({ tone: 'good', title, action: showFile(file.id) });
  }
}
