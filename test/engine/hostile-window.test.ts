// A window that was taken over: every procedure of the contract, with inputs that are nearly right, over the real wire.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { portPair } from '../../main/engine/port-pair.ts';
import { api } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import { responseSchema, type Response } from '../../preload/contract/rpc.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { fuzzTimes, seededRandom } from '../formats/mutate.ts';
import * as samples from '../formats/shape-samples.ts';
import { mutateJson } from '../renderer/mutate-json.ts';
import { resultOf } from './follow-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempFolder } from './temp-library.ts';

const grant = 'grant:00000000-0000-4000-8000-000000000001';
const mutations = 60 * fuzzTimes;

/** What would end the run, or change what the others are asked of; jobs do in their own time what these ask at once. */
const left = new Set([
  'library.close',
  'library.undo',
  'library.redo',
  'library.sweep',
  'volume.remove',
  'shape.remove',
  'job.watch',
  'home.forget',
]);

async function hostileWindow() {
  const folder = tempFolder();
  const library = join(folder, 'library');
  const engine = createEngine({ threads: 2, folder: join(folder, 'settings'), log: () => undefined });
  onTestFinished(() => engine.close());
  const trusted = engine.client();
  writeSynthetic(join(folder, 'em'), [128, 128, 128]);
  writeFileSync(join(folder, 'secret.json'), '{"secret": 1}');
  writeFileSync(join(folder, 'scene.obj'), samples.objScene);
  const { volume } = await resultOf<{ volume: string }>(
    trusted,
    library,
    trusted.volume.add({ library, source: join(folder, 'em') }),
  );
  const shape = (await trusted.shape.add({ library, source: join(folder, 'scene.obj'), unitNm: 1 })).id;
  const view = (await trusted.view.save({ library, name: 'A', document: freshDocument })).id;
  engine.grant(grant, library);
  const [ours, theirs] = portPair();
  engine.connect(theirs, 'window');
  const waiting = new Map<number, (response: Response) => void>();
  ours.onMessage((message) => {
    const response = responseSchema.parse(message);
    if (response.t === 'event') {
      ours.post({ t: 'taken', id: response.id, events: 1 });
      if (endless.has(response.id)) ours.post({ t: 'cancel', id: response.id });
      return;
    }
    waiting.get(response.id)?.(response);
    waiting.delete(response.id);
  });
  onTestFinished(() => ours.close());
  // Streams that live until they are cancelled: they are, once they have told something.
  const endless = new Set<number>();
  let calls = 0;
  const call = (path: string, input: unknown): Promise<Response> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      if (path === 'render.serve' || path === 'atlas.serve') endless.add(id);
      ours.post({ t: 'call', id, path, input });
    });
  const opened = await call('library.open', { library: grant });
  const id = opened.t === 'ok' ? (opened.value as { library: string }).library : '';
  return { folder, library, call, ids: { library: id, volume, shape, view } };
}

const failure = (response: Response): string => (response.t === 'fail' ? response.error.tag : response.t);

test(
  'inputs that are nearly right are answered or refused by name: nothing is internal, nothing dies',
  { timeout: 240_000 },
  async () => {
    const { folder, library, call, ids } = await hostileWindow();
    expect(ids.library).not.toBe('');
    const random = seededRandom(5);
    const tags = new Map<string, number>();
    const internal: string[] = [];
    for (const { path, procedure } of proceduresOf(api)) {
      const { kind, example } = procedure;
      if (kind === 'job' || left.has(path)) continue;
      const whole = {
        ...(example as object),
        ...Object.fromEntries(Object.entries(ids).filter(([key]) => key in (example as object))),
      };
      for (let i = 0; i < mutations; i++) {
        const input = mutateJson(whole, random);
        const response = await call(path, input);
        tags.set(failure(response), (tags.get(failure(response)) ?? 0) + 1);
        if (response.t === 'fail' && response.error.tag === 'internal')
          internal.push(`${path} ${JSON.stringify(input).slice(0, 300)}: ${response.error.message}`);
      }
    }
    console.log(`hostile window: ${JSON.stringify(Object.fromEntries(tags))}`);
    expect(internal).toEqual([]);
    expect(tags.get('ok')).toBeGreaterThan(0);
    expect(tags.get('invalid-input')).toBeGreaterThan(0);
    // Still there, and nothing was written beside the library.
    expect((await call('library.info', { library: ids.library })).t).toBe('ok');
    expect(readdirSync(folder).toSorted()).toEqual(['em', 'library', 'scene.obj', 'secret.json', 'settings']);
    expect(existsSync(library)).toBe(true);
  },
);

