import { create } from 'zustand';
import type { ingestProcedures } from '../../preload/contract/dataset.ts';
import { layoutTextSchema, sampleProcedures } from '../../preload/contract/dataset.ts';
import type { Grant } from '../../preload/contract/bridge.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { DatasetSummary, Library } from '../../preload/contract/library.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { bridge, engine } from '../engine.ts';
import { resultOf, startJob } from './jobs.ts';
import { changed, enterLibrary, openLibrary, openLibraryId, undoAction, useLibrary } from './library.ts';
import { session, setSession } from './session.ts';
import { attempt, toast } from './toasts.ts';

export type Candidate = Detected['candidates'][number];
export type Detected = OutputOf<(typeof ingestProcedures)['detect']>;

/** What a typed pattern finds: counted while it is typed. */
export interface TypedPattern {
  readonly layout: string;
  readonly counting: boolean;
  /** Null where no file fits. */
  readonly found: Candidate | null;
}

/** An import being prepared. Null fields are steps not taken yet. */
export interface ImportDraft {
  /** `watch`: the microscope is still writing, or has not begun. */
  readonly purpose: 'import' | 'watch';
  readonly source: Grant;
  readonly detected: Detected | null;
  readonly problem: WireError | null;
  readonly layout: string;
  /** A pattern typed by hand, beside what the folder offers; null where none is. */
  readonly typed: TypedPattern | null;
  readonly name: string;
  readonly voxelSizeNm: Vec3;
}

interface AcquireState {
  readonly draft: ImportDraft | null;
}

export const useAcquire = create<AcquireState>(() => ({ draft: null }));

const draftNow = (): ImportDraft | null => useAcquire.getState().draft;
export const changeDraft = (change: Partial<ImportDraft>): void =>
  useAcquire.setState(({ draft }) => ({ draft: draft && { ...draft, ...change } }));
export const dropDraft = (): void => useAcquire.setState({ draft: null });

const pickTitle = 'Choose a library, or an empty folder for a new one';

/** Asks for a library and shows what there is to do in it. */
export async function pickLibrary(): Promise<void> {
  const folder = await attempt(() => bridge.pickFolder(pickTitle));
  const opened = folder && (await attempt(() => openOrOffer(folder)));
  if (opened && session().room === 'home') setSession({ room: opened.volumes.length > 0 ? 'view' : 'acquire' });
}

/** Opens a library, or makes one of an empty folder. A folder of images is left alone and offered for import. */
async function openOrOffer(folder: Grant): Promise<Library | null> {
  try {
    return await enterLibrary(folder.id, false);
  } catch (error) {
    if (!isLamellaError(error, 'not-found')) throw error;
  }
  const { value } = await engine().ingest.detect({ source: folder.id });
  if (value.images === 0) return enterLibrary(folder.id, true);
  await prepareImport(folder);
  toast({
    tone: 'info',
    title: `${folder.name} holds images, not a library`,
    detail: 'Here is what importing them would do. The library itself goes into another folder.',
  });
  return null;
}

/** Asks for a folder of tiles and looks into it. */
export async function chooseSource(purpose: ImportDraft['purpose'] = 'import'): Promise<void> {
  const title =
    purpose === 'watch' ? 'Choose the folder that the microscope writes into' : 'Choose the folder of tiles';
  const source = await attempt(() => bridge.pickFolder(title));
  if (source) await prepareImport(source, purpose);
}

/** Tiles were dropped: the first folder is looked into, or a file's name said back. */
export function onTilesDropped(grants: readonly Grant[]): void {
  const folder = grants.find(({ kind }) => kind === 'folder');
  if (folder) void prepareImport(folder);
  else
    toast({
      tone: 'info',
      title: 'Drop the folder, not single files',
      detail: 'Positions come from the names of all tiles, or from a layout file beside them.',
    });
}

/** The prepared folder turns out to be a library. */
export async function openDraftAsLibrary(): Promise<void> {
  const source = draftNow()?.source;
  if (source && (await openLibrary(source.id))) dropDraft();
}

/** Looks into a folder and shows what an import of it would be. */
export async function prepareImport(source: Grant, purpose: ImportDraft['purpose'] = 'import'): Promise<void> {
  const name = source.name;
  useAcquire.setState({
    draft: { purpose, source, detected: null, problem: null, layout: '', typed: null, name, voxelSizeNm: [4, 4, 40] },
  });
  setSession({ room: 'acquire' });
  try {
    const { value: detected } = await engine().ingest.detect({ source: source.id });
    if (draftNow()?.source.id !== source.id) return;
    const best = detected.candidates.toSorted((a, b) => b.tiles - b.missing - (a.tiles - a.missing))[0];
    if (!best && purpose === 'watch') changeDraft({ detected, ...typedFirst });
    else changeDraft({ detected, layout: best?.layout ?? '', ...(best?.pixelNm && sized(best.pixelNm)) });
  } catch (error) {
    if (draftNow()?.source.id === source.id) changeDraft({ problem: toWireError(error) });
  }
}

