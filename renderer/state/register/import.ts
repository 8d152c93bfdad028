import { create } from 'zustand';
import { mostTransforms } from '../../../preload/contract/registration-import.ts';
import { bridge, engine } from '../../engine.ts';
import { startJob } from '../jobs.ts';
import { openLibraryId, useLibrary } from '../library.ts';
import { attempt } from '../toasts.ts';
import { showResult } from './affine.ts';
import { registerNow } from './register.ts';

/** Files of transforms that another program wrote, on their way in. */
export interface TransformFile {
  /** Of the grant, and of the row. */
  readonly id: string;
  readonly name: string;
  readonly inverted: boolean;
}

interface ImportState {
  /** The one that is done first first. */
  readonly files: readonly TransformFile[];
}

export const useTransformFiles = create<ImportState>(() => ({ files: [] }));
const set = useTransformFiles.setState;
const filesNow = (): readonly TransformFile[] => useTransformFiles.getState().files;

export const maySomeBeAdded = (files: readonly TransformFile[]): boolean => files.length < mostTransforms;

/** Asks for a file. One that is in the list stays where it is. */
export async function addTransformFile(): Promise<void> {
  const file = await attempt(() =>
    bridge.pickFile([
      { name: 'Transforms and fields', extensions: ['mat', 'txt', 'tfm', 'nii', 'gz', 'nrrd', 'h5', 'xfm'] },
    ]),
  );
  if (!file || filesNow().some(({ id }) => id === file.id)) return;
  set({ files: [...filesNow(), { id: file.id, name: file.name, inverted: false }] });
}

export function moveTransformFile(at: number, by: -1 | 1): void {
  const files = [...filesNow()];
  const [moved] = files.splice(at, 1);
  if (!moved || at + by < 0 || at + by > files.length) return;
  files.splice(at + by, 0, moved);
  set({ files });
}

export const removeTransformFile = (id: string): void => set({ files: filesNow().filter((one) => one.id !== id) });

export const invertTransformFile = (id: string): void =>
  set({ files: filesNow().map((one) => (one.id === id ? { ...one, inverted: !one.inverted } : one)) });

/** Takes the files over as a registration of the two chosen volumes; what is made is looked at in Check, as any that is new. */
export async function importTransforms(): Promise<void> {
  const { fixed, moving, fixedChannel, movingChannel } = registerNow();
  const files = filesNow();
  if (fixed === null || moving === null || files.length === 0) return;
  await startJob(
    () =>
      engine().register.import({
        ...{ library: openLibraryId(), fixed, moving, fixedChannel, movingChannel },
        transforms: files.map(({ id }) => id),
        invert: files.map(({ inverted }) => inverted),
      }),
    (job) => {
      set({ files: filesNow().filter((file) => !files.includes(file)) });
      showResult(job);
    },
  );
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) set({ files: [] });
});
