import { create } from 'zustand';
import type { FileFilter } from '../../preload/contract/bridge.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { shapeProcedures } from '../../preload/contract/shape.ts';
import { bridge, engine } from '../engine.ts';
import { openLibrary, useLibrary } from './library.ts';
import { goTo, session } from './session.ts';
import { addShapes, shapeEndings, showNewShapes } from './shapes.ts';
import type { Source } from './source.ts';
import { addressSource, refusedServer, shortName } from './source.ts';
import { attempt } from './toasts.ts';

/** Meshes and skeletons that are being added: what each source holds is looked at first. */

export type ShapeDescription = OutputOf<(typeof shapeProcedures)['describe']>;

export interface ShapeItem {
  readonly source: Source;
  readonly allowPrivate: boolean;
  /** Null while it is read, and where it can not be. */
  readonly description: ShapeDescription | null;
  readonly problem: WireError | null;
  readonly name: string;
  /** Nanometres of one unit of the file. */
  readonly unitNm: number;
}

/** No items: the user is asked where they are. */
export interface ShapeDraft {
  readonly items: readonly ShapeItem[];
  readonly adding: boolean;
}

export const useShapeDraft = create<{ readonly draft: ShapeDraft | null }>(() => ({ draft: null }));
const draftNow = (): ShapeDraft | null => useShapeDraft.getState().draft;

export const dropShapeDraft = (): void => useShapeDraft.setState({ draft: null });

const freshItem = (source: Source, allowPrivate = false): ShapeItem => ({
  source,
  allowPrivate,
  description: null,
  problem: null,
  name: '',
  unitNm: 1,
});

/** Asks where the meshes or skeletons are. */
export function askForShapes(): void {
  useShapeDraft.setState({ draft: { items: [], adding: false } });
  goTo('volumes');
}

/** Reads what the sources hold and shows it, in the room of volumes. */
export async function lookAtShapes(sources: readonly Source[], allowPrivate = false): Promise<void> {
  const draft = { items: sources.map((source) => freshItem(source, allowPrivate)), adding: false };
  useShapeDraft.setState({ draft });
  goTo('volumes');
  for (const { source } of draft.items) await lookAtItem(source, allowPrivate);
}

export function changeShapeItem(ref: string, change: Partial<ShapeItem>): void {
  const draft = draftNow();
  if (!draft) return;
  const items = draft.items.map((item) => (item.source.ref === ref ? { ...item, ...change } : item));
  useShapeDraft.setState({ draft: { ...draft, items } });
}

async function lookAtItem(source: Source, allowPrivate: boolean): Promise<void> {
  changeShapeItem(source.ref, freshItem(source, allowPrivate));
  try {
    const { value } = await engine().shape.describe({ source: source.ref, allowPrivate });
    changeShapeItem(source.ref, seen(value));
  } catch (error) {
    changeShapeItem(source.ref, { problem: toWireError(error) });
  }
}

const seen = (description: ShapeDescription): Partial<ShapeItem> => ({
  description,
  name: shortName(description.name),
  unitNm: description.unitNm,
});

export const lookAtItemAgain = ({ source, allowPrivate }: ShapeItem): Promise<void> => lookAtItem(source, allowPrivate);

/** Asks the user in the shell's own dialog; once allowed, the source is looked at again. */
export async function allowServerOfShapes(item: ShapeItem): Promise<void> {
  const origin = refusedServer(item);
  if (origin !== null && (await attempt(() => bridge.allowServer(origin))) === true)
    await lookAtItem(item.source, true);
}

/** Whether a source holds meshes or skeletons; then they are shown, to be added. */
export async function areShapes(source: Source, allowPrivate: boolean, signal: AbortSignal): Promise<boolean> {
  try {
    const { value } = await engine().shape.describe({ source: source.ref, allowPrivate }, { signal });
    const item = { ...freshItem(source, allowPrivate), ...seen(value) };
    useShapeDraft.setState({ draft: { items: [item], adding: false } });
    return true;
  } catch {
    return false;
  }
}

const filters: readonly FileFilter[] = [
  { name: 'Meshes and skeletons', extensions: [...shapeEndings] },
  { name: 'All files', extensions: ['*'] },
];

export async function chooseShapes(kind: 'file' | 'folder'): Promise<void> {
  const picked = await attempt(() =>
    kind === 'file' ? bridge.pickFile(filters) : bridge.pickFolder('Choose a folder of meshes or skeletons'),
  );
  if (picked) await lookAtShapes([{ ref: picked.id, text: picked.name, kind }]);
}

export const lookAtShapeAddress = (text: string): void => void lookAtShapes([addressSource(text)]);

/** Adds what was looked at, each as a layer; where no library is open, the user says first where to keep it. */
export async function addDraftShapes(): Promise<void> {
  const draft = draftNow();
  if (!draft || !draft.items.some(({ description }) => description)) return;
  if (!useLibrary.getState().library) {
    const place = await attempt(() => bridge.pickFolder('Choose a library, or an empty folder for a new one'));
    if (!place || !(await openLibrary(place.id, true))) return;
    goTo('volumes');
  }
  useShapeDraft.setState({ draft: { ...draft, adding: true } });
  let added = 0;
  for (const { source, name, unitNm, allowPrivate, description } of draft.items) {
    if (!description) continue;
    const set = await addShapes({
      source: source.ref,
      name: name.trim() || shortName(description.name),
      allowPrivate,
      ...(unitNm === description.unitNm ? {} : { unitNm }),
    });
    if (set && showNewShapes(set)) added++;
  }
  if (added === 0) return useShapeDraft.setState({ draft });
  dropShapeDraft();
  if (session().room === 'volumes') goTo('view');
}
