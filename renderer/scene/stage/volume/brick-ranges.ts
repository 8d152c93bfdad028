import type { HeldBrick } from '../brick-store.ts';

/** The least and largest values of bricks: rays pass over those that can show nothing. Found a little at a time. */
export class BrickRanges {
  readonly #known = new WeakMap<HeldBrick, readonly [number, number]>();
  #until = 0;
  /** Whether a brick was asked for that there was no time for. */
  late = false;

  /** `until`: on the clock of `performance.now()`. */
  begin(until: number): void {
    this.#until = until;
    this.late = false;
  }

  of(brick: HeldBrick | undefined): readonly [number, number] | undefined {
    if (!brick?.voxels || 'indices' in brick.voxels) return undefined;
    const known = this.#known.get(brick);
    if (known) return known;
    if (performance.now() > this.#until) {
      this.late = true;
      return undefined;
    }
    const range = rangeOf(brick.voxels);
    this.#known.set(brick, range);
    return range;
  }
}

export function rangeOf(voxels: Uint8Array | Uint16Array): readonly [number, number] {
  let least = 65_535;
  let most = 0;
  for (let i = 0; i < voxels.length; i++) {
    const value = voxels[i] as number;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
