import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Region } from '../../../preload/contract/atlas.ts';

/** A region as the library keeps it. */
export interface RegionRow {
  readonly at: number;
  readonly label: string;
  readonly acronym: string;
  readonly name: string;
  readonly colour: string;
  readonly parent: number | null;
  readonly in_table: number;
  readonly voxels: number;
}

/** The regions of an atlas, in the order of the tree. Never changes. */
export class RegionTree {
  readonly regions: readonly Region[];
  readonly #byLabel: ReadonlyMap<string, number>;
  /** "acronym\nname" in lower case. */
  readonly #texts: readonly string[];

  /** `rows` in the order of `at`. */
  constructor(rows: readonly RegionRow[]) {
    const ends = rows.map(({ at }) => at + 1);
    const all = rows.map(({ voxels }) => voxels);
    for (let at = rows.length - 1; at >= 0; at--) {
      const parent = rows[at]?.parent ?? null;
      if (parent === null) continue;
      ends[parent] = Math.max(ends[parent] ?? 0, ends[at] ?? 0);
      all[parent] = (all[parent] ?? 0) + (all[at] ?? 0);
    }
    const depths: number[] = [];
    this.regions = rows.map(({ at, label, acronym, name, colour, parent, in_table, voxels }) => {
      const depth = parent === null ? 0 : (depths[parent] ?? 0) + 1;
      depths.push(depth);
      const end = ends[at] ?? at + 1;
      const allVoxels = all[at] ?? voxels;
      return { at, id: label, acronym, name, colour, parent, end, depth, voxels, allVoxels, inTable: in_table === 1 };
    });
    this.#byLabel = new Map(rows.map(({ label, at }) => [label, at]));
    this.#texts = rows.map(({ acronym, name }) => `${acronym}\n${name}`.toLowerCase());
  }

  /** `at` of a label; undefined where it is no region's. */
  atOf(label: string): number | undefined {
    return this.#byLabel.get(label);
  }

  /** From the outermost to the region itself. */
  pathOf(at: number): readonly Region[] {
    const path: Region[] = [];
    for (let next = this.regions[at]; next; next = next.parent === null ? undefined : this.regions[next.parent])
      path.push(next);
    return path.reverse();
  }

  /** By its id, else its acronym as it is written, else in any case. */
  named(text: string): Region | undefined {
    const at = this.#byLabel.get(text);
    if (at !== undefined) return this.regions[at];
    const lower = text.toLowerCase();
    return (
      this.regions.find(({ acronym }) => acronym === text) ??
      this.regions.find(({ acronym, name }) => acronym.toLowerCase() === lower || name.toLowerCase() === lower)
    );
  }

  /** The same; throws 'not-found' where there is none. */
  branch(text: string): Region {
    const found = this.named(text);
    if (found) return found;
    throw new LamellaError('not-found', `The atlas has no region "${text}".`, {
      hint: 'Give its id or acronym; atlas regions --find looks for part of a name.',
      fields: { region: text },
    });
  }

  /**
   * Those that hold every word, or whose id begins with the digits asked for: the id or acronym itself first, then names
   * that are the text, acronyms and names that begin with it, names that hold it, then the rest, each in the order of the
   * tree. O(regions).
   */
  find(asked: string, from = 0, end = this.regions.length): readonly Region[] {
    const text = asked.trim().toLowerCase();
    const within = this.regions.slice(from, end);
    if (text === '') return within;
    const words = text.split(/\s+/);
    const ranked: Region[][] = [[], [], [], [], [], []];
    for (const region of within) {
      const said = this.#texts[region.at] ?? '';
      const holds = words.every((word) => said.includes(word));
      if (holds || region.id.startsWith(text)) ranked[holds ? rankOf(region, text) : 5]?.push(region);
    }
    return ranked.flat();
  }
}

function rankOf({ id, acronym, name }: Region, text: string): number {
  const [short, long] = [acronym.toLowerCase(), name.toLowerCase()];
  if (id === text || short === text) return 0;
  if (long === text) return 1;
  if (short.startsWith(text)) return 2;
  if (long.startsWith(text)) return 3;
  return long.includes(text) ? 4 : 5;
}
