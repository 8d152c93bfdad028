import { AsyncLocalStorage } from 'node:async_hooks';
import { tasks } from '../../../native-workers/tasks.ts';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { each, inTurns } from './in-turns.ts';
import type { JobRun, Kernels, Stage, Unit } from './job.ts';
import { isNoWorker } from './pool.ts';
import type { Ledger } from './ledger.ts';
import type { Meter } from './progress.ts';

export interface RunnerOptions {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Once aborted, no further unit is begun: the run ends with `Paused` after those in flight. */
  readonly pausing: AbortSignal;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly onProgress: () => void;
}

/** Failures that the input is to blame for. All others may be gone at the next try, so the ledger does not keep them. */
const lastingTags = ['bad-source', 'bad-layout', 'over-budget', 'not-good-enough'] as const;

/** Thrown through a run that was asked to pause. */
export class Paused extends Error {}

/** One run of a job: works through stages, skipping what the ledger has. */
export class Runner implements JobRun {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  /** Name and version of each kernel that this run asked for. */
  readonly kernelsUsed = new Map<string, number>();
  readonly #options: RunnerOptions;
  readonly #warnings = new Map<string, Warning>();
  readonly #stageWarnings = new Map<string, readonly Warning[]>();
  /** The warnings of the unit that the current asynchronous call belongs to. */
  readonly #unitWarnings = new AsyncLocalStorage<Warning[]>();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.id = options.id;
    this.signal = options.signal;
    this.library = options.library;
    this.kernels = {
      threads: options.kernels.threads,
      run: (task, header, given) => {
        this.kernelsUsed.set(task, tasks[task].version);
        return options.kernels.run(task, header, { signal: options.signal, ...given });
      },
    };
  }

  get warnings(): readonly Warning[] {
    return [...this.#warnings.values()];
  }

  /** Inside a unit the warning is kept with the unit, so that a resumed run still has it. */
  warn(warning: Warning): void {
    this.#unitWarnings.getStore()?.push(warning);
    this.#show(warning);
  }

  async stage<R>(stage: Stage<R>): Promise<readonly R[]> {
    this.checkIn();
    const results = new Map<string, R>();
    const warningsBefore = this.warnings;
    this.#stageWarnings.clear();
    await inTurns(
      each(stage.units, (unit) => this.#recall(unit, results)),
      this.signal,
    );
    const missing = [...new Map(stage.units.map((unit) => [unit.key, unit])).values()].filter(
      (unit) => !results.has(unit.key),
    );
    const kept = stage.units.length - missing.length;
    this.#options.meter.begin(stage.name, stage.unit, stage.weight ?? null, stage.units.length, kept);
    this.#options.onProgress();
    await this.#workThrough(stage, missing, results);
    this.checkIn();
    this.#putInOrder(stage, warningsBefore);
    return stage.units.map((unit) => results.get(unit.key) as R);
  }

  #recall<R>(unit: Unit<R>, results: Map<string, R>): void {
    const entry = this.#options.ledger.find(unit.key);
    if (!entry || unit.stillThere?.(entry.output as R) === false) return;
    results.set(unit.key, entry.output as R);
    this.#stageWarnings.set(unit.key, entry.warnings);
    for (const warning of entry.warnings) this.#show(warning);
  }

  /** Units finish in any order; what they warn of is told in the order of the units, the same for every run. */
  #putInOrder<R>(stage: Stage<R>, before: readonly Warning[]): void {
    const inOrder = stage.units.flatMap((unit) => this.#stageWarnings.get(unit.key) ?? []);
    const all = [...before, ...inOrder, ...this.warnings];
    this.#warnings.clear();
    for (const warning of all) this.#show(warning);
  }

  /** A fixed number of hands take unit after unit; the first failure stops the others after their unit. */
  async #workThrough<R>(stage: Stage<R>, missing: readonly Unit<R>[], results: Map<string, R>): Promise<void> {
    const queue = missing.values();
    let failure: { readonly error: unknown } | null = null;
    const hand = async (): Promise<void> => {
      for (const unit of queue) {
        try {
          this.checkIn();
          results.set(unit.key, await this.#workOn(stage, unit));
        } catch (error) {
          failure ??= { error };
        }
        if (failure) return;
      }
    };
    // One more than there are threads, so that none waits while a finished unit is written down.
    const hands = Math.max(1, stage.inFlight ?? this.kernels.threads + 1);
    await Promise.all(Array.from({ length: Math.min(hands, missing.length) }, hand));
    if (failure) throw (failure as { readonly error: unknown }).error;
  }

  async #workOn<R>(stage: Stage<R>, unit: Unit<R>): Promise<R> {
    const warnings: Warning[] = [];
    const { made, isFinal } = await this.#unitWarnings.run(warnings, () => this.#attempt(stage, unit));
    this.signal.throwIfAborted();
    // As the ledger will give it back, so that a resumed run cannot differ.
    const output = JSON.parse(JSON.stringify(made ?? null)) as R;
    this.#stageWarnings.set(unit.key, warnings);
    if (isFinal) await this.#options.ledger.add(this.id, unit.key, { output, warnings });
    this.#options.meter.add();
    this.#options.onProgress();
    return output;
  }

  /** `isFinal`: running the unit again would give the same, so the ledger may keep it. */
  async #attempt<R>(stage: Stage<R>, unit: Unit<R>): Promise<{ readonly made: R; readonly isFinal: boolean }> {
    try {
      return { made: await unit.run(this.signal), isFinal: true };
    } catch (error) {
      this.signal.throwIfAborted();
      if (!stage.onFailure || isLamellaError(error, 'cancelled', 'disk-full') || isNoWorker(error)) throw error;
      const made = stage.onFailure(error, unit);
      if (this.#unitWarnings.getStore()?.length === 0) this.warn(warningOf(unit.subject, error));
      return { made, isFinal: isLamellaError(error, ...lastingTags) };
    }
  }

  checkIn(): void {
    this.signal.throwIfAborted();
    if (this.#options.pausing.aborted) throw new Paused('paused');
  }

  #show(warning: Warning): void {
    const key = JSON.stringify([warning.subject, warning.message]);
    if (this.#warnings.has(key)) return;
    this.#warnings.set(key, warning);
    this.#options.onProgress();
  }
}

function warningOf(subject: string, error: unknown): Warning {
  if (error instanceof LamellaError) return { subject, message: error.message, hint: error.hint };
  return { subject, message: error instanceof Error ? error.message : String(error) };
}