test(
  'ids that lead out, bricks that are not there and grants for something else are refused by name',
  { timeout: 60_000 },
  async () => {
    const { folder, call, ids } = await hostileWindow();
    const { library, volume, shape } = ids;
    const at = (input: object) => ({ library, volume, ...input });
    const outside = [
      '../../etc/passwd',
      '/etc/passwd',
      'volume-../../x',
      `${volume}/../x`,
      `${volume}\0`,
      '',
      'volume-zzzzzzzzzzzz',
      '__proto__',
    ];
    for (const id of outside) {
      expect(['invalid-input', 'not-found']).toContain(failure(await call('view.volume', { library, volume: id })));
      expect(['invalid-input', 'not-found']).toContain(failure(await call('shape.keys', { library, shape: id })));
      expect(['invalid-input', 'not-found', 'forbidden']).toContain(failure(await call('view.list', { library: id })));
      expect(['invalid-input', 'not-found']).toContain(failure(await call('figure.finish', { file: id })));
      expect(failure(await call('shape.manifests', { library, shape, keys: [id === '' ? 'x' : id] }))).toBe('ok');
    }
    for (const bricks of [
      [[-1, 0, 0, 0]],
      [[0, 0, 0, -5]],
      [[99, 0, 0, 0]],
      [[0, 2 ** 31, 0, 0]],
      [[0, 1e308, 0, 0]],
      [[0, 0.5, 0, 0]],
      [[0, 0, 0]],
      [],
    ])
      expect(['invalid-input', 'not-found']).toContain(failure(await call('view.bricks', at({ bricks }))));
    const million = Array.from({ length: 1_000_000 }, () => [0, 0, 0, 0]);
    expect(['invalid-input', 'over-budget']).toContain(failure(await call('view.bricks', at({ bricks: million }))));
    for (const more of [{ channel: 7 }, { time: 3 }, { channel: -1 }, { time: 2 ** 53 }])
      expect(['invalid-input', 'not-found']).toContain(
        failure(await call('view.bricks', at({ bricks: [[0, 0, 0, 0]], ...more }))),
      );
    const paths = [
      join(folder, 'secret.json'),
      '/etc/passwd',
      `${grant}/../secret.json`,
      `${grant}/%2e%2e/secret.json`,
      'grant:00000000-0000-4000-8000-0000000000ff',
    ];
    for (const path of paths) {
      expect(['forbidden', 'not-found', 'bad-source']).toContain(failure(await call('figure.read', { file: path })));
      expect(['forbidden', 'not-found', 'bad-source', 'invalid-input']).toContain(
        failure(await call('figure.begin', { out: `${path}.png` })),
      );
      expect(['forbidden', 'not-found', 'bad-source', 'invalid-input']).toContain(
        failure(await call('shape.describe', { source: path })),
      );
      expect(['forbidden', 'not-found', 'bad-source', 'invalid-input']).toContain(
        failure(await call('volume.legend', at({ table: path }))),
      );
    }
    // The grant is for the library, not for its parts to be written over.
    for (const inside of ['library.db', 'library.db.png', 'x.exe'])
      expect(failure(await call('figure.begin', { out: `${grant}/${inside}` }))).not.toBe('ok');
  },
);
