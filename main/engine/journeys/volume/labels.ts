import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { NamedLabel } from '../../../../preload/contract/label.ts';
import { readLegend } from '../../formats/legend.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import { readWholeFile } from '../../sources/whole-file.ts';
import { legendOf, legendRow, legendStamp, tableOf } from '../../store/legends.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import type { HandlersOf } from '../call.ts';

const mostTableBytes = 64 * 2 ** 20;

/** Names and colours of labels: to look them up, and to give them. */
export function labelHandlers(volumes: OpenVolumes): Pick<HandlersOf<'volume'>, 'labels' | 'legend'> {
  return {
    labels: async ({ library: ref, volume, find, ids, from, most }, call) => {
      const library = call.library(ref);
      checkLabels(library, volume);
      const named = await namesOf(
        library,
        volume,
        async () => (await volumes.shown(library, volume, call.kernels)).own,
      );
      const found = ids ? ids.flatMap((id) => named.byId.get(id) ?? []) : named.find(find);
      return {
        value: { total: found.length, labels: found.slice(from, from + most), table: tableOf(library.read, volume) },
      };
    },

    legend: async ({ library: ref, volume, table }, call) => {
      const library = call.library(ref);
      const { name } = checkLabels(library, volume);
      if (table === undefined) {
        library.edit(`Take the legend off ${name}`, (tx) => tx.remove('legend', volume));
        return { labels: 0, colours: 0 };
      }
      const file = call.path(table);
      const labels = readLegend(await readWholeFile(file, mostTableBytes, 'a CSV or JSON file'), basename(file));
      const createdAt = new Date().toISOString();
      const row = legendRow({ volume, labels, fileName: basename(file), createdAt });
      library.edit(`Name the labels of ${name}`, (tx) => tx.put('legend', row));
      return { labels: labels.length, colours: labels.filter(({ colour }) => colour !== null).length };
    },
  };
}

function checkLabels(library: LibraryStore, id: string): { readonly name: string } {
  const { volume } = volumeById(library.read, id);
  if (volume.kind === 'segmentation') return volume;
  throw new LamellaError('invalid-input', `"${volume.name}" is an image: it has no labels.`, {
    hint: 'Add it again with --kind segmentation if its voxels are labels.',
    fields: { volume: id },
  });
}

/** Labels by id, and how they are found by text. */
export class NamedLabels {
  readonly byId: ReadonlyMap<string, NamedLabel>;
  readonly #labels: readonly NamedLabel[];
  /** Name and what else is said, in lower case. */
  readonly #texts: readonly string[];

  /** Of two labels of one id, what the later one says; what it leaves empty, as the other says. */
  constructor(labels: readonly NamedLabel[]) {
    const byId = new Map<string, NamedLabel>();
    for (const label of labels) byId.set(label.id, over(byId.get(label.id), label));
    this.byId = byId;
    this.#labels = [...this.byId.values()];
    this.#texts = this.#labels.map(({ name, about }) => `${name}\n${about}`.toLowerCase());
  }

  /**
   * Those whose text holds every word, or whose id begins with the digits asked for: the id itself first, then names that
   * are the text, that begin with it, that hold it, then the rest, each in their own order. O(labels).
   */
  find(asked: string): readonly NamedLabel[] {
    const text = asked.trim().toLowerCase();
    if (text === '') return this.#labels;
    const words = text.split(/\s+/);
    const ranked: NamedLabel[][] = [[], [], [], [], []];
    this.#labels.forEach((label, i) => {
      const said = this.#texts[i] ?? '';
      if (label.id === text) ranked[0]?.push(label);
      else if (words.every((word) => said.includes(word))) ranked[rankOf(label.name.toLowerCase(), text)]?.push(label);
      else if (label.id.startsWith(text)) ranked[4]?.push(label);
    });
    return ranked.flat();
  }
}

const over = (before: NamedLabel | undefined, { id, name, about, colour }: NamedLabel): NamedLabel => ({
  id,
  name: name || (before?.name ?? ''),
  about: about || (before?.about ?? ''),
  colour: colour ?? before?.colour ?? null,
});

function rankOf(name: string, text: string): 1 | 2 | 3 | 4 {
  if (name === text) return 1;
  if (name.startsWith(text)) return 2;
  return name.includes(text) ? 3 : 4;
}

interface Remembered {
  /** What it was made of. */
  readonly own: OpenVolume | null;
  readonly stamp: string;
  readonly named: NamedLabels;
}

const remembered = new WeakMap<LibraryStore, Map<string, Remembered>>();

/** The names of a volume, made once for each legend and each opening. The legend's stand over those of the dataset. */
async function namesOf(library: LibraryStore, id: string, open: () => Promise<OpenVolume>): Promise<NamedLabels> {
  const ofLibrary = remembered.get(library) ?? new Map<string, Remembered>();
  remembered.set(library, ofLibrary);
  const stamp = legendStamp(library.read, id);
  // A legend is found whether its dataset can be read or not.
  const unlessNamed = (error: unknown): null => {
    if (stamp === '') throw error;
    return null;
  };
  const own = await open().catch(unlessNamed);
  const before = ofLibrary.get(id);
  if (before?.own === own && before.stamp === stamp) return before.named;
  const ofDataset = (await own?.labels?.().catch(unlessNamed)) ?? [];
  const named = new NamedLabels([...ofDataset, ...(legendOf(library.read, id)?.labels ?? [])]);
  ofLibrary.set(id, { own, stamp, named });
  return named;
}
