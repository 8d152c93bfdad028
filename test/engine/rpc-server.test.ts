import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { command, query, stream } from '../../preload/contract/define.ts';
import type { Procedure } from '../../preload/contract/define.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import type { Response } from '../../preload/contract/rpc.ts';
import { responseSchema } from '../../preload/contract/rpc.ts';
import { createEngine } from '../../main/engine/index.ts';
import type { Engine } from '../../main/engine/index.ts';
import { portPair } from '../../main/engine/port-pair.ts';
import { serve } from '../../main/engine/rpc-server.ts';
import type { Carry } from '../../main/engine/rpc-server.ts';
import { api } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import type { Kind } from '../../preload/contract/define.ts';
import { tempFolder } from './temp-library.ts';

const anything = z.object({ value: z.unknown().optional() });
const procedures = new Map<string, Procedure>([
  [
    'test.query',
    query({ doc: '', input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), example: { n: 1 } }),
  ],
  ['test.command', command({ doc: '', input: anything, output: anything, example: {} })],
  ['test.stream', stream({ doc: '', input: anything, output: z.object({ i: z.number() }), example: {} })],
]);

interface Wire {
  readonly post: (message: unknown) => void;
  readonly answers: Response[];
  answer(id: number): Promise<Response>;
  close(): void;
}

function wireTo(connect: (port: ReturnType<typeof portPair>[0]) => void): Wire {
  const [ours, theirs] = portPair();
  const answers: Response[] = [];
  const waiting = new Set<() => void>();
  ours.onMessage((message) => {
    answers.push(responseSchema.parse(message));
    for (const look of waiting) look();
  });
  connect(theirs);
  onTestFinished(() => ours.close());
  const answer = (id: number): Promise<Response> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = answers.find((a) => a.id === id && a.t !== 'event');
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { post: (message) => ours.post(message), answers, answer, close: () => ours.close() };
}

const served = (carry: Carry, logged: string[] = []): Wire =>
  wireTo((port) => serve(port, { procedures, carry, log: (line) => logged.push(line) }));

const failure = (response: Response): { tag: string; message: string; hint: string } => {
  if (response.t !== 'fail') throw new Error(`not a failure: ${JSON.stringify(response)}`);
  return response.error;
};

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

