import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ShapeKind } from '../../../../preload/contract/shape.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { Call } from '../call.ts';
import type { HeldShapes, OpenedShapes } from './held-shapes.ts';

/** Meshes and skeletons that a segmentation of the library names. */

interface NamedShapes {
  readonly opened: OpenedShapes;
  readonly allowPrivate: boolean;
}

/** What a segmentation of the library names; nothing for a volume that the library made itself. */
export async function namedBy(
  held: HeldShapes,
  call: Call,
  libraryRef: string,
  id: string,
): Promise<readonly NamedShapes[]> {
  const library = call.library(libraryRef);
  const { source } = volumeById(library.read, id);
  if (source?.format !== 'precomputed') return [];
  const { address: ref, allowPrivate } = source;
  const { kernels, signal } = call;
  const all = await held.ofVolume({ ref, allowPrivate, unitNm: null, kernels, library, signal });
  return all.map((opened) => ({ opened, allowPrivate }));
}

/** Those of a kind, or the first. Throws 'not-found' where there are none. */
export async function oneNamedBy(
  held: HeldShapes,
  call: Call,
  library: string,
  volume: string,
  kind: ShapeKind | undefined,
): Promise<NamedShapes> {
  const named = await namedBy(held, call, library, volume);
  const found = named.find(({ opened }) => kind === undefined || opened.shapes.kind === kind);
  if (found) return found;
  const what = kind === undefined ? 'meshes or skeletons' : pluralOf[kind];
  throw new LamellaError('not-found', `The volume names no ${what}, or they are not where it says.`, {
    hint: 'Name the folder of the meshes or skeletons itself.',
    fields: { volume },
  });
}

export const pluralOf: Readonly<Record<ShapeKind, string>> = { mesh: 'meshes', skeleton: 'skeletons' };
