import type { LamellaClient } from '../../../preload/contract/api.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import { isLamellaError, toWireError } from '../../../preload/contract/errors.ts';
import { LatePort } from '../../../preload/contract/late-port.ts';
import { createClient } from '../../../preload/contract/rpc.ts';
import { viewProcedures } from '../../../preload/contract/view.ts';
import type { BrickNews } from '../../state/bricks.ts';
import type { BrickOrder } from './messages.ts';
import { SourceHealth } from './source-health.ts';
import type { Outcome } from './want-list.ts';

/** What comes back. */
export interface BrickAnswers {
  /** Packed as contract/brick.ts says, in the order asked for. */
  readonly onBatch: (lane: number, batch: Uint8Array) => void;
  readonly onOver: (lane: number, outcome: Outcome) => void;
  /** What the user is to know of a source. */
  readonly onNews: (news: BrickNews) => void;
}

type Ask = Extract<BrickOrder, { t: 'ask' }>;

interface Connection {
  readonly port: LatePort;
  readonly client: LamellaClient;
}

/** The drawing thread's own line to the engine: bricks never pass through the window's thread. Lives as long as the stage. */
export class BrickLine {
  readonly #answers: BrickAnswers;
  readonly #requests = new Map<number, AbortController>();
  readonly #health: SourceHealth;
  #connection = connected();
  #library = untold();

  constructor(answers: BrickAnswers) {
    this.#answers = answers;
    this.#health = new SourceHealth(answers.onNews);
  }

  /** What sources would not give is asked of them again. */
  retry(): void {
    this.#health.retry();
  }

  /** The line to the engine that runs now; null once it has stopped: what was asked of it is over, and what is asked next waits. */
  adopt(channel: MessagePort | null): void {
    if (this.#connection.port.attached) {
      const dead = this.#connection;
      this.#connection = connected();
      dead.port.close();
    }
    if (channel) this.#connection.port.attach(channel);
  }

  /** Whose volumes are asked for. */
  openLibrary(library: string): void {
    if (library === '') {
      if (!this.#library.waits) this.#library = untold();
      return;
    }
    this.#library.tell(library);
    this.#library = { waits: false, told: Promise.resolve(library), tell: () => undefined };
  }

  obey(order: BrickOrder): void {
    if (order.t === 'ask') void this.#ask(order);
    else for (const lane of order.lanes) this.#abort(lane);
  }

  #abort(lane: number): void {
    this.#requests.get(lane)?.abort();
    this.#requests.delete(lane);
  }

  async #ask({ origin, request: { lane, bricks, ahead } }: Ask): Promise<void> {
    const request = new AbortController();
    this.#requests.set(lane, request);
    const { signal } = request;
    // A view that is restored asks before the window has said whose volumes these are.
    const library = await this.#library.told;
    if (signal.aborted) return;
    const heard = new Heard(origin.volume, ahead, this.#health, this.#answers.onNews);
    const onValue = (value: BrickCount, bytes?: Uint8Array): void => {
      heard.count(value);
      if (bytes && bytes.byteLength > 0 && !signal.aborted) this.#answers.onBatch(lane, bytes);
    };
    const { client } = this.#connection;
    const outcome = await client.view
      .bricks({ library, ...origin, bricks: [...bricks], ahead }, { signal, onValue })
      .then(() => heard.end())
      .catch((error: unknown) => (signal.aborted ? 'done' : heard.judge(error, bricks.length)));
    heard.over();
    this.#requests.delete(lane);
    if (!signal.aborted) this.#answers.onOver(lane, outcome);
  }
}

interface Library {
  /** Whether nobody has said yet which one is open. */
  readonly waits: boolean;
  readonly told: Promise<string>;
  readonly tell: (library: string) => void;
}

function untold(): Library {
  let tell = (_library: string): void => undefined;
  const told = new Promise<string>((resolve) => (tell = resolve));
  return { waits: true, told, tell };
}

function connected(): Connection {
  const port = new LatePort();
  return { port, client: createClient(port, { view: { bricks: viewProcedures.bricks } }) };
}

interface BrickCount {
  readonly bricks: number;
  readonly fromCache: number;
  readonly offline: number;
  readonly away?: WireError | undefined;
  readonly problem?: WireError | undefined;
}

/** What one request tells of its source. */
class Heard {
  readonly #volume: string;
  readonly #ahead: boolean;
  readonly #health: SourceHealth;
  readonly #tell: BrickAnswers['onNews'];
  #offline = 0;
  #fresh = 0;

  constructor(volume: string, ahead: boolean, health: SourceHealth, tell: BrickAnswers['onNews']) {
    [this.#volume, this.#ahead, this.#health, this.#tell] = [volume, ahead, health, tell];
    health.begins(volume);
  }

  count({ bricks, fromCache, offline, away, problem }: BrickCount): void {
    if (problem) this.#tell({ volume: this.#volume, is: 'broken', error: problem });
    // What is read ahead is counted where it was not cached.
    this.#fresh += this.#ahead ? bricks : bricks - fromCache;
    // Said with the first brick that could not be had: the others may take long to be given up.
    if (offline > 0 && (this.#offline === 0 || away)) this.#health.refused(this.#volume, away ?? null);
    this.#offline += offline;
  }

  end(): Outcome {
    return this.#offline > 0 ? 'offline' : 'done';
  }

  judge(error: unknown, bricks: number): Outcome {
    if (isLamellaError(error, 'unreachable')) {
      this.#health.refused(this.#volume, toWireError(error));
      return 'offline';
    }
    if (isLamellaError(error, 'worker-died', 'cancelled')) return 'done';
    // A request of many is asked for again in parts: the one that is at fault says so by itself.
    if (bricks === 1) this.#tell({ volume: this.#volume, is: 'broken', error: toWireError(error) });
    return 'failed';
  }

  over(): void {
    this.#health.ends(this.#volume, this.#fresh > 0);
  }
}
