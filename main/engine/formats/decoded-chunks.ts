import { isLamellaError } from '../../../preload/contract/errors.ts';

interface Held {
  readonly bytes: number;
  readonly voxels: Promise<Uint8Array>;
}

/**
 * The last decoded chunks, by bytes. For chunks that answer several questions: those that span channels or times, and
 * strips that span tiles. Whoever asks while a chunk is being decoded waits for it. What fails is forgotten at once.
 */
export class DecodedChunks {
  readonly #most: number;
  /** Oldest first. */
  readonly #held = new Map<string, Held>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** Bytes that are held, or will be once they are decoded. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /**
   * The chunk by that key, made where it is not held. Callers share it, so nobody may write to it. `bytes`: what it
   * will take once decoded; what is larger than the whole cache is made and not kept. A cancelled `make` fails only
   * its own caller: whoever waited for it makes the chunk anew.
   */
  async get(key: string, bytes: number, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#held.get(key);
    if (!found) return this.#make(key, bytes, make);
    this.#held.delete(key);
    this.#held.set(key, found);
    try {
      return await found.voxels;
    } catch (error) {
      if (isLamellaError(error, 'cancelled')) return this.get(key, bytes, make);
      throw error;
    }
  }

  #make(key: string, bytes: number, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const made = make();
    if (bytes > this.#most) return made;
    const held: Held = { bytes, voxels: made };
    this.#held.set(key, held);
    this.#bytes += bytes;
    made.catch(() => this.#forget(key, held));
    for (const [oldKey, old] of this.#held) {
      if (this.#bytes <= this.#most) break;
      this.#forget(oldKey, old);
    }
    return made;
  }

  #forget(key: string, held: Held): void {
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.#bytes -= held.bytes;
  }
}

/** Of the process. Keys begin with `nextVolumeToken()` of the opened volume. */
export const decodedChunks = new DecodedChunks(128 * 2 ** 20);

let tokens = 0;

/** A prefix for keys that no other opened volume has. */
export const nextVolumeToken = (): string => `${(tokens += 1)}:`;
