import type { ShapeSet } from '../../preload/contract/shape.ts';
import { engine } from '../engine.ts';
import { addLayers } from './layer-edits.ts';
import { shapeLayer } from './layers.ts';
import { afterTakingOut, changed, onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { attempt } from './toasts.ts';
import { fitScale } from './view-moves.ts';
import { setView, useView } from './view.ts';

/** Meshes and skeletons of the library. */

export async function loadShapes(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return setView({ shapes: [] });
  const answer = await attempt(() => engine().shape.list({ library }));
  if (!answer || useLibrary.getState().library?.library !== library) return;
  setView({ shapes: answer.value.shapes });
  // A view that fits its panes was fitted to what was known before.
  if (useView.getState().fitted) fitScale();
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadShapes();
});
onLibraryChanged(loadShapes);

/** File endings of meshes and skeletons. */
export const shapeEndings = ['swc', 'obj', 'ply', 'stl', 'glb', 'gltf', 'nml'] as const;

export const isShapeFile = (name: string): boolean =>
  (shapeEndings as readonly string[]).includes(name.toLowerCase().split('.').at(-1) ?? '');

export interface NewShapes {
  readonly source: string;
  readonly name: string;
  readonly allowPrivate: boolean;
  readonly unitNm?: number;
}

/** Adds a source of meshes or skeletons to the library. */
export async function addShapes(shapes: NewShapes): Promise<ShapeSet | null> {
  const set = await attempt(() => engine().shape.add({ library: openLibraryId(), ...shapes }));
  if (set) await changed();
  return set;
}

/** A library that held nothing else shows its first shapes by itself: those are not added twice. */
export const showNewShapes = (set: ShapeSet): boolean =>
  useView.getState().layers.some((layer) => 'shape' in layer && layer.shape === set.id) || showShapes(set);

export const showShapes = (set: ShapeSet): boolean => addLayers([shapeLayer(set, useView.getState().layers)]);

export async function removeShapes({ id, name }: ShapeSet): Promise<void> {
  const removed = await attempt(() => engine().shape.remove({ library: openLibraryId(), shape: id }));
  if (!removed) return;
  await afterTakingOut(name);
}
