/** A geometry or a texture. */
interface Disposable {
  dispose(): void;
}

interface OnGpu {
  readonly item: Disposable;
  readonly bytes: number;
  usedIn: number;
}

/** Geometries and textures on the GPU, within a cap: what was not drawn for longest goes first, what was drawn last stays. */
export class GpuShelf {
  capBytes: number;
  /** By what they show, and how. */
  readonly #held = new Map<object, Map<string, OnGpu>>();
  #bytes = 0;
  #turn = 0;

  constructor(capBytes: number) {
    this.capBytes = capBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `bytes`: what it takes there. The same `how` is always made by the same kind of `make`. */
  use<T extends Disposable>(of: object, how: string, bytes: number, make: () => T): T {
    const known = this.#held.get(of) ?? new Map<string, OnGpu>();
    // Least used first.
    this.#held.delete(of);
    this.#held.set(of, known);
    const held = known.get(how);
    if (held) {
      held.usedIn = this.#turn;
      return held.item as T;
    }
    const item = make();
    known.set(how, { item, bytes, usedIn: this.#turn });
    this.#bytes += bytes;
    return item;
  }

  /** Ends a turn of drawing: lets go of what is over the cap and was not drawn in it, or in the few before it. */
  endTurn(): void {
    for (const [of, known] of this.#held) {
      if (this.#bytes <= this.capBytes) break;
      // Each pane is a turn of its own: what the other panes show stays.
      if (Array.from(known.values()).every(({ usedIn }) => usedIn < this.#turn - 24)) this.drop(of);
    }
    this.#turn++;
  }

  drop(of: object): void {
    for (const { item, bytes } of this.#held.get(of)?.values() ?? []) {
      this.#bytes -= bytes;
      item.dispose();
    }
    this.#held.delete(of);
  }

  clear(): void {
    for (const of of Array.from(this.#held.keys())) this.drop(of);
  }
}
