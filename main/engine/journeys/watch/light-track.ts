import { medianOf } from './limits.ts';

/** So many tiles before say how bright the light is. */
const remembered = 5;

/** How a tile is lit: parts of the grey level, +0.1 = a tenth brighter. */
export interface Light {
  /** Against the tile before and the last few, the smaller; null where there is none. */
  readonly step: number | null;
  /** Against the section's first tile. */
  readonly drift: number;
}

/**
 * Follows how bright the light is, whatever the tissue is: neighbours show the same in their overlap, so each tile's light
 * is the median over them of their light and the ratio of the grey levels there. A fall of the lamp shows once and not in
 * all that follow it.
 */
export class LightTrack {
  /** Logarithms. */
  readonly #level = new Map<number, number>();
  #last: { readonly section: number; readonly levels: number[] } | null = null;

  /** Takes a tile with the logarithms of its grey level over each neighbour's; null where there is none to compare with. */
  take(
    tile: { readonly id: number; readonly section: number },
    links: readonly { readonly from: number; readonly ratio: number }[],
  ): Light | null {
    const levels = this.#levelsOf(tile.section);
    const seen = links.map(({ from, ratio }) => (this.#level.get(from) ?? 0) + ratio);
    const level = seen.length > 0 ? medianOf(seen) : (levels.at(-1) ?? 0);
    this.#level.set(tile.id, level);
    if (seen.length === 0) return null;
    const before = levels.at(-1);
    const steps = before === undefined ? [] : [level - before, level - medianOf(levels)];
    const [step] = steps.toSorted((a, b) => Math.abs(a) - Math.abs(b));
    return { step: step === undefined ? null : partOf(step), drift: partOf(level) };
  }

  /** Takes a tile as it was found before. */
  recall(tile: number, drift: number | undefined): void {
    this.#level.set(tile, drift === undefined ? 0 : Math.log1p(drift));
  }

  /** The tile was fine: those after it are compared with it. */
  settle(tile: { readonly id: number; readonly section: number }): void {
    const levels = this.#levelsOf(tile.section);
    levels.push(this.#level.get(tile.id) ?? 0);
    if (levels.length > remembered) levels.shift();
  }

  #levelsOf(section: number): number[] {
    if (this.#last?.section !== section) this.#last = { section, levels: [] };
    return this.#last.levels;
  }
}

const partOf = (logarithm: number): number => Math.round(1e6 * Math.expm1(logarithm)) / 1e6;
