import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Library } from '../../main/engine/store/library.ts';
import type { WriteHandle } from '../../main/engine/store/library-store.ts';
import { addJob, tempFolder, tempLibrary } from './temp-library.ts';

const job = 'job-000000000001';

/** What the user sees: rows that are not hidden. */
function visible(library: Library): unknown {
  return ['tile_review', 'annotation']
    .map((table) => library.read.all(`SELECT * FROM ${table} ORDER BY id`))
    .concat(
      ['dataset', 'stack', 'volume'].map((table) =>
        library.read.all(`SELECT * FROM ${table} WHERE removed = 0 ORDER BY id`),
      ),
    );
}

function prepared(folder = tempFolder()): Library {
  const library = tempLibrary(folder);
  addJob(library, job);
  library.record((tx) => {
    tx.put('dataset', datasetRow('dataset-base'));
    tx.put('stack', stackRow('stack-base', 'dataset-base', 1));
    tx.put('volume', volumeRow('volume-base', 'stack-base'));
  });
  return library;
}

const datasetRow = (id: string) => ({
  id,
  name: id,
  source: '/tiles',
  layout: 'pattern:x',
  voxel_size_nm: '[4,4,40]',
  job,
  created_at: '',
  removed: 0,
});
const stackRow = (id: string, dataset: string, version: number) => ({
  id,
  dataset,
  version,
  model: 'affine',
  state: 'COMPLETE',
  tiles: 1,
  links: 0,
  dropped: 0,
  rms_px: 0.5,
  max_px: 1,
  verdict: 'pass',
  reasons: '[]',
  parameters: '{}',
  job,
  created_at: '',
  removed: 0,
});
const volumeRow = (id: string, stack: string) => ({
  id,
  stack,
  name: id,
  folder: `volumes/${id}`,
  dtype: 'uint8',
  levels: '[]',
  origin_voxel: '[0,0,0]',
  window: '[0,255]',
  histogram: '[]',
  bytes: 1,
  job,
  created_at: '',
  removed: 0,
});
const annotationRow = (id: string, name: string) => ({
  id,
  volume: 'volume-base',
  kind: 'point',
  points_nm: '[[1,2,3]]',
  name,
  note: '',
  created_at: '',
  updated_at: '',
});

type Step = (tx: WriteHandle) => void;

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(ids, fc.string()).map(
    ([id, name]): Step =>
      (tx) =>
        tx.put('annotation', annotationRow(`annotation-${id}`, name)),
  ),
  ids.map(
    (id): Step =>
      (tx) =>
        tx.remove('annotation', `annotation-${id}`),
  ),
  fc.tuple(ids, fc.constantFrom('accepted', 'rejected')).map(
    ([id, review]): Step =>
      (tx) =>
        tx.put('tile_review', { id, review, at: '' }),
  ),
  ids.map(
    (id): Step =>
      (tx) =>
        tx.remove('tile_review', id),
  ),
  fc.tuple(ids, fc.string()).map(
    ([id, name]): Step =>
      (tx) =>
        tx.put('dataset', { ...datasetRow(`dataset-${id}`), name }),
  ),
  ids.map((id): Step => (tx) => {
    if (tx.get('SELECT 1 FROM dataset WHERE id = ?', `dataset-${id}`))
      tx.put('dataset', { id: `dataset-${id}`, removed: 1 });
  }),
);
type Action = { readonly steps: readonly Step[] } | 'undo' | 'redo' | 'reopen';
const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => ({ steps })) },
    { weight: 3, arbitrary: fc.constant('undo' as const) },
    { weight: 2, arbitrary: fc.constant('redo' as const) },
  ),
  { maxLength: 25 },
);

