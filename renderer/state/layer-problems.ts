import type { Layer } from '../../preload/contract/view-state.ts';
import { isPlaced, volumeOf } from './layers.ts';
import type { useOffline } from './offline.ts';
import type { ShapeTrouble } from './shape-asks.ts';
import { awayProblem, brokenProblem } from './source-words.ts';
import type { ViewState } from './view.ts';

/** Why a layer is not drawn as it should be, in one line. */
export interface LayerProblem {
  readonly text: string;
  /** The whole story, for a title. */
  readonly detail: string;
  readonly canRetry: boolean;
}

interface Sources extends Pick<ReturnType<typeof useOffline.getState>, 'away' | 'broken'> {
  /** Of shapes, by the id of their set. */
  readonly troubles: Readonly<Record<string, ShapeTrouble>>;
}

const gone = (text: string): LayerProblem => ({ text, detail: text, canRetry: false });

/** Null where all is well. Pure. */
export function problemOf(
  layer: Layer,
  s: Pick<ViewState, 'volumes' | 'shapes'>,
  sources: Sources,
): LayerProblem | null {
  if (!isPlaced(layer)) return gone('It has no extent where it is placed');
  if ('shape' in layer)
    return s.shapes.some(({ id }) => id === layer.shape)
      ? shapeProblem(sources.troubles[layer.shape])
      : gone('Its shapes are not in the library');
  const volume = volumeOf(layer, s);
  if (!volume) return layer.type === 'mosaic' ? null : gone('Its volume is not in the library');
  if (layer.type === 'annotation') return null;
  const away = sources.away.get(volume.id);
  if (away) return awayProblem(volume, away);
  const broken = sources.broken.get(volume.id);
  return broken ? brokenProblem(broken) : null;
}

function shapeProblem(trouble: ShapeTrouble | undefined): LayerProblem | null {
  if (!trouble) return null;
  const { kind, line, parts } = trouble;
  if (kind === 'offline') return { text: 'Its source does not answer', detail: line, canRetry: true };
  const text = kind === 'failed' && parts > 1 ? `${parts} shapes can’t be drawn: ${line}` : line;
  return { text, detail: text, canRetry: kind === 'failed' };
}
