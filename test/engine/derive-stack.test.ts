import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { deriveStack } from '../../main/engine/stacks/derive-stack.ts';
import { correctionsOf, type TileCorrection } from '../../main/engine/stacks/intensity-rows.ts';
import type { Library } from '../../main/engine/store/library.ts';
import { layStack, showStack } from '../../main/engine/stacks/lay-stack.ts';
import { addJob, tempLibrary } from './temp-library.ts';

const quality = { links: 1, dropped: 0, rmsPx: 0.1, maxPx: 0.2, verdict: 'pass', reasons: [] } as const;

async function libraryWithStack(): Promise<{ library: Library; job: string }> {
  const library = tempLibrary();
  const job = addJob(library);
  library.record((tx) => {
    tx.run(
      `INSERT INTO dataset (id, name, source, layout, voxel_size_nm, job, created_at) VALUES ('dataset-1', 'd', ?, '', '[4,4,40]', ?, '')`,
      join(library.folder, 'tiles'),
      job,
    );
    for (const tile of [1, 2])
      tx.run(
        `INSERT INTO tile (id, dataset, name, section, path, mipmap_level, width_px, height_px, dtype, stage_from_tile, sha256, pixel_sha256, bytes, verdict, reasons)
         VALUES (?, 'dataset-1', ?, 0, ?, 0, 10, 10, 'uint8', '[1,0,0,1,0,0]', ?, '', 1, 'good', '[]')`,
        tile,
        `t${tile}`,
        `t${tile}.png`,
        `s${tile}`,
      );
  });
  await layStack(
    { library, signal: new AbortController().signal },
    {
      id: 'stack-1',
      dataset: 'dataset-1',
      job,
      madeBy: 'stitch',
      model: 'translation',
      parameters: {},
      placed: [1, 2].map((tile) => ({
        tile,
        stackFromTile: [1, 0, 0, 1, tile, 0],
        transforms: [{ type: 'ref', refId: 'lens' }],
        rmsPx: 0.1,
        placedBy: 'links' as const,
      })),
      links: [
        {
          tileA: 1,
          tileB: 2,
          section: 0,
          ncc: 0.9,
          peakRatio: 3,
          points: 1,
          residualPx: 0.1,
          state: 'kept',
          reason: '',
          matches: [{ a: [1, 2], b: [0, 2] }],
        },
      ],
      quality,
      sharedTransforms: new Map([['lens', { type: 'list', specList: [] }]]),
    },
  );
  library.edit('Stitch', (tx) => showStack(tx, 'stack-1'));
  return { library, job };
}

const flat = (tile: number, gain: number, channel = ''): TileCorrection => ({
  tile,
  channel,
  columns: 2,
  rows: 1,
  gain: Float32Array.of(gain, gain),
  offset: Float32Array.of(0, 1.5),
});

const derive = (library: Library, job: string, id: string, parent: string, rows: readonly TileCorrection[]): void =>
  library.edit(`Light ${id}`, (tx) =>
    deriveStack(tx, {
      id,
      parent,
      job,
      madeBy: 'intensity',
      parameters: { flicker: true },
      intensity: { corrections: rows, inherit: true },
    }),
  );

const childrenOf = (library: Library, table: string, stack: string): object[] =>
  library.read
    .all<{ stack: string }>(`SELECT * FROM ${table} WHERE stack = ?`, stack)
    .map(({ stack: _stack, ...row }) => row);

test('a version with other light has the places, transforms and links of its parent, and is undone whole', async () => {
  const { library, job } = await libraryWithStack();
  derive(library, job, 'stack-2', 'stack-1', [flat(1, 1.25)]);
  for (const table of ['placement', 'shared_transform', 'link']) {
    const rows = childrenOf(library, table, 'stack-1');
    expect(rows.length).toBeGreaterThan(0);
    expect(childrenOf(library, table, 'stack-2')).toEqual(rows);
  }
  const row = library.read.get('SELECT version, parent, made_by, tiles, verdict FROM stack WHERE id = ?', 'stack-2');
  expect(row).toEqual({ version: 2, parent: 'stack-1', made_by: 'intensity', tiles: 2, verdict: 'pass' });
  expect([...correctionsOf(library.read, 'stack-2')]).toEqual([
    [1, { columns: 2, rows: 1, gain: Float32Array.of(1.25, 1.25), offset: Float32Array.of(0, 1.5) }],
  ]);
  expect(library.undo()).toBe('Light stack-2');
  expect(library.read.get('SELECT removed FROM stack WHERE id = ?', 'stack-2')).toEqual({ removed: 1 });
  library.redo();
  expect(library.read.get('SELECT removed FROM stack WHERE id = ?', 'stack-2')).toEqual({ removed: 0 });
});

test('what a version does not correct anew is corrected as its parent was', async () => {
  const { library, job } = await libraryWithStack();
  derive(library, job, 'stack-2', 'stack-1', [flat(1, 1.25), flat(2, 0.5), flat(1, 3, 'dapi')]);
  derive(library, job, 'stack-3', 'stack-2', [flat(2, 2)]);
  const gains = (channel?: string) =>
    [...correctionsOf(library.read, 'stack-3', channel)].map(([tile, { gain }]) => [tile, gain[0]]);
  expect(gains()).toEqual([
    [1, 1.25],
    [2, 2],
  ]);
  expect(gains('dapi')).toEqual([[1, 3]]);
});

test('a correction that is no grid of finite numbers is refused with its tile, and nothing is kept', async () => {
  const { library, job } = await libraryWithStack();
  for (const bad of [flat(2, NaN), { ...flat(2, 1), rows: 2 }, { ...flat(2, 1), columns: 0 }]) {
    const act = (): void => derive(library, job, 'stack-2', 'stack-1', [flat(1, 1), bad]);
    expect(act).toThrow(/tile 2/);
    try {
      act();
    } catch (error) {
      expect(isLamellaError(error, 'invalid-input')).toBe(true);
    }
  }
  expect(library.read.get('SELECT 1 FROM stack WHERE id = ?', 'stack-2')).toBeUndefined();
});
