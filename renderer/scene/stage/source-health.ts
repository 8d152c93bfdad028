import type { WireError } from '../../../preload/contract/errors.ts';
import type { BrickNews } from '../../state/bricks.ts';

/** Requests follow each other: that none runs is believed after a moment. */
const settleMs = 300;

/**
 * Knows which volumes lack something that their source would not give, and tells when a source is back: once something
 * came of it since it was last asked again, nothing was refused, and no request is under way. Otherwise, of a source
 * that gives some parts and not others, the news would come and go.
 */
export class SourceHealth {
  readonly #tell: (news: BrickNews) => void;
  readonly #running = new Map<string, number>();
  /** The user was told of these. */
  readonly #away = new Set<string>();
  /** Since they were last asked again. */
  readonly #refused = new Set<string>();
  readonly #answered = new Set<string>();

  constructor(tell: (news: BrickNews) => void) {
    this.#tell = tell;
  }

  begins(volume: string): void {
    this.#running.set(volume, this.#runningOf(volume) + 1);
  }

  /** `answered`: something came of the source itself. */
  ends(volume: string, answered: boolean): void {
    this.#running.set(volume, this.#runningOf(volume) - 1);
    if (answered) this.#answered.add(volume);
    if (this.#away.has(volume)) setTimeout(() => this.#settle(volume), settleMs);
  }

  refused(volume: string, error: WireError | null): void {
    this.#away.add(volume);
    this.#refused.add(volume);
    this.#tell({ volume, is: 'away', error, partly: this.#answered.has(volume) });
  }

  /** What was refused is asked for again. */
  retry(): void {
    this.#refused.clear();
    this.#answered.clear();
  }

  #settle(volume: string): void {
    const isBack = this.#answered.has(volume) && !this.#refused.has(volume) && this.#runningOf(volume) === 0;
    if (isBack && this.#away.delete(volume)) this.#tell({ volume, is: 'there' });
  }

  #runningOf(volume: string): number {
    return this.#running.get(volume) ?? 0;
  }
}