export const firstPattern = 'pattern:s{z}_r{row}_c{col}.png;overlap=10%';
/** Of an empty folder nothing can be counted. */
const typedFirst = { layout: firstPattern, typed: { layout: firstPattern, counting: false, found: null } };

/** The layout knows how large a pixel is. */
const sized = (pixelNm: number): Pick<ImportDraft, 'voxelSizeNm'> => ({ voxelSizeNm: [pixelNm, pixelNm, 40] });

let counting: ReturnType<typeof setTimeout> | undefined;
/** Typing rests this long before the files that fit are counted. */
const restMs = 250;

/** Takes a pattern that is being typed, and counts soon what it finds. */
export function typeLayout(layout: string): void {
  const source = draftNow()?.source;
  if (!source) return;
  clearTimeout(counting);
  const counts = layoutProblem(layout) === null;
  changeDraft({ layout, typed: { layout, counting: counts, found: null } });
  if (counts) counting = setTimeout(() => void countTyped(source.id, layout), restMs);
}

async function countTyped(source: string, layout: string): Promise<void> {
  const answer = await attempt(() => engine().ingest.detect({ source, layout }));
  if (draftNow()?.typed?.layout !== layout) return;
  const found = answer?.value.candidates.find((candidate) => candidate.layout === layout) ?? null;
  changeDraft({ typed: { layout, counting: false, found } });
}

/** The counts of the layout that is chosen, as far as they are known. */
export const chosenCandidate = ({ layout, typed, detected }: ImportDraft): Candidate | null =>
  typed?.layout === layout ? typed.found : (detected?.candidates.find((one) => one.layout === layout) ?? null);

/** What is wrong with a layout text, or null. */
export function layoutProblem(layout: string): string | null {
  const parsed = layoutTextSchema.safeParse(layout);
  if (!parsed.success) return 'Choose a layout, or type a pattern.';
  if (!layout.startsWith('pattern:')) return null;
  const missing = ['{row}', '{col}'].filter((part) => !layout.includes(part));
  return missing.length > 0
    ? `The pattern has no ${missing.join(' and no ')}: where is that in your file names?`
    : null;
}

/** Why the layout that is chosen can't be imported by, or null. */
export function layoutWhyNot(draft: ImportDraft): string | null {
  const problem = layoutProblem(draft.layout);
  if (problem !== null || draft.typed?.layout !== draft.layout) return problem;
  if (draft.purpose === 'watch' && draft.detected?.images === 0) return null;
  if (draft.typed.counting) return 'The files that fit are being counted.';
  return draft.typed.found ? null : 'No file fits the pattern.';
}

/** Imports what was prepared; where no library is open, the user says first where to keep it. */
export async function startImport(): Promise<void> {
  const input = await importInput();
  if (!input) return;
  const started = await importFolder(input);
  if (started !== null) dropDraft();
}

/** What was prepared, with a library open to take it; null where the user thought better of it. */
export async function importInput(): Promise<ImportInput | null> {
  const draft = draftNow();
  if (!draft) return null;
  if (!useLibrary.getState().library) {
    const place = await attempt(() => bridge.pickFolder(pickTitle));
    if (!place || !(await openLibrary(place.id, true))) return null;
    setSession({ room: 'acquire' });
  }
  return { source: draft.source.id, layout: draft.layout, name: draft.name, voxelSizeNm: draft.voxelSizeNm };
}

export interface ImportInput {
  readonly source: string;
  readonly layout: string;
  readonly name: string;
  readonly voxelSizeNm?: Vec3;
}

/** Starts the import; when it is done the board shows the new dataset. */
export function importFolder(input: ImportInput): Promise<string | null> {
  const library = openLibraryId();
  return startJob(() => engine().ingest.start({ library, ...input }));
}

const sampleName = 'Sample acquisition';

export const sampleDataset = (): DatasetSummary | undefined =>
  useLibrary.getState().library?.datasets.find(({ name }) => name === sampleName);

export const importSample = ({ source, layout }: OutputOf<(typeof sampleProcedures)['make']>): Promise<string | null> =>
  importFolder({ source, layout, name: sampleName });

/** One click from nothing to pixels: a library in the app's own folder, tiles made, tiles imported. */
export async function trySample(): Promise<void> {
  const open = useLibrary.getState().library;
  const place = open ? null : await attempt(() => bridge.sampleFolder());
  const library = open ?? (place && (await openLibrary(place.id, true)));
  if (!library) return;
  setSession({ room: 'acquire' });
  const there = sampleDataset();
  if (there) return setSession({ dataset: there.id });
  await startJob(
    () => engine().sample.make({ library: library.library }),
    (job) => {
      const made = resultOf(job, sampleProcedures.make.output);
      if (made) void importSample(made);
    },
  );
}

/** Takes a dataset out of the library; its source files stay. Undoable. */
export async function removeDataset(dataset: string): Promise<void> {
  const removed = await attempt(() => engine().tile.remove({ library: openLibraryId(), dataset }));
  if (!removed) return;
  await changed();
  toast({
    tone: 'info',
    title: 'Dataset taken out of the library',
    detail: 'Its source files are where they were.',
    action: undoAction,
  });
}
