import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { OntologyEntry } from '../formats/ontology.ts';

/** A region in the order of the tree; `parent` is the place in that order. */
export interface OrderedRegion {
  readonly label: string;
  readonly acronym: string;
  readonly name: string;
  readonly colour: string;
  readonly parent: number | null;
}

/** Of one kind that are told one by one. */
const mostTold = 20;

/**
 * Puts regions into the order of their tree, each before those inside of it. What is wrong with the tree is mended and
 * told: a parent that the file lacks and the last link of a cycle are cut, so that the region stands at the top; a region
 * that is said twice is taken once. Throws 'bad-source' where one id has two names. O(regions log regions).
 */
export function orderRegions(
  entries: readonly OntologyEntry[],
  fileName: string,
): { readonly regions: readonly OrderedRegion[]; readonly warnings: readonly Warning[] } {
  const told = new Told(fileName);
  const unique = oncePerId(entries, fileName, told);
  const parents = parentsOf(unique, told);
  cutCycles(unique, parents, told);
  return { regions: inOrder(unique, parents), warnings: told.warnings() };
}

function oncePerId(entries: readonly OntologyEntry[], fileName: string, told: Told): readonly OntologyEntry[] {
  const byId = new Map<string, OntologyEntry>();
  for (const entry of entries) {
    const before = byId.get(entry.id);
    if (!before) byId.set(entry.id, entry);
    else if (before.name === entry.name && before.acronym === entry.acronym)
      told.tell('twice', `${wordsOf(entry)} is there twice (${before.where}, ${entry.where}); the first counts.`);
    else
      throw new LamellaError(
        'bad-source',
        `${fileName}: the id ${entry.id} is ${wordsOf(before)} (${before.where}) and ${wordsOf(entry)} (${entry.where}).`,
        { hint: 'Give each region an id of its own.', fields: { file: fileName, id: entry.id } },
      );
  }
  return [...byId.values()];
}

/** For each entry the index of its parent, or -1. */
function parentsOf(entries: readonly OntologyEntry[], told: Told): Int32Array {
  const byId = new Map(entries.map(({ id }, i) => [id, i]));
  const byAcronym = new Map(entries.map(({ acronym }, i) => [acronym, i]));
  return Int32Array.from(entries, (entry) => {
    const { parent } = entry;
    if (parent === null) return -1;
    const found = byId.get(parent) ?? byAcronym.get(parent);
    if (found !== undefined) return found;
    // 0 is background, which is what tables without a root say.
    if (parent !== '0')
      told.tell(
        'hole',
        `${wordsOf(entry)} (${entry.where}) is inside of ${parent}, which is not there: put at the top.`,
      );
    return -1;
  });
}

function cutCycles(entries: readonly OntologyEntry[], parents: Int32Array, told: Told): void {
  /** 0: not seen; else the walk that saw it. */
  const seen = new Int32Array(entries.length);
  entries.forEach((_, start) => {
    const walk = start + 1;
    let at = start;
    while (at !== -1 && seen[at] === 0) {
      seen[at] = walk;
      at = parents[at] ?? -1;
    }
    if (at === -1 || seen[at] !== walk) return;
    const names = [at];
    for (let next = parents[at] ?? at; next !== at; next = parents[next] ?? at) names.push(next);
    const words = [...names, at].slice(0, 8).map((i) => wordsOf(entries[i]));
    const first = Math.min(...names.slice(0, 10_000));
    parents[first] = -1;
    told.tell(
      'cycle',
      `Regions lie in a circle (${words.join(' in ')}): ${wordsOf(entries[first])} is put at the top.`,
    );
  });
}

function inOrder(entries: readonly OntologyEntry[], parents: Int32Array): readonly OrderedRegion[] {
  const inside = new Map<number, number[]>();
  entries.forEach((_, i) => {
    const list = inside.get(parents[i] ?? -1);
    if (list) list.push(i);
    else inside.set(parents[i] ?? -1, [i]);
  });
  const rank = (i: number): number => entries[i]?.order ?? i;
  const sorted = (parent: number): number[] =>
    (inside.get(parent) ?? []).toSorted((a, b) => rank(b) - rank(a) || b - a);
  const regions: OrderedRegion[] = [];
  const waiting = sorted(-1).map((i) => ({ i, parent: null as number | null }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { i, parent } = next;
    const entry = entries[i];
    if (!entry) continue;
    const above = parent === null ? null : (regions[parent]?.colour ?? null);
    const { id: label, acronym, name } = entry;
    const at = regions.push({ label, acronym, name, parent, colour: entry.colour ?? above ?? colourOfId(label) }) - 1;
    for (const child of sorted(i)) waiting.push({ i: child, parent: at });
  }
  return regions;
}

/** The same for the same id, everywhere: hues by the golden ratio, half bright. */
export function colourOfId(id: string): string {
  const hue = (Number(BigInt(id) % 1_000_003n) * 0.618_033_988_75) % 1;
  const channel = (offset: number): string => {
    const part = Math.abs(((hue + offset) % 1) * 6 - 3) - 1;
    return Math.round(96 + 128 * Math.min(1, Math.max(0, part)))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(2 / 3)}${channel(1 / 3)}`;
}

const wordsOf = (entry: OntologyEntry | undefined): string =>
  entry ? `${entry.acronym || entry.name || 'the region'} (${entry.id})` : 'the region';

class Told {
  readonly #subject: string;
  readonly #messages = new Map<string, string[]>();

  constructor(subject: string) {
    this.#subject = subject;
  }

  tell(kind: string, message: string): void {
    const list = this.#messages.get(kind);
    if (list) list.push(message);
    else this.#messages.set(kind, [message]);
  }

  warnings(): readonly Warning[] {
    return [...this.#messages.values()].flatMap((all) => {
      const more = all.length - mostTold;
      const said = all.slice(0, mostTold);
      return [...said, ...(more > 0 ? [`And ${more} more of the kind.`] : [])].map((message) => ({
        subject: this.#subject,
        message,
      }));
    });
  }
}
