// Keeps one engine running in a utility process, hands the window ports straight to it, and starts it again when
// it dies: jobs and data live on disk, so a new engine goes on where the old one was.
import { MessageChannelMain, utilityProcess } from 'electron';
import type { MessagePortMain, UtilityProcess } from 'electron';
import type { EngineState, PortPurpose } from '../preload/contract/bridge.ts';

/** From the shell to the engine, over the parent port. */
export type ToEngine =
  | { type: 'port'; for: PortPurpose }
  | { type: 'grant'; id: string; path: string }
  /** `id` is the origin itself: it names the answer. */
  | { type: 'server'; id: string }
  | { type: 'close' };
/** From the engine to the shell. */
export type FromEngine = { type: 'granted'; id: string };

export interface EngineHostOptions {
  /** dist/main/engine-process.cjs */
  entry: string;
  /** Where the engine keeps what belongs to no library: the list of recent ones, the cache. */
  folder: string;
  log: (line: string) => void;
  /** Told of every change; `running` comes after each start. */
  onState: (state: EngineState) => void;
}

const MAX_FAILURES = 5;
/**
 * Pixels pass through the engine in buffers that V8 counts against a heap which is small itself: with its own limit it
 * collects all of it every few megabytes, 40 ms each time. In MB; benches run with the same.
 */
const collectLater = ['--js-flags=--initial-old-space-size=128'];
/** An engine that ran this long has earned a fresh count of failures. */
const STEADY_MS = 60_000;

export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #grants = new Map<string, string>();
  readonly #servers = new Set<string>();
  readonly #acknowledge = new Map<string, () => void>();
  #child: UtilityProcess | null = null;
  #state: EngineState = 'starting';
  #failures = 0;
  #stopping = false;

  constructor(options: EngineHostOptions) {
    this.#options = options;
  }

  start(): void {
    this.#enter('starting');
    const startedAt = Date.now();
    const child = utilityProcess.fork(this.#options.entry, [this.#options.folder], {
      serviceName: 'Lamella engine',
      stdio: 'pipe',
      execArgv: collectLater,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#options.log(chunk.toString().trimEnd()));
    }
    child.on('message', (message: FromEngine) => this.#acknowledge.get(message.id)?.());
    child.once('spawn', () => this.#enter('running'));
    child.once('exit', (code) => this.#onExit(code, Date.now() - startedAt));
    this.#child = child;
    for (const [id, path] of this.#grants) this.#send({ type: 'grant', id, path });
    for (const id of this.#servers) this.#send({ type: 'server', id });
  }

  /** A new port to the engine; null while there is none (`onState` tells when to ask again). */
  connect(purpose: PortPurpose): MessagePortMain | null {
    if (!this.#child) return null;
    const { port1, port2 } = new MessageChannelMain();
    this.#send({ type: 'port', for: purpose }, [port1]);
    return port2;
  }

  /** Resolves when the engine knows the grant: the window's port and this message travel apart. */
  async grant(id: string, path: string): Promise<void> {
    this.#grants.set(id, path);
    await this.#tell({ type: 'grant', id, path });
  }

  /** Resolves when the engine knows that the user lets it read from this origin. */
  async allowServer(origin: string): Promise<void> {
    this.#servers.add(origin);
    await this.#tell({ type: 'server', id: origin });
  }

  async #tell(message: Extract<ToEngine, { id: string }>): Promise<void> {
    const known = new Promise<void>((resolve) => this.#acknowledge.set(message.id, resolve));
    this.#send(message);
    await known;
    this.#acknowledge.delete(message.id);
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Asks the engine to close its databases, and waits a moment for it. */
  async stop(graceMs = 3000): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#send({ type: 'close' });
    });
    child.kill();
  }

  #enter(state: EngineState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #send(message: ToEngine, ports: MessagePortMain[] = []): void {
    this.#child?.postMessage(message, ports);
  }

  #onExit(code: number, livedMs: number): void {
    this.#child = null;
    if (this.#stopping) return;
    this.#failures = livedMs > STEADY_MS ? 1 : this.#failures + 1;
    this.#options.log(`The engine stopped (code ${code}, after ${Math.round(livedMs)} ms).`);
    if (this.#failures > MAX_FAILURES) {
      this.#enter('failed');
      return;
    }
    setTimeout(() => this.start(), 100 * 2 ** (this.#failures - 1));
  }
}
