import type { FileFilter } from '../../preload/contract/bridge.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import { bridge, engine } from '../engine.ts';
import { addLayers } from './layer-edits.ts';
import { shapeLayer } from './layers.ts';
import { changed, onLibraryChanged, openLibrary, openLibraryId, stepHistory, useLibrary } from './library.ts';
import { goTo, session } from './session.ts';
import { attempt, toast, toastError } from './toasts.ts';
import { setView, useView } from './view.ts';

/** Meshes and skeletons of the library. */

export async function loadShapes(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return setView({ shapes: [] });
  const answer = await attempt(() => engine().shape.list({ library }));
  if (answer && useLibrary.getState().library?.library === library) setView({ shapes: answer.value.shapes });
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadShapes();
});
onLibraryChanged(loadShapes);

/** File endings of meshes and skeletons. */
const endings = ['swc', 'obj', 'ply', 'stl', 'glb', 'gltf', 'nml'] as const;

export const isShapeFile = (name: string): boolean =>
  (endings as readonly string[]).includes(name.toLowerCase().split('.').at(-1) ?? '');

/** Whether a folder or an address holds meshes or skeletons, as far as can be told without adding it. */
export async function holdsShapes(source: string, allowPrivate = false): Promise<boolean> {
  try {
    await engine().shape.describe({ source, allowPrivate });
    return true;
  } catch (error) {
    const { tag } = toWireError(error);
    if (tag === 'unreachable' || tag === 'forbidden') toastError(error);
    return false;
  }
}

/** Adds a source of meshes or skeletons to the library, and to the view. */
export async function addShapes(source: string, allowPrivate = false): Promise<void> {
  if (!useLibrary.getState().library) {
    const place = await attempt(() => bridge.pickFolder('Choose a library, or an empty folder for a new one'));
    if (!place || !(await openLibrary(place.id, true))) return;
  }
  const set = await attempt(() => engine().shape.add({ library: openLibraryId(), source, allowPrivate }));
  if (!set) return;
  await changed();
  showShapes(set);
  if (session().room !== 'annotate') goTo('view');
}

export const showShapes = (set: ShapeSet): boolean => addLayers([shapeLayer(set, useView.getState().layers)]);

const filters: readonly FileFilter[] = [
  { name: 'Meshes and skeletons', extensions: [...endings] },
  { name: 'All files', extensions: ['*'] },
];

export async function chooseShapes(kind: 'file' | 'folder'): Promise<void> {
  const picked = await attempt(() =>
    kind === 'file' ? bridge.pickFile(filters) : bridge.pickFolder('Choose a folder of meshes or skeletons'),
  );
  if (picked) await addShapes(picked.id);
}

export async function removeShapes({ id, name }: ShapeSet): Promise<void> {
  const removed = await attempt(() => engine().shape.remove({ library: openLibraryId(), shape: id }));
  if (!removed) return;
  await changed();
  toast({
    tone: 'info',
    title: `${name} was taken out of the library`,
    detail: 'Its files are where they were.',
    action: { label: 'Undo', run: () => void stepHistory('undo') },
  });
}
