/** Messages and bytes that may be under way to a caller that has not taken them in yet. */
const MAX_EVENTS_AHEAD = 8;
const MAX_BYTES_AHEAD = 8 << 20;

interface Event {
  readonly value: unknown;
  readonly bytes: Uint8Array | undefined;
}

/**
 * The events of one stream, sent no faster than the caller takes them in. What waits here is dropped when the stream is
 * cancelled; what was sent is not.
 */
export class EventStream {
  readonly #send: (value: unknown, bytes?: Uint8Array) => void;
  readonly #waiting: Event[] = [];
  readonly #underWay: number[] = [];
  #bytesUnderWay = 0;
  #onDrained: (() => void)[] = [];
  #closed = false;

  constructor(send: (value: unknown, bytes?: Uint8Array) => void) {
    this.#send = send;
  }

  emit(value: unknown, bytes?: Uint8Array): void {
    if (this.#closed) return;
    this.#waiting.push({ value, bytes });
    this.#pump();
  }

  /** The caller has taken in so many more events. */
  taken(events: number): void {
    for (const size of this.#underWay.splice(0, events)) this.#bytesUnderWay -= size;
    this.#pump();
  }

  /** Settles when nothing waits to be sent, or the stream is closed. */
  drained(): Promise<void> {
    if (this.#waiting.length === 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#release();
  }

  #pump(): void {
    while (
      this.#waiting.length > 0 &&
      this.#underWay.length < MAX_EVENTS_AHEAD &&
      this.#bytesUnderWay < MAX_BYTES_AHEAD
    ) {
      const event = this.#waiting.shift();
      if (!event) break;
      const size = event.bytes?.byteLength ?? 0;
      this.#underWay.push(size);
      this.#bytesUnderWay += size;
      this.#send(event.value, event.bytes);
    }
    if (this.#waiting.length === 0) this.#release();
  }

  #release(): void {
    const waiting = this.#onDrained;
    this.#onDrained = [];
    for (const resolve of waiting) resolve();
  }
}
