import { useEffect, useState } from 'react';
import { toWireError } from '../../preload/contract/errors.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { ShapeKind, ShapeSet, shapeProcedures } from '../../preload/contract/shape.ts';
import { mostLayers } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import type { LabelLayer } from './labels.ts';
import { addLayers } from './layer-edits.ts';
import { shapeLayer } from './layers.ts';
import { changed, openLibraryId } from './library.ts';
import { attempt } from './toasts.ts';
import { useView } from './view.ts';

/** Meshes and skeletons that a segmentation names: of the labels that are selected, they are drawn. */

export type NamedShapes = OutputOf<(typeof shapeProcedures)['ofVolume']>['shapes'][number];

export interface Offered {
  /** Null while it is asked. */
  readonly shapes: readonly NamedShapes[] | null;
  readonly problem: string;
}

const asking: Offered = { shapes: null, problem: '' };

/** What a volume names, asked once for each volume that is looked at. */
export function useVolumeShapes(volume: string): Offered {
  const [answer, setAnswer] = useState({ volume, offered: asking });
  useEffect(() => {
    const asked = new AbortController();
    const ask = async (): Promise<void> => {
      const put = (offered: Offered): void => {
        if (!asked.signal.aborted) setAnswer({ volume, offered });
      };
      try {
        const { value } = await engine().shape.ofVolume({ library: openLibraryId(), volume }, { signal: asked.signal });
        put({ shapes: value.shapes, problem: '' });
      } catch (error) {
        put({ shapes: [], problem: toWireError(error).message });
      }
    };
    void ask();
    return () => asked.abort();
  }, [volume]);
  return answer.volume === volume ? answer.offered : asking;
}

const sameSet = (set: ShapeSet, { kind, source }: NamedShapes): boolean =>
  set.kind === kind && set.source.text === source.text;

/** Adds the shapes of a kind over the labels; those that the library has already are not added to it again. */
export async function showVolumeShapes(labels: LabelLayer, named: NamedShapes): Promise<void> {
  const known = useView.getState().shapes.find((set) => sameSet(set, named));
  const set = known ?? (await addToLibrary(labels, named.kind));
  const { layers } = useView.getState();
  if (!set || layers.length >= mostLayers) return;
  const made = shapeLayer({ ...set, name: nameOf(labels, named.kind) }, layers);
  if (!('follows' in made)) return;
  // Without the labels, nothing is selected: none is drawn then.
  addLayers([{ ...made, follows: labels.id, shown: [], worldFromLayer: labels.worldFromLayer }]);
}

const nameOf = ({ name }: LabelLayer, kind: ShapeKind): string =>
  `${name}, ${kind === 'mesh' ? 'meshes' : 'skeletons'}`.slice(0, 200);

async function addToLibrary(labels: LabelLayer, kind: ShapeKind): Promise<ShapeSet | null> {
  const input = { library: openLibraryId(), source: labels.volume, kind, name: nameOf(labels, kind) };
  const set = await attempt(() => engine().shape.add(input));
  if (set) await changed();
  return set;
}