describe('calls', () => {
  test('reach their handler parsed, and come back as the contract lets them', async () => {
    const wire = served((_path, input) =>
      Promise.resolve({ value: { n: (input as { n: number }).n + 1, secret: 'x' } }),
    );
    wire.post({ t: 'call', id: 1, path: 'test.query', input: { n: 1, extra: true } });
    expect(await wire.answer(1)).toEqual({ t: 'ok', id: 1, value: { n: 2 } });
  });

  test('bytes come on a buffer of their own', async () => {
    const whole = new Uint8Array(100).fill(7);
    const wire = served(() => Promise.resolve({ value: { n: 1 }, bytes: whole.subarray(10, 14) }));
    wire.post({ t: 'call', id: 1, path: 'test.query', input: { n: 1 } });
    const answer = await wire.answer(1);
    if (answer.t !== 'ok' || !answer.bytes) throw new Error('no bytes');
    expect([answer.bytes.byteLength, answer.bytes.buffer.byteLength]).toEqual([4, 4]);
  });

  test('name what is wrong with them', async () => {
    const wire = served(() => Promise.resolve({ value: null }));
    wire.post({ t: 'call', id: 1, path: 'test.query', input: { n: 'one' } });
    wire.post({ t: 'call', id: 2, path: 'test.qeury', input: {} });
    wire.post({ t: 'call', id: 3, path: '__proto__.constructor', input: {} });
    const errors = await Promise.all([1, 2, 3].map(async (id) => failure(await wire.answer(id))));
    expect(errors.map(({ tag }) => tag)).toEqual(['invalid-input', 'not-found', 'not-found']);
    expect(errors[0]?.message).toContain('n: ');
    expect(errors[1]?.hint).toContain('test.query');
  });

  test('an answer that breaks the contract is our bug, and is logged', async () => {
    const logged: string[] = [];
    const wire = served(() => Promise.resolve({ value: { n: 'two' } }), logged);
    wire.post({ t: 'call', id: 1, path: 'test.query', input: { n: 1 } });
    expect(failure(await wire.answer(1)).tag).toBe('internal');
    expect(logged.join()).toContain('does not fit the contract');
  });

  test('an error keeps its tag and hint', async () => {
    const wire = served(() => Promise.reject(new LamellaError('disk-full', 'No room.', { hint: 'Free some.' })));
    wire.post({ t: 'call', id: 1, path: 'test.command', input: {} });
    expect(failure(await wire.answer(1))).toMatchObject({ tag: 'disk-full', hint: 'Free some.' });
  });

  test('a cancelled call ends at once, also when its handler does not listen', async () => {
    const wire = served(() => new Promise(() => undefined));
    wire.post({ t: 'call', id: 1, path: 'test.command', input: {} });
    wire.post({ t: 'cancel', id: 1 });
    wire.post({ t: 'cancel', id: 99 });
    expect(failure(await wire.answer(1)).tag).toBe('cancelled');
  });

  test('closing the port cancels what is open', async () => {
    let wasAborted = false;
    const wire = served(async (_path, _input, { signal }) => {
      signal.addEventListener('abort', () => (wasAborted = true));
      return await untilAborted(signal);
    });
    wire.post({ t: 'call', id: 1, path: 'test.command', input: {} });
    await new Promise((resolve) => setTimeout(resolve, 20));
    wire.close();
    expect(wasAborted).toBe(true);
  });

  test('too many at once are refused, not queued without end', async () => {
    const wire = served((_path, _input, { signal }) => untilAborted(signal));
    for (let id = 1; id <= 600; id++) wire.post({ t: 'call', id, path: 'test.command', input: {} });
    expect(failure(await wire.answer(600)).tag).toBe('over-budget');
  });
});

