import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import type { Affine } from '../../../../preload/contract/space.ts';
import { type FileNamePattern, parseFileNamePattern } from '../../formats/file-name-pattern.ts';
import { type LayoutTile, readAnyLayout, readLayout } from '../../intake/layout.ts';
import { takeOrder } from '../../intake/layout-order.ts';
import { fileNameOf } from '../../intake/source-files.ts';

/** Where a file's tile belongs. */
export interface FoundPlace {
  /** One tile of the dataset, however often it is taken: another file of the same key takes its place. */
  readonly key: string;
  readonly layout: LayoutTile;
}

/** Says of each file, as it comes, which tile it is. Null for a file that the layout does not know (yet). */
export interface Places {
  placeOf(path: string): FoundPlace | null;
  /** Reads what files say of themselves, before they are asked for; nothing for layouts that know by name. */
  prepare?(paths: readonly string[]): Promise<void>;
  /** Reads the layout file again; what is wrong with it, or null. */
  reload(): Warning | null;
  /** Names of the tiles in the order of the layout; null for patterns, which name none. */
  readonly expected: readonly string[] | null;
  readonly overlap: FileNamePattern['overlap'] | null;
  /** Contradictions that the layout itself shows. */
  readonly warnings: readonly Warning[];
}

/** Throws 'bad-layout' for a pattern that is none. A layout file may come later: the microscope writes it when it likes. */
export function placesOf(layout: string, folder: string): Places {
  const isListed = !/^(pattern|ome):/.test(layout);
  if (!isListed && takeOrder(layout).order) throw orderNeedsAll(layout);
  if (layout.startsWith('ome:')) return new OmePlaces(layout, folder);
  return isListed ? new FilePlaces(layout, folder) : patternPlaces(layout.slice('pattern:'.length));
}

const orderNeedsAll = (layout: string): LamellaError =>
  new LamellaError('bad-layout', `The layout "${layout}" has an order, which needs all tiles to be there.`, {
    hint: 'Watch without it, and import the folder with it when the microscope is done.',
    fields: { layout },
  });

/** Images that say by themselves where the stage was. */
class OmePlaces implements Places {
  readonly #layout: string;
  readonly #folder: string;
  readonly #found = new Map<string, FoundPlace>();
  readonly expected = null;
  readonly overlap = null;
  readonly warnings = [];

  constructor(layout: string, folder: string) {
    this.#layout = layout;
    this.#folder = folder;
  }

  reload(): null {
    return null;
  }

  /** One that can't be read, or says no place, is none of the watch's: it may still be growing. */
  async prepare(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      try {
        const { tiles } = await readAnyLayout(this.#layout, { folder: this.#folder, paths: [path], isCut: false });
        for (const layout of tiles) this.#found.set(path, { key: layout.name, layout });
      } catch (error) {
        if (!isLamellaError(error)) throw error;
      }
    }
  }

  placeOf(path: string): FoundPlace | null {
    return this.#found.get(path) ?? null;
  }
}

function patternPlaces(text: string): Places {
  const pattern = parseFileNamePattern(text);
  return {
    placeOf: (path) => {
      const found = pattern.place(path);
      if (!found) return null;
      const { row, col, section } = found;
      const place = { kind: 'grid', row, col } as const;
      return {
        key: `${section}/${row}/${col}`,
        layout: { name: path, section, images: new Map([[0, path]]), sizePx: null, place, spec: null },
      };
    },
    reload: () => null,
    expected: null,
    overlap: pattern.overlap,
    warnings: pattern.overlapAssumed
      ? [
          {
            subject: pattern.template,
            message: 'The pattern does not say how much neighbours overlap; 10 % is assumed.',
            hint: 'Add ;overlap=15% or ;overlap=64px to the pattern.',
          },
        ]
      : [],
  };
}

class FilePlaces implements Places {
  readonly #layout: string;
  readonly #folder: string;
  #byName = new Map<string, { readonly reference: string; readonly layout: LayoutTile }[]>();
  expected: readonly string[] | null = [];
  readonly overlap = null;
  warnings: readonly Warning[] = [];

  constructor(layout: string, folder: string) {
    this.#layout = layout;
    this.#folder = folder;
  }

  reload(): Warning | null {
    try {
      const { tiles, warnings } = readLayout(this.#layout, { folder: this.#folder, paths: [], isCut: false });
      this.#byName = new Map();
      for (const layout of tiles) {
        const reference = [...layout.images.values()][0] ?? layout.name;
        const name = fileNameOf(reference);
        this.#byName.set(name, [...(this.#byName.get(name) ?? []), { reference, layout }]);
      }
      this.expected = tiles.map(({ name }) => name);
      this.warnings = warnings;
      return null;
    } catch (error) {
      if (!isLamellaError(error, 'bad-layout', 'over-budget', 'bad-source')) throw error;
      return { subject: this.#layout, message: error.message, hint: error.hint };
    }
  }

  placeOf(path: string): FoundPlace | null {
    const same = this.#byName.get(fileNameOf(path)) ?? [];
    const best = same.reduce<(typeof same)[number] | null>(
      (a, b) => (a && agreement(a.reference, path) >= agreement(b.reference, path) ? a : b),
      null,
    );
    return best && { key: best.layout.name, layout: best.layout };
  }
}

/** How many folders two paths have in common, counted from their ends. */
function agreement(a: string, b: string): number {
  const [left, right] = [a, b].map((path) => path.split(/[\\/]/).reverse());
  const differs = left?.findIndex((part, i) => part !== right?.[i]) ?? 0;
  return differs < 0 ? (left?.length ?? 0) : differs;
}

/** Where a tile lies on the stage. Grid places count from 0, so that a tile that comes later moves none. */
export function stageOf(
  { place }: LayoutTile,
  overlap: Places['overlap'],
  [width, height]: readonly [number, number],
): Affine {
  if (place.kind === 'affine') return place.stageFromTile;
  const step = (side: number, axis: 0 | 1): number => {
    const { value, unit } = overlap?.[axis] ?? { value: 0, unit: 'px' };
    return unit === 'px' ? Math.max(1, side - value) : side * (1 - value);
  };
  return [1, 0, 0, 1, place.col * step(width, 0), place.row * step(height, 1)];
}
