import { openOmeZarr } from '../../formats/ome-zarr.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { Call } from '../call.ts';

const opened = new WeakMap<LibraryStore, Map<string, Promise<OpenVolume>>>();

/** The volume's files, opened once a library; a volume never changes once it is made. */
export function openedVolume(call: Call, library: LibraryStore, id: string): Promise<OpenVolume> {
  const { volume, folder } = volumeById(library.read, id);
  const ofLibrary = opened.get(library) ?? new Map<string, Promise<OpenVolume>>();
  opened.set(library, ofLibrary);
  const known = ofLibrary.get(id);
  if (known) return known;
  const source = openFolderSource(library.pathOf(...folder.split('/')), `volume ${volume.name}`);
  const opening = openOmeZarr(source, kernelCodec(call.kernels, { lane: 'interactive' }));
  opening.catch(() => ofLibrary.delete(id));
  ofLibrary.set(id, opening);
  return opening;
}
