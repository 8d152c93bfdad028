interface Row {
  readonly seen: Set<number>;
  least: number;
  most: number;
}

/**
 * Finds tiles of a grid that never came, whatever the way in which the stage goes: a column that was passed within its
 * row, and, once the next row has begun, columns that the row before had and it does not. Rows are taken one at a time.
 */
export class GridHoles {
  readonly #sections = new Map<number, Map<number, Row>>();
  readonly #told = new Set<string>();

  /** Takes a tile; gives the holes that it shows. */
  take(section: number, row: number, col: number): readonly { readonly row: number; readonly col: number }[] {
    const rows = this.#sections.get(section) ?? new Map<number, Row>();
    this.#sections.set(section, rows);
    const own = rows.get(row) ?? { seen: new Set(), least: col, most: col };
    const isNewRow = own.seen.size === 0;
    own.seen.add(col);
    own.least = Math.min(own.least, col);
    own.most = Math.max(own.most, col);
    rows.set(row, own);
    const inRow = holesBetween(own, own.least, own.most).map((at) => ({ row, col: at }));
    const before = isNewRow ? [row - 1, row + 1].flatMap((at) => this.#endsOf(rows, at)) : [];
    return [...inRow, ...before].filter((at) => {
      const key = `${section}/${at.row}/${at.col}`;
      if (this.#told.has(key)) return false;
      this.#told.add(key);
      return true;
    });
  }

  /** The ends of a row, by the longest row before it. */
  #endsOf(rows: ReadonlyMap<number, Row>, row: number): readonly { readonly row: number; readonly col: number }[] {
    const own = rows.get(row);
    const others = [...rows].filter(([at, { seen }]) => at !== row && seen.size > 1).map(([, other]) => other);
    if (!own || others.length === 0) return [];
    const least = Math.min(...others.map((other) => other.least));
    const most = Math.max(...others.map((other) => other.most));
    return holesBetween(own, least, most).map((col) => ({ row, col }));
  }
}

function holesBetween({ seen }: Row, least: number, most: number): readonly number[] {
  const holes: number[] = [];
  for (let col = least; col <= most && holes.length < mostHoles; col++) if (!seen.has(col)) holes.push(col);
  return holes;
}

/** Numbers in file names may be anything: a gap of thousands is not thousands of tiles. */
const mostHoles = 64;

/** Finds tiles of a list that were passed, where tiles have come in the order of the list so far. */
export class ListHoles {
  readonly #order: ReadonlyMap<string, number>;
  readonly #names: readonly string[];
  #furthest = -1;
  #inOrder = 0;
  #taken = 0;
  readonly #seen = new Set<number>();
  readonly #told = new Set<number>();

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#order = new Map(names.map((name, i) => [name, i]));
  }

  take(name: string): readonly string[] {
    const at = this.#order.get(name);
    if (at === undefined) return [];
    this.#taken += 1;
    if (at > this.#furthest) this.#inOrder += 1;
    this.#seen.add(at);
    const from = this.#furthest + 1;
    this.#furthest = Math.max(this.#furthest, at);
    if (this.#inOrder < 0.9 * this.#taken || at - from > mostHoles) return [];
    const holes: string[] = [];
    for (let i = from; i < at; i++) {
      if (this.#seen.has(i) || this.#told.has(i)) continue;
      this.#told.add(i);
      holes.push(this.#names[i] ?? '');
    }
    return holes;
  }
}