describe('undo and redo', () => {
  test('walk through the states that were, over random edits', () => {
    const library = prepared();
    fc.assert(
      fc.property(actions, (all) => {
        const past = [visible(library)];
        let future: unknown[] = [];
        for (const action of all) {
          if (action === 'undo') {
            if (past.length < 2) continue;
            expect(library.undo()).not.toBeNull();
            future.unshift(past.pop());
          } else if (action === 'redo') {
            const wasUndone = future.length > 0;
            expect(library.redo() !== null).toBe(wasUndone);
            if (wasUndone) past.push(future.shift());
          } else if (action !== 'reopen') {
            const before = JSON.stringify(visible(library));
            library.edit('Edit', (tx) => action.steps.forEach((one) => one(tx)));
            const steps = library.read.get<{ n: number }>('SELECT count(*) AS n FROM history WHERE undone = 0')?.n ?? 0;
            // An edit that changed nothing is no step.
            if (steps > past.length - 1) {
              past.push(visible(library));
              future = [];
            } else expect(JSON.stringify(visible(library))).toBe(before);
          }
          expect(visible(library)).toEqual(past.at(-1));
        }
        while (library.undo() !== null);
        expect(visible(library)).toEqual(past[0]);
        library.record((tx) => {
          for (const table of ['history', 'annotation', 'tile_review']) tx.run(`DELETE FROM ${table}`);
          tx.run(`DELETE FROM dataset WHERE id <> 'dataset-base'`);
        });
      }),
      { numRuns: 60, seed: 20181 },
    );
  });

  test('survive a restart', () => {
    const folder = tempFolder();
    let library = prepared(folder);
    library.edit('Add one', (tx) => tx.put('annotation', annotationRow('annotation-a', 'one')));
    library.edit('Rename', (tx) => tx.put('annotation', { id: 'annotation-a', name: 'two' }));
    const after = visible(library);
    expect(library.undo()).toBe('Rename');
    library.close();
    library = tempLibrary(folder);
    expect(library.redo()).toBe('Rename');
    expect(visible(library)).toEqual(after);
    expect([library.undo(), library.undo(), library.undo()]).toEqual(['Rename', 'Add one', null]);
    expect(library.read.all('SELECT * FROM annotation')).toEqual([]);
  });

  test('a new edit discards what could have been redone', () => {
    const library = prepared();
    library.edit('First', (tx) => tx.put('annotation', annotationRow('annotation-a', '1')));
    library.undo();
    library.edit('Second', (tx) => tx.put('annotation', annotationRow('annotation-b', '2')));
    expect(library.redo()).toBeNull();
    expect(library.undo()).toBe('Second');
  });

  test('undoing a dataset hides it and keeps its tiles', () => {
    const library = prepared();
    const tile = {
      id: 1,
      dataset: 'dataset-x',
      name: 't',
      section: 0,
      path: '/t.png',
      mipmap_level: 0,
      width_px: 1,
      height_px: 1,
      dtype: 'uint8',
      stage_from_tile: '[]',
      sha256: '',
      pixel_sha256: '',
      bytes: 1,
      verdict: 'ok',
      reasons: '[]',
    };
    library.edit('Import', (tx) => {
      tx.put('dataset', datasetRow('dataset-x'));
      tx.insertMany('tile', [tile]);
    });
    library.undo();
    expect(library.read.get('SELECT removed FROM dataset WHERE id = ?', 'dataset-x')).toEqual({ removed: 1 });
    library.redo();
    expect(library.read.get('SELECT removed FROM dataset WHERE id = ?', 'dataset-x')).toEqual({ removed: 0 });
    expect(library.read.all('SELECT id FROM tile')).toHaveLength(1);
  });

  test('an edit that throws leaves nothing, not even in the history', () => {
    const library = prepared();
    const before = visible(library);
    const failing = (): void =>
      library.edit('Fails', (tx) => {
        tx.put('annotation', annotationRow('annotation-a', '1'));
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(visible(library)).toEqual(before);
    expect(library.undo()).toBeNull();
  });

  test('bytes and big integers come back as they were', () => {
    const library = prepared();
    library.edit('Odd', (tx) => tx.put('annotation', annotationRow('annotation-a', '{"$bytes":"not bytes"}')));
    library.undo();
    library.redo();
    expect(library.read.get('SELECT name FROM annotation')).toEqual({ name: '{"$bytes":"not bytes"}' });
  });
});

test('names of tables and columns are never text from outside', () => {
  const library = prepared();
  expect(() => library.record((tx) => tx.insertMany('job (id) VALUES (1); --', [{ id: '1' }]))).toThrow(TypeError);
  expect(() => library.record((tx) => tx.insertMany('job', [{ 'id" --': '1' }]))).toThrow(TypeError);
});
