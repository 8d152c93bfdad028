// The only file that touches the port. The client outlives the engine: calls made before the engine answers wait, and
// when the engine starts again the calls in flight fail with 'worker-died' and a new client takes over.
import { api } from '../preload/contract/api.ts';
import type { LamellaClient } from '../preload/contract/api.ts';
import type { Bridge, EngineState } from '../preload/contract/bridge.ts';
import { ENGINE_PORT_MESSAGE } from '../preload/contract/bridge.ts';
import { createClient } from '../preload/contract/rpc.ts';
import type { Port } from '../preload/contract/rpc.ts';

declare global {
  interface Window {
    lamella: Bridge;
  }
}

export const bridge: Bridge = window.lamella;

/** A port that keeps what is posted until there is a channel to post it to. */
class EnginePort implements Port {
  #channel: MessagePort | null = null;
  #waiting: unknown[] = [];
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: () => void = () => undefined;

  get attached(): boolean {
    return this.#channel !== null;
  }

  attach(channel: MessagePort): void {
    this.#channel = channel;
    channel.onmessage = (event) => this.#onMessage(event.data);
    for (const message of this.#waiting) channel.postMessage(message);
    this.#waiting = [];
  }

  post(message: unknown): void {
    if (this.#channel) this.#channel.postMessage(message);
    else this.#waiting.push(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  close(): void {
    this.#channel?.close();
    this.#onClose();
  }
}

interface Connection {
  readonly port: EnginePort;
  readonly client: LamellaClient;
}

function newConnection(): Connection {
  const port = new EnginePort();
  return { port, client: createClient(port, api) };
}

let connection = newConnection();
const listeners = new Set<(state: EngineState) => void>();

/** The client of the engine that runs now. Don't keep it: ask again for each call. */
export const engine = (): LamellaClient => connection.client;

/** Tells of each start, and of an engine that would not start; `running` means: ask for everything again. */
export function onEngine(listener: (state: EngineState) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (state: EngineState): void => listeners.forEach((listener) => listener(state));

/** Starts listening for ports. Call once. */
export function connectEngine(): void {
  window.addEventListener('message', (event: MessageEvent<{ type?: unknown } | null>) => {
    const channel = event.ports[0];
    if (event.source !== window || event.data?.type !== ENGINE_PORT_MESSAGE || !channel) return;
    // The page asks for a port when it loads and the shell offers one when the engine starts: the first one serves.
    if (connection.port.attached) return channel.close();
    connection.port.attach(channel);
    tell('running');
  });
  bridge.onEngineState((state) => {
    if (state !== 'running' && connection.port.attached) {
      const dead = connection;
      connection = newConnection();
      dead.port.close();
    }
    if (state !== 'running') tell(state);
  });
  bridge.connectEngine();
}