describe('streams', () => {
  test('are sent no faster than they are taken in, and end when all is sent', async () => {
    const wire = served(async (_path, _input, { emit }) => {
      for (let i = 0; i < 100; i++) emit({ i }, new Uint8Array(16));
      return { value: null };
    });
    wire.post({ t: 'call', id: 1, path: 'test.stream', input: {} });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(wire.answers).toHaveLength(8);
    wire.post({ t: 'taken', id: 1, events: 3 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(wire.answers).toHaveLength(11);
    for (let i = 0; i < 12; i++) wire.post({ t: 'taken', id: 1, events: 8 });
    expect((await wire.answer(1)).t).toBe('ok');
    expect(wire.answers.flatMap((a) => (a.t === 'event' ? [(a.value as { i: number }).i] : []))).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  test('large bytes wait sooner', async () => {
    const wire = served(async (_path, _input, { emit, drained }) => {
      for (let i = 0; i < 10; i++) emit({ i }, new Uint8Array(5 << 20));
      await drained();
      return { value: null };
    });
    wire.post({ t: 'call', id: 1, path: 'test.stream', input: {} });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(wire.answers).toHaveLength(2);
  });

  test('what waits is dropped when the stream is cancelled, and the stream simply ends', async () => {
    const wire = served(async (_path, _input, { emit, signal }) => {
      for (let i = 0; i < 100; i++) emit({ i });
      return await untilAborted(signal);
    });
    wire.post({ t: 'call', id: 1, path: 'test.stream', input: {} });
    await new Promise((resolve) => setTimeout(resolve, 20));
    wire.post({ t: 'cancel', id: 1 });
    expect(await wire.answer(1)).toMatchObject({ t: 'ok', id: 1 });
    expect(wire.answers.filter(({ t }) => t === 'event')).toHaveLength(8);
  });
});

describe('junk', () => {
  const junk = fc.oneof(
    fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true, withBigInt: true, maxDepth: 4 }),
    fc.record(
      {
        library: fc.oneof(fc.string(), fc.anything()),
        source: fc.anything(),
        job: fc.string(),
        volume: fc.string(),
        limit: fc.integer(),
      },
      { requiredKeys: [] },
    ),
  );

  function engine(): { engine: Engine; logged: string[] } {
    const logged: string[] = [];
    const made = createEngine({ threads: 1, log: (line) => logged.push(line) });
    onTestFinished(() => made.close());
    return { engine: made, logged };
  }

  /** What structuredClone refuses never gets onto a wire. */
  const isSendable = (value: unknown): boolean => {
    try {
      structuredClone(value);
      return true;
    } catch {
      return false;
    }
  };

  test.each<Kind>(['query', 'command', 'job', 'stream'])(
    '2,000 inputs to every %s: each is answered, none is a bug',
    async (kind) => {
      const { engine: made, logged } = engine();
      const wire = wireTo((port) => made.connect(port, 'window'));
      const paths = proceduresOf(api)
        .filter(({ procedure }) => procedure.kind === kind)
        .map(({ path }) => path);
      let id = 0;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...paths), junk.filter(isSendable), async (path, input) => {
          wire.post({ t: 'call', id: ++id, path, input });
          const answer = await wire.answer(id);
          wire.answers.length = 0;
          if (!path.startsWith('home.') || answer.t === 'fail')
            expect(['invalid-input', 'forbidden', 'not-found', 'over-budget', 'bad-source', 'bad-layout']).toContain(
              answer.t === 'fail' ? answer.error.tag : `${path}: ${answer.t}`,
            );
        }),
        { numRuns: 2000, seed: 11 },
      );
      expect(logged).toEqual([]);
    },
  );

  test('2,000 messages that are no calls: none disturbs the next call', async () => {
    const { engine: made } = engine();
    const wire = wireTo((port) => made.connect(port, 'window'));
    fc.assert(
      fc.property(
        fc
          .oneof(
            fc.anything(),
            fc.record({
              t: fc.constantFrom('call', 'cancel', 'taken', 'x'),
              id: fc.anything(),
              path: fc.anything(),
              events: fc.anything(),
            }),
          )
          .filter(isSendable),
        (message) => wire.post(message),
      ),
      { numRuns: 2000, seed: 12 },
    );
    wire.post({ t: 'call', id: 123_456_789, path: 'home.recent', input: {} });
    expect((await wire.answer(123_456_789)).t).toBe('ok');
  });

  test('an input that is nested or long beyond all measure is refused', async () => {
    const { engine: made } = engine();
    const wire = wireTo((port) => made.connect(port, 'window'));
    let deep: unknown = 1;
    for (let i = 0; i < 1000; i++) deep = [deep];
    wire.post({ t: 'call', id: 1, path: 'publish.plan', input: { metadata: deep } });
    wire.post({ t: 'call', id: 2, path: 'tile.review', input: { tiles: Array.from({ length: 2_100_000 }, () => 1) } });
    expect(failure(await wire.answer(1)).tag).toBe('over-budget');
    expect(failure(await wire.answer(2)).tag).toBe('over-budget');
  });

  test('the window names no paths', async () => {
    const { engine: made } = engine();
    const wire = wireTo((port) => made.connect(port, 'window'));
    const folder = tempFolder();
    wire.post({ t: 'call', id: 1, path: 'library.open', input: { library: folder } });
    wire.post({ t: 'call', id: 2, path: 'ingest.detect', input: { source: folder } });
    wire.post({ t: 'call', id: 3, path: 'library.open', input: { library: 'library-0123456789ab' } });
    const tags = await Promise.all([1, 2, 3].map(async (id) => failure(await wire.answer(id)).tag));
    expect(tags).toEqual(['forbidden', 'forbidden', 'not-found']);
  });
});
