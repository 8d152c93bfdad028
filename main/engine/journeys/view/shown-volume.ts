import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import type { Kernels } from '../../jobs/job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import type { OpenedVolume, OpenVolumes } from '../../volumes/open-volumes.ts';

/** A volume as it is looked at: opened at the first read, told when its source is not what it was, read anew then. */
export class ShownVolume {
  readonly #volumes: OpenVolumes;
  readonly #library: LibraryStore;
  readonly #id: string;
  readonly #kernels: Kernels;
  #opened: OpenedVolume | null = null;
  /** Why it could not be opened. */
  notOpened: unknown = null;

  constructor(volumes: OpenVolumes, library: LibraryStore, id: string, kernels: Kernels) {
    [this.#volumes, this.#library, this.#id, this.#kernels] = [volumes, library, id, kernels];
  }

  /** Whether the source was there when it was last asked: where not, what can be read is cached as it came. */
  get answers(): boolean {
    return this.#opened?.place?.state() !== 'offline';
  }

  /** When anything of its source came last, by `performance.now()`. */
  get heardAt(): number {
    return this.#opened?.place?.heardAt() ?? -Infinity;
  }

  /**
   * Reads of it. Damage is read once more past what was kept of a server; where that is no better, the source is looked
   * at: what it says is the reason, where it is gone or another.
   */
  async read<T>(work: (volume: OpenVolume) => Promise<T>): Promise<T> {
    const opened = await this.#open();
    const { volume, place } = opened;
    let why: unknown;
    try {
      return await work(volume);
    } catch (error) {
      why = error;
    }
    if (place?.kind === 'remote' && isDamage(why) && !isChange(why)) {
      try {
        return await place.afresh(() => work(volume));
      } catch (error) {
        why = error;
      }
    }
    if (place && isDamage(why)) await place.check().catch((error: unknown) => (why = error));
    if (!isChange(why)) throw why;
    // Where it had changed before it was opened, nothing of what it was has been seen.
    const isNew = place?.isUnproven() === true;
    await this.#forget(opened);
    if (isNew) return this.read(work);
    throw why;
  }

  async #open(): Promise<OpenedVolume> {
    try {
      return (this.#opened = await this.#volumes.shown(this.#library, this.#id, this.#kernels));
    } catch (error) {
      this.notOpened = error;
      throw error;
    }
  }

  /** It is opened anew when it is read next: nothing of before is mixed with what is there now. */
  async #forget(opened: OpenedVolume): Promise<void> {
    if (this.#opened !== opened) return;
    this.#opened = null;
    await this.#volumes.forgetRead(this.#library, this.#id, opened.place);
  }
}

const isDamage = (error: unknown): boolean => isLamellaError(error, 'bad-source');
const isChange = (error: unknown): boolean => isLamellaError(error) && error.fields['changed'] === true;
