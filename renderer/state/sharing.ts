import { create } from 'zustand';
import type { Annotation } from '../../preload/contract/annotation.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Matrix34, ViewDocument } from '../../preload/contract/view-state.ts';
import { isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import { bridge, engine } from '../engine.ts';
import { placePanes } from './dock-layout.ts';
import { writeText } from './figure/figure-file.ts';
import { applyMatrix, invertMatrix, isVolumeLayer } from './layers.ts';
import { changed, openLibraryId } from './library.ts';
import { mapStops } from './map-colours.ts';
import { addSources, originOf } from './neuroglancer/add-sources.ts';
import { exportState, type ExportedState } from './neuroglancer/export.ts';
import { importState, type ImportedState } from './neuroglancer/import.ts';
import { addressOfText, linkOf, stateOfText } from './neuroglancer/url.ts';
import { goTo, setSession } from './session.ts';
import { soundDocument } from './sound-document.ts';
import { attempt, toast } from './toasts.ts';
import { asNewView } from './view-history.ts';
import { documentOf, setView, useView } from './view.ts';

/** Views of Neuroglancer: opened from a link or a state, and given away as one. */

/** What a link or a state became, with what could not be carried. */
export interface Outcome {
  readonly title: string;
  readonly notes: readonly string[];
}

interface SharingState {
  /** The dialog: what is pasted, what is being added, or what came of it. */
  readonly open: boolean;
  /** What is being read or added, in words. */
  readonly busy: string | null;
  readonly problem: string | null;
  readonly outcome: Outcome | null;
}

const closed: SharingState = { open: false, busy: null, problem: null, outcome: null };
export const useSharing = create<SharingState>(() => closed);
const set = useSharing.setState;

export const askForState = (): void => set({ ...closed, open: true });
export const closeSharing = (): void => set(closed);

/** Opens what was pasted; what is wrong with it is said in the dialog. */
export async function openStateText(text: string): Promise<void> {
  set({ problem: null });
  try {
    const address = addressOfText(text);
    await openState(stateOfText(address === null ? text : await stateAt(address)));
  } catch (error) {
    const { message, hint } = toWireError(error);
    set({ busy: null, problem: `${message} ${hint}` });
  }
}

/** The text of a state at an address. A server of this computer is asked for in the shell's own dialog. */
async function stateAt(source: string): Promise<string> {
  set({ busy: 'Reading the state…' });
  const read = async (allowPrivate: boolean): Promise<string> =>
    (await engine().view.stateAt({ source, allowPrivate })).value.text;
  try {
    return await read(false);
  } catch (error) {
    const origin = isLamellaError(error, 'forbidden') ? originOf(source) : null;
    if (origin === null || !(await bridge.allowServer(origin))) throw error;
    return await read(true);
  }
}

export async function openStateFile(): Promise<void> {
  const picked = await attempt(() => bridge.pickFile([{ name: 'Neuroglancer state', extensions: ['json', 'txt'] }]));
  if (!picked) return;
  const read = await attempt(() => engine().figure.read({ file: picked.id }));
  if (read) await openStateText(read.value.text);
}

async function openState(json: unknown): Promise<void> {
  const first = importState(json, known());
  const failed = await addSources(first.sourcesToAdd, (name) => set({ busy: `Adding ${name}…` }));
  // What was added is known now: the same state again, with its layers.
  const imported = first.sourcesToAdd.length > 0 ? importState(json, known()) : first;
  set({ busy: null });
  if (imported.document.layers.length === 0) {
    return set({ problem: ['None of its layers could be opened.', ...failed, ...imported.notes].join('\n') });
  }
  const marked = await addAnnotations(imported);
  show(imported.document);
  const layers = imported.document.layers.length;
  const title = `Opened ${layers} ${layers === 1 ? 'layer' : 'layers'} of a Neuroglancer view`;
  const notes = [...failed, ...marked, ...imported.notes];
  if (notes.length > 0) return set({ ...closed, open: true, outcome: { title, notes } });
  set(closed);
  toast({ tone: 'good', title });
}

const known = () => {
  const { volumes, shapes } = useView.getState();
  return { volumes, shapes };
};

function show(document: ViewDocument): void {
  const volume = document.layers.find(isVolumeLayer)?.volume;
  if (volume !== undefined) setSession({ volume });
  goTo('view');
  asNewView(() => {
    setView({ ...soundDocument(document), cursor: null, stats: null });
    placePanes('');
  });
}

const mostAnnotations = 1000;

/** Points and lines of a state become annotations, once: those that are there already are not added again. */
async function addAnnotations({ annotationsToAdd, document }: ImportedState): Promise<readonly string[]> {
  const library = openLibraryId();
  const notes: string[] = [];
  let left = mostAnnotations;
  for (const { volume, items } of annotationsToAdd) {
    const there = await attempt(() => engine().annotate.list({ library, volume }));
    const before = new Set((there?.value.annotations ?? []).map(keyOf));
    const matrix =
      document.layers.find((layer) => isVolumeLayer(layer) && layer.volume === volume)?.worldFromLayer ?? null;
    const own = items.map((item) => ({ ...item, pointsNm: item.pointsNm.map((nm) => fromWorld(matrix, nm)) }));
    const fresh = own.filter((item) => !before.has(keyOf(item)));
    for (const item of fresh.slice(0, left)) await attempt(() => engine().annotate.add({ library, volume, ...item }));
    if (fresh.length > left)
      notes.push(`${fresh.length - left} annotations are left out: ${mostAnnotations} at a time are added.`);
    left = Math.max(0, left - fresh.length);
  }
  if (annotationsToAdd.length > 0) await changed();
  return notes;
}

const keyOf = ({ kind, pointsNm, name }: Pick<Annotation, 'kind' | 'pointsNm' | 'name'>): string =>
  JSON.stringify([kind, pointsNm.map((nm) => nm.map((value) => Math.round(value * 100) / 100)), name]);

/** Annotations are kept in their volume's own nanometres. */
const fromWorld = (matrix: Matrix34 | null, nm: Vec3): Vec3 => (matrix ? applyMatrix(invertMatrix(matrix), nm) : nm);

// Giving away

export async function copyLink(): Promise<void> {
  const made = await exported();
  if (!made) return;
  const copied = await attempt(() => navigator.clipboard.writeText(linkOf(made.state)).then(() => true));
  if (copied) tell('Copied a link for Neuroglancer', made);
}

export async function saveState(): Promise<void> {
  const made = await exported();
  if (!made) return;
  const place = await attempt(() =>
    bridge.saveFile('view.json', [{ name: 'Neuroglancer state', extensions: ['json'] }]),
  );
  if (!place) return;
  const saved = await attempt(() => writeText(place.id, `${JSON.stringify(made.state, null, 2)}\n`));
  if (saved) tell(`Saved ${saved.name}`, made);
}

async function exported(): Promise<ExportedState | null> {
  const s = useView.getState();
  const document = documentOf(s);
  const volumes = new Set(document.layers.flatMap((layer) => (layer.type === 'annotation' ? [layer.volume] : [])));
  const lists = await Promise.all([...volumes].map((volume) => annotationsOf(volume, document)));
  return attempt(() =>
    Promise.resolve(exportState({ document, known: s, annotations: lists.flat(), stopsOf: mapStops })),
  );
}

/** In nanometres of the world, as a state has them. */
async function annotationsOf(volume: string, document: ViewDocument): Promise<readonly Annotation[]> {
  const answer = await attempt(() => engine().annotate.list({ library: openLibraryId(), volume }));
  const matrix =
    document.layers.find((layer) => isVolumeLayer(layer) && layer.volume === volume)?.worldFromLayer ?? null;
  return (answer?.value.annotations ?? []).map((annotation) => ({
    ...annotation,
    pointsNm: annotation.pointsNm.map((nm) => applyMatrix(matrix, nm)),
  }));
}

function tell(title: string, { notes }: ExportedState): void {
  if (notes.length > 0) set({ ...closed, open: true, outcome: { title, notes } });
  else toast({ tone: 'good', title });
}
