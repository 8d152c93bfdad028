// The only file that touches the ports. The client outlives the engine: calls made before the engine answers wait, and
// when the engine starts again the calls in flight fail with 'worker-died' and a new client takes over.
import { api } from '../preload/contract/api.ts';
import type { LamellaClient } from '../preload/contract/api.ts';
import type { Bridge, EngineState } from '../preload/contract/bridge.ts';
import { ENGINE_PORT_MESSAGE } from '../preload/contract/bridge.ts';
import { LatePort } from '../preload/contract/late-port.ts';
import { createClient } from '../preload/contract/rpc.ts';

declare global {
  interface Window {
    lamella: Bridge;
  }
}

export const bridge: Bridge = window.lamella;

interface Connection {
  readonly port: LatePort;
  readonly client: LamellaClient;
}

function newConnection(): Connection {
  const port = new LatePort();
  return { port, client: createClient(port, api) };
}

let connection = newConnection();

let drawing: MessagePort | null = null;
let onDrawing: ((port: MessagePort | null) => void) | null = null;

/** Hands the port of the thread that draws to the one listener that there is; null while there is no engine. */
export function takeDrawingPort(listener: (port: MessagePort | null) => void): void {
  onDrawing = listener;
  if (drawing) listener(drawing);
}

function giveDrawingPort(port: MessagePort | null): void {
  drawing = port;
  onDrawing?.(port);
}

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
    const [channel, forDrawing] = event.ports;
    if (event.source !== window || event.data?.type !== ENGINE_PORT_MESSAGE || !channel) return;
    // The page asks for ports when it loads and the shell offers them when the engine starts: the first ones serve.
    if (connection.port.attached) return event.ports.forEach((port) => port.close());
    connection.port.attach(channel);
    giveDrawingPort(forDrawing ?? null);
    tell('running');
  });
  bridge.onEngineState((state) => {
    if (state !== 'running' && connection.port.attached) {
      const dead = connection;
      connection = newConnection();
      dead.port.close();
      giveDrawingPort(null);
    }
    if (state !== 'running') tell(state);
  });
  bridge.connectEngine();
}
