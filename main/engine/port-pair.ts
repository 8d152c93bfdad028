import type { Port } from '../../preload/contract/rpc.ts';

/**
 * Two ports that speak to each other within one process, as if through a wire: each message arrives later and is a
 * copy, so that neither side can lean on what the other holds. Bytes are handed over, not copied.
 */
export function portPair(): readonly [Port, Port] {
  const a = new PairedPort();
  const b = new PairedPort();
  a.peer = b;
  b.peer = a;
  return [a, b];
}

class PairedPort implements Port {
  peer: PairedPort | null = null;
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: (() => void)[] = [];
  #closed = false;

  post(message: unknown): void {
    const { peer } = this;
    if (this.#closed || !peer) return;
    const copy = copied(message);
    setImmediate(() => {
      if (!peer.#closed) peer.#onMessage(copy);
    });
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#onClose) listener();
    this.peer?.close();
  }
}

function copied(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('bytes' in message)) return structuredClone(message);
  const { bytes, ...rest } = message;
  return { ...(structuredClone(rest) as object), bytes };
}
