import { create } from 'zustand';
import type { FileFilter } from '../../preload/contract/bridge.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { VolumeDescription } from '../../preload/contract/volume.ts';
import { volumeProcedures } from '../../preload/contract/volume.ts';
import { bridge, engine } from '../engine.ts';
import { resultOf, startJob } from './jobs.ts';
import { openLibrary, openLibraryId, useLibrary } from './library.ts';
import { goTo, setSession } from './session.ts';
import { areShapes, dropShapeDraft } from './shape-draft.ts';
import type { Source } from './source.ts';
import { addressSource, refusedServer, shortName } from './source.ts';
import { attempt } from './toasts.ts';

/** A volume being added: what its source holds is looked at first. */
export interface VolumeDraft {
  readonly source: Source;
  readonly allowPrivate: boolean;
  readonly description: VolumeDescription | null;
  readonly problem: WireError | null;
  readonly name: string;
  readonly kind: 'image' | 'segmentation';
  readonly voxelSizeNm: Vec3;
  readonly pyramid: 'auto' | 'none';
  /** The job that adds it; null before. */
  readonly job: string | null;
}

export const useVolumeDraft = create<{ readonly draft: VolumeDraft | null }>(() => ({ draft: null }));

const draftNow = (): VolumeDraft | null => useVolumeDraft.getState().draft;
export const changeVolumeDraft = (change: Partial<VolumeDraft>): void =>
  useVolumeDraft.setState(({ draft }) => ({ draft: draft && { ...draft, ...change } }));
export const dropVolumeDraft = (): void => useVolumeDraft.setState({ draft: null });

let looking: AbortController | null = null;

/** Reads what a source holds and shows it, in the room of volumes. */
export async function lookAtSource(source: Source, allowPrivate = false): Promise<void> {
  looking?.abort();
  const { signal } = (looking = new AbortController());
  dropShapeDraft();
  useVolumeDraft.setState({
    draft: {
      source,
      allowPrivate,
      description: null,
      problem: null,
      name: '',
      kind: 'image',
      voxelSizeNm: [1, 1, 1],
      pyramid: 'auto',
      job: null,
    },
  });
  goTo('volumes');
  try {
    const { value } = await engine().volume.describe({ source: source.ref, allowPrivate }, { signal });
    if (signal.aborted) return;
    changeVolumeDraft({
      description: value,
      name: shortName(value.name),
      kind: value.kind,
      voxelSizeNm: value.levels[0]?.voxelSizeNm ?? [1, 1, 1],
    });
  } catch (error) {
    if (signal.aborted) return;
    // What is no volume may be meshes or skeletons: those are shown by themselves.
    if (await areShapes(source, allowPrivate, signal)) return dropVolumeDraft();
    if (!signal.aborted) changeVolumeDraft({ problem: toWireError(error) });
  }
}

export const lookAgain = (): void => {
  const draft = draftNow();
  if (draft) void lookAtSource(draft.source, draft.allowPrivate);
};

export const lookAtAddress = (text: string): void => void lookAtSource(addressSource(text));

const filters: readonly FileFilter[] = [
  { name: 'Volumes', extensions: ['nii', 'gz', 'nrrd', 'nhdr', 'tif', 'tiff', 'btf', 'ims', 'h5', 'hdf5', 'zip'] },
  { name: 'All files', extensions: ['*'] },
];

export async function chooseVolume(kind: 'file' | 'folder'): Promise<void> {
  const picked = await attempt(() =>
    kind === 'file' ? bridge.pickFile(filters) : bridge.pickFolder('Choose the folder of a volume'),
  );
  if (picked) await lookAtSource({ ref: picked.id, text: picked.name, kind });
}

/** Asks the user in the shell's own dialog; once allowed, the source is looked at again. */
export async function allowServerOf(draft: VolumeDraft): Promise<void> {
  const origin = refusedServer(draft);
  if (origin === null) return;
  const allowed = await attempt(() => bridge.allowServer(origin));
  if (allowed === true) await lookAtSource(draft.source, true);
}

/** Whether a size is what the dataset says: then it is not repeated to the engine. */
const sameSize = (a: Vec3, b: Vec3 | undefined): boolean => b !== undefined && a.every((n, i) => n === b[i]);

/** Adds what was looked at; where no library is open, the user says first where to keep it. */
export async function addVolume(): Promise<void> {
  const draft = draftNow();
  if (!draft?.description) return;
  if (!useLibrary.getState().library) {
    const place = await attempt(() => bridge.pickFolder('Choose a library, or an empty folder for a new one'));
    if (!place || !(await openLibrary(place.id, true))) return;
    goTo('volumes');
  }
  const { source, name, kind, voxelSizeNm, pyramid, allowPrivate, description } = draft;
  const library = openLibraryId();
  const job = await startJob(
    () =>
      engine().volume.add({
        library,
        source: source.ref,
        name: name.trim() || shortName(description.name),
        kind,
        ...(sameSize(voxelSizeNm, description.levels[0]?.voxelSizeNm) ? {} : { voxelSizeNm }),
        pyramid,
        allowPrivate,
      }),
    (ended) => {
      const volume = resultOf(ended, volumeProcedures.add.output)?.volume;
      if (volume === undefined) return;
      const stillHere = draftNow()?.job === ended.id;
      if (stillHere) dropVolumeDraft();
      setSession(stillHere ? { volume, room: 'view' } : { volume });
    },
  );
  if (job !== null) changeVolumeDraft({ job });
}
