/** What the sample acquisition is made of, and what it is known to be: the truth that results are compared with. */
export interface Acquisition {
  readonly seed: number;
  readonly tilePx: number;
  readonly overlapPx: number;
  /** File name of the tile that shows nothing. */
  readonly blank: string;
  /** File name of the tile that repeats the pixels of another. */
  readonly duplicate: { readonly file: string; readonly repeats: string };
  readonly tiles: readonly AcquiredTile[];
}

export interface AcquiredTile {
  readonly name: string;
  readonly section: number;
  readonly row: number;
  readonly col: number;
  /** Where the stage said that the corner was, and where it truly was, pixels of the same tissue. */
  readonly stagePx: readonly [number, number];
  readonly truePx: readonly [number, number];
  /** What its file shows: its own field of view, or that of the tile it repeats. */
  readonly shows: FieldOfView;
}

export interface FieldOfView {
  readonly truePx: readonly [number, number];
  readonly gain: number;
  readonly offset: number;
  readonly vignette: number;
  readonly noiseSeed: number;
  readonly kind: 'tissue' | 'blank';
}

export interface AcquisitionRequest {
  readonly seed: number;
  readonly sections: number;
  readonly rows: number;
  readonly cols: number;
  readonly tilePx: number;
}

const overlapPart = 0.15;
/** Standard deviation of the stage's error for tiles of 512 px and more; it is cut at 2.5 of them. */
const stageSdPx = 3;
/** The tissue has no corner at 0: a margin keeps every field of view inside. */
const marginPx = 256;

/** Everything follows from the seed: the same request gives the same acquisition everywhere. */
export function planAcquisition({ seed, sections, rows, cols, tilePx }: AcquisitionRequest): Acquisition {
  const random = seededRandom(seed);
  const overlapPx = Math.round(tilePx * overlapPart);
  const tiles: AcquiredTile[] = [];
  for (let section = 0; section < sections; section++) {
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) tiles.push(acquire(random, { section, row, col }, tilePx, overlapPx, seed));
    }
  }
  const { blank, duplicate, original } = pickFaulty(random, tiles, cols);
  return {
    seed,
    tilePx,
    overlapPx,
    blank: blank.name,
    duplicate: { file: duplicate.name, repeats: original.name },
    tiles: tiles.map((tile) =>
      tile === blank
        ? { ...tile, shows: { ...tile.shows, kind: 'blank' } }
        : tile === duplicate
          ? { ...tile, shows: original.shows }
          : tile,
    ),
  };
}

interface GridPlace {
  readonly section: number;
  readonly row: number;
  readonly col: number;
}

function acquire(
  random: () => number,
  place: GridPlace,
  tilePx: number,
  overlapPx: number,
  seed: number,
): AcquiredTile {
  const sd = Math.min(stageSdPx, (tilePx * stageSdPx) / 512);
  const stagePx = [place.col * (tilePx - overlapPx), place.row * (tilePx - overlapPx)] as const;
  const truePx = [marginPx + stagePx[0] + normal(random, sd), marginPx + stagePx[1] + normal(random, sd)] as const;
  const shows: FieldOfView = {
    truePx,
    gain: 0.85 + 0.3 * random(),
    offset: Math.round(12 * (random() - 0.5)),
    vignette: 0.05 + 0.15 * random(),
    noiseSeed: (seed ^ Math.floor(random() * 2 ** 31)) >>> 1,
    kind: 'tissue',
  };
  return { ...place, name: nameOf(place), stagePx, truePx, shows };
}

const nameOf = ({ section, row, col }: GridPlace): string =>
  `s${String(section).padStart(3, '0')}_r${String(row).padStart(2, '0')}_c${String(col).padStart(2, '0')}.png`;

interface Faulty {
  readonly blank: AcquiredTile;
  readonly duplicate: AcquiredTile;
  readonly original: AcquiredTile;
}

/** The blank and the repeated tile lie in different halves of the acquisition; a repeat shows its left neighbour. */
function pickFaulty(random: () => number, tiles: readonly AcquiredTile[], cols: number): Faulty {
  const half = tiles.length >> 1;
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const blank = pick(tiles.slice(0, half));
  const duplicate = pick(tiles.slice(half).filter((tile) => tile.col > 0));
  const original =
    duplicate &&
    tiles.find(
      (tile) => tile.section === duplicate.section && tile.row === duplicate.row && tile.col === duplicate.col - 1,
    );
  if (!blank || !duplicate || !original)
    throw new RangeError(`an acquisition of ${cols} columns has no room for a repeated tile`);
  return { blank, duplicate, original };
}

/** Marsaglia's polar method, cut at 2.5 standard deviations. */
function normal(random: () => number, sd: number): number {
  for (;;) {
    const [u, v] = [2 * random() - 1, 2 * random() - 1];
    const s = u * u + v * v;
    if (s <= 0 || s >= 1) continue;
    const z = u * Math.sqrt((-2 * Math.log(s)) / s);
    if (Math.abs(z) <= 2.5) return z * sd;
  }
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
