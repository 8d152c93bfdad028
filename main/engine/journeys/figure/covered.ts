/** Which bytes of a file are written: spans in order that neither touch nor overlap. */
export class Covered {
  #spans: readonly (readonly [from: number, to: number])[] = [];

  add(from: number, to: number): void {
    if (to <= from) return;
    const apart = this.#spans.filter(([start, end]) => end < from || start > to);
    const joined = this.#spans.filter(([start, end]) => end >= from && start <= to);
    const span = [Math.min(from, ...joined.map(([start]) => start)), Math.max(to, ...joined.map(([, end]) => end))];
    this.#spans = [...apart, [span[0] ?? from, span[1] ?? to] as const].sort(([a], [b]) => a - b);
  }

  /** Where the last byte ends. */
  get end(): number {
    return this.#spans.at(-1)?.[1] ?? 0;
  }

  get spans(): number {
    return this.#spans.length;
  }

  /** The first bytes that are missing before the end, or null. */
  gap(): readonly [from: number, to: number] | null {
    const [first, second] = this.#spans;
    if (!first) return null;
    if (first[0] > 0) return [0, first[0]];
    return second ? [first[1], second[0]] : null;
  }
}
