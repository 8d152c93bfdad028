import { useEffect, useState } from 'react';
import type { FileFilter } from '../../preload/contract/bridge.ts';
import { bridge, engine } from '../engine.ts';
import { useLabelNames } from './label-names.ts';
import { colourLabels, type LabelLayer } from './labels.ts';
import { changed, openLibraryId, undoAction } from './library.ts';
import { attempt, toast } from './toasts.ts';

/** Tables that name the labels of a segmentation: given, taken off, and the colours in them. */

const mostAtOnce = 1000;

export interface Legend {
  /** Labels that have a name or a colour. */
  readonly labels: number;
  /** The file that the user gave; null where names are the dataset's own. */
  readonly table: string | null;
}

/** Whose names the labels of a volume have; null until it is known. Asked anew when a legend changes. */
export function useLegend(volume: string): Legend | null {
  const epoch = useLabelNames((s) => s.epoch);
  const [legend, setLegend] = useState<(Legend & { readonly volume: string }) | null>(null);
  useEffect(() => {
    const asking = new AbortController();
    const ask = async (): Promise<void> => {
      const input = { library: openLibraryId(), volume, most: 1 };
      // Why there are none is said where they are searched.
      const answer = await engine()
        .volume.labels(input, { signal: asking.signal })
        .catch(() => null);
      if (answer && !asking.signal.aborted)
        setLegend({ volume, labels: answer.value.total, table: answer.value.table });
    };
    void ask();
    return () => asking.abort();
  }, [volume, epoch]);
  return legend?.volume === volume ? legend : null;
}

const tables: readonly FileFilter[] = [
  { name: 'Tables of labels', extensions: ['csv', 'tsv', 'txt', 'json'] },
  { name: 'All files', extensions: ['*'] },
];

/** Lets the user choose a table of names, and gives its names and colours to the labels of a layer. */
export async function chooseLegend(layer: LabelLayer): Promise<void> {
  const picked = await attempt(() => bridge.pickFile(tables));
  if (!picked) return;
  const input = { library: openLibraryId(), volume: layer.volume, table: picked.id };
  const given = await attempt(() => engine().volume.legend(input));
  if (!given) return;
  await changed();
  if (given.colours > 0) await takeColours(layer);
  toast({
    tone: 'good',
    title: `${given.labels} labels have names from ${picked.name}`,
    action: undoAction,
  });
}

/** Takes off the names that a table gave; those of the dataset itself stay. The colours of the view stay too: undo is one step. */
export async function removeLegend({ volume }: LabelLayer, table: string): Promise<void> {
  const done = await attempt(() => engine().volume.legend({ library: openLibraryId(), volume }));
  if (!done) return;
  await changed();
  toast({
    tone: 'info',
    topic: `legend of ${volume}`,
    title: `Took the names of ${table} off`,
    action: undoAction,
  });
}

/** More colours than these are not kept in a view. */
const mostColours = 10_000;

/** Gives the labels of a layer the colours that its table or its dataset gives them. */
export async function takeColours({ id, volume }: LabelLayer): Promise<void> {
  const colours: Record<string, string> = {};
  const library = openLibraryId();
  for (let from = 0; from < mostColours; from += mostAtOnce) {
    const answer = await attempt(() => engine().volume.labels({ library, volume, from, most: mostAtOnce }));
    for (const label of answer?.value.labels ?? []) if (label.colour !== null) colours[label.id] = label.colour;
    if (!answer || from + mostAtOnce >= answer.value.total) break;
  }
  if (Object.keys(colours).length > 0) colourLabels(colours, id);
  else
    toast({
      tone: 'info',
      title: 'Its labels have no colours of their own',
      detail: 'A table of names may give them.',
    });
}
