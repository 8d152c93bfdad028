import type { PlaneMap } from './plane-map.ts';
import { PlaneSearch } from './plane-search.ts';

/** Nodes along each side at which slopes are looked at, and from which places are searched where a map folds. */
const nodes = 17;
const searchNodes = 9;
/** Places nearer to each other than this are one. */
const samePx = 1e-3;

/** Where a map turns a tile over. Looked for once, at the nodes of a grid over the tile. */
export class Folds {
  readonly #map: PlaneMap;
  readonly #sizePx: readonly [number, number];
  #known: { readonly share: number; readonly isMirrored: boolean } | undefined;

  constructor(map: PlaneMap, sizePx: readonly [number, number]) {
    [this.#map, this.#sizePx] = [map, sizePx];
  }

  get share(): number {
    return this.#look().share;
  }

  /** Whether the map turns over most of the tile: that is how the tile lies, then, and no fold. */
  get isMirrored(): boolean {
    return this.#look().isMirrored;
  }

  /** The one place of the tile that leads to a point; NaN where there is none, and where there are several. */
  inverse(points: Float64Array, out: Float64Array): void {
    const starts = this.#grid(searchNodes);
    const found = new Float64Array(points.length).fill(NaN);
    const isFolded = new Uint8Array(points.length / 2);
    const trial = new Float64Array(points.length);
    for (let s = 0; s < starts.length; s += 2) {
      const begin = Float64Array.from(points, (_, k) => starts[s + (k & 1)]!);
      const search = new PlaneSearch(this.#map, points, begin, this.isMirrored);
      search.run(trial, true);
      for (let i = 0; i < isFolded.length; i++) this.#collect(i, trial, search.turned[i] === 1, found, isFolded);
    }
    isFolded.forEach((folded, i) => folded && found.fill(NaN, 2 * i, 2 * i + 2));
    out.set(found);
  }

  #collect(i: number, trial: Float64Array, isTurned: boolean, found: Float64Array, isFolded: Uint8Array): void {
    const [x, y] = [trial[2 * i]!, trial[2 * i + 1]!];
    const [width, height] = this.#sizePx;
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) return;
    const [knownX, knownY] = [found[2 * i]!, found[2 * i + 1]!];
    const isOther = Math.hypot(x - knownX, y - knownY) > samePx;
    if (isTurned || isOther) isFolded[i] = 1;
    else if (Number.isNaN(knownX)) found.set([x, y], 2 * i);
  }

  #look(): { readonly share: number; readonly isMirrored: boolean } {
    return (this.#known ??= this.#turns());
  }

  #turns(): { readonly share: number; readonly isMirrored: boolean } {
    const points = this.#grid(nodes);
    const slopes = Float64Array.from({ length: 2 * points.length }, (_, k) => (k % 4 === 0 || k % 4 === 3 ? 1 : 0));
    this.#map.lead(points, slopes);
    let turned = 0;
    for (let k = 0; k < slopes.length; k += 4)
      if (slopes[k]! * slopes[k + 3]! - slopes[k + 1]! * slopes[k + 2]! < 0) turned++;
    const share = turned / (slopes.length / 4);
    return share > 0.5 ? { share: 1 - share, isMirrored: true } : { share, isMirrored: false };
  }

  #grid(side: number): Float64Array {
    const points = new Float64Array(2 * side * side);
    for (let row = 0, k = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        points[k++] = (column / (side - 1)) * this.#sizePx[0];
        points[k++] = (row / (side - 1)) * this.#sizePx[1];
      }
    return points;
  }
}
