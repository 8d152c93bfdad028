import { labelHash } from '../../../ui/label-colours.ts';

/**
 * Numbers ids of 64 bits 1, 2, 3… in the order in which they come; id 0 is number 0. Open addressing with linear probing,
 * half full at most: about 24 bytes an id, and no objects.
 */
export class IdNumbers {
  #slots = new Uint32Array(1 << 12);
  #lows = new Uint32Array(1 << 11);
  #highs = new Uint32Array(1 << 11);
  #count = 1;

  /** Numbers given, with 0: the next number. */
  get count(): number {
    return this.#count;
  }

  /** The number of an id; 0 where it has none. */
  find(low: number, high: number): number {
    return low === 0 && high === 0 ? 0 : (this.#slots[this.#slotOf(low, high)] ?? 0);
  }

  /** The number of an id, a new one where it has none. */
  add(low: number, high: number): number {
    if (low === 0 && high === 0) return 0;
    const slot = this.#slotOf(low, high);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known;
    if (this.#count === this.#lows.length) {
      this.#grow();
      return this.add(low, high);
    }
    this.#lows[this.#count] = low;
    this.#highs[this.#count] = high;
    this.#slots[slot] = this.#count;
    return this.#count++;
  }

  low(number: number): number {
    return this.#lows[number] ?? 0;
  }

  high(number: number): number {
    return this.#highs[number] ?? 0;
  }

  /** Where an id is, or would be put. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = labelHash(low, high, 0) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0 || (this.#lows[number] === low && this.#highs[number] === high)) return slot;
    }
  }

  #grow(): void {
    this.#lows = twice(this.#lows);
    this.#highs = twice(this.#highs);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 1; number < this.#count; number++)
      this.#slots[this.#slotOf(this.low(number), this.high(number))] = number;
  }
}

function twice(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(words.length * 2);
  wider.set(words);
  return wider;
}
