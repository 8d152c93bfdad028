import { readFileSync } from 'node:fs';
import type { CDPSession, ElectronApplication, Page } from '@playwright/test';

/** Megabytes of memory by who holds it: `browser`, `engine`, `window` and `graphics` processes, and heaps of JavaScript. */
export type Memory = Readonly<Record<string, number>>;

const names: Readonly<Record<string, string>> = {
  Browser: 'browser',
  Tab: 'window',
  GPU: 'graphics',
  Utility: 'engine',
};

/** What a process has for itself and what it shares, from Linux; elsewhere all that is resident. */
function memoryOf(pid: number, residentKb: number): readonly (readonly [string, number])[] {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024;
    return [
      ['', read('VmRSS')],
      [' own', read('RssAnon')],
      [' shared', read('RssShmem')],
    ];
  } catch {
    return [['', residentKb / 1024]];
  }
}

export async function processMemory(app: ElectronApplication): Promise<Memory> {
  const found = await app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .map(({ type, name, pid, memory }) => ({ type, name: name ?? '', pid, kb: memory.workingSetSize })),
  );
  const sums: Record<string, number> = {};
  for (const { type, name, pid, kb } of found) {
    if (type === 'Utility' && /network|audio|storage/i.test(name)) continue;
    for (const [part, mb] of memoryOf(pid, kb)) {
      const key = `${names[type] ?? type}${part}`;
      sums[key] = (sums[key] ?? 0) + mb;
    }
  }
  return sums;
}

/** Megabytes that JavaScript of the page and of its workers uses, what could be collected included. */
export class Heaps {
  readonly #session: CDPSession;
  readonly #workers = new Map<string, string>();
  readonly #waiting = new Map<number, (mb: number) => void>();
  #nextId = 1;

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      this.#workers.set(sessionId, /\/([a-z]+)[.-]/.exec(targetInfo.url)?.[1] ?? targetInfo.url);
    });
    session.on('Target.detachedFromTarget', ({ sessionId }) => void this.#workers.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id: number; result?: { usedSize: number } };
      this.#waiting.get(id)?.((result?.usedSize ?? 0) / 1e6);
      this.#waiting.delete(id);
    });
  }

  static async of(page: Page): Promise<Heaps> {
    const session = await page.context().newCDPSession(page);
    const heaps = new Heaps(session);
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return heaps;
  }

  async read(): Promise<Memory> {
    const { usedSize } = await this.#session.send('Runtime.getHeapUsage');
    const sums: Record<string, number> = { 'window heap': usedSize / 1e6 };
    for (const [sessionId, name] of this.#workers) {
      const id = this.#nextId++;
      const answer = new Promise<number>((resolve) => this.#waiting.set(id, resolve));
      const message = JSON.stringify({ id, method: 'Runtime.getHeapUsage' });
      await this.#session.send('Target.sendMessageToTarget', { sessionId, message });
      sums[`${name} heap`] = await answer;
    }
    return sums;
  }
}
