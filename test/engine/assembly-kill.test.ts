// Aligning, solving, sweeping and evening out light by processes that are killed (SIGKILL) while they match, while they
// solve, and while they write: what comes out is, row by row, what comes out undisturbed.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Library } from '../../main/engine/store/library.ts';
import { acquireTiles } from './acquisition.ts';
import { resultOf } from './follow-job.ts';
import { run } from './kill-harness.ts';
import { opened } from './opened-engine.ts';
import { libraryOptions, tempFolder } from './temp-library.ts';

/** Three sections of 2 x 2 tiles, uneven in their light and stitched. */
async function begun(library: string, source: string): Promise<{ readonly dataset: string; readonly stack: string }> {
  acquireTiles(source, {
    ...{ sections: 3, rows: 2, cols: 2, tilePx: 128, overlapPx: 36, errorPx: 2, oneTissue: true },
    light: (level, { row, col, section }) => level * (0.8 + 0.1 * ((row * 3 + col * 2 + section) % 5)),
  });
  return opened(async (client) => {
    const imported = client.ingest.start({ library, source, layout: 'tiles:TileConfiguration.txt' });
    const { dataset } = await resultOf<{ dataset: string }>(client, library, imported);
    const stitched = client.stitch.start({ library, dataset, model: 'affine' });
    const { stack } = await resultOf<{ stack: string }>(client, library, stitched);
    return { dataset, stack };
  });
}

const tables = {
  stack:
    'version, made_by, parent, model, state, tiles, links, dropped, rms_px, max_px, verdict, reasons, parameters, facts',
  placement: 'tile, stack_from_tile, transforms, rms_px, placed_by, fixed',
  shared_transform: 'id, spec',
  link: 'tile_a, tile_b, ncc, peak_ratio, points, residual_px, state, reason',
  intensity: 'tile, channel, columns, rows, gain, level_offset',
} as const;

/** All that a job left: rows of the new versions, its result, its warnings. Ids of versions come from the job's. */
function leftIn(folder: string, kind: string, before: string): unknown {
  const library = Library.open(libraryOptions(folder));
  try {
    const ofTables = Object.entries(tables).map(([table, columns]) => {
      const of = table === 'stack' ? 'id' : 'stack';
      return library.read.all(`SELECT ${columns} FROM ${table} WHERE ${of} <> ? ORDER BY 1, 2`, before);
    });
    const jobs = library.read
      .all<{ state: string; result: string; warnings: string }>(
        'SELECT state, result, warnings FROM job WHERE kind = ?',
        kind,
      )
      .map((job) => ({ ...job, result: job.result.replace(/stack-[0-9a-f]{12}/g, 'the new version') }));
    const history = library.read.all('SELECT label FROM history');
    expect(library.problems()).toEqual([]);
    return { ofTables, jobs, history };
  } finally {
    library.close();
  }
}

test('aligning, solving, sweeping and evening out light come through kills to the same rows', async () => {
  const folder = tempFolder();
  const first = join(folder, 'first');
  const { dataset, stack } = await begun(first, join(folder, 'tiles'));
  const through = async (procedure: string, input: object, points: readonly string[]): Promise<void> => {
    const [domain = '', verb = ''] = procedure.split('.');
    const to = (name: string): string => join(folder, `${domain}-${verb}-${name}`);
    const [whole, killed] = [to('whole'), to('killed')];
    for (const library of [whole, killed]) cpSync(first, library, { recursive: true });
    type Start = (input: object) => Promise<{ readonly job: string }>;
    const finish = (library: string): Promise<unknown> =>
      opened((client) => {
        const start = (client as unknown as Record<string, Record<string, Start>>)[domain]![verb]!;
        return resultOf(client, library, start({ library, ...input }));
      });
    await finish(whole);
    const process_ = join(import.meta.dirname, 'kill-point-process.ts');
    for (const point of points) {
      const ran = await run([process.execPath, process_, killed, procedure, JSON.stringify(input), point]);
      expect([ran.code, ran.stderr.trim().split('\n').at(-1)]).toEqual([null, `died at ${point}`]);
    }
    await finish(killed);
    const [left, undisturbed] = [killed, whole].map((library) => leftIn(library, procedure, stack));
    expect(left).toEqual(undisturbed);
  };
  await Promise.all([
    through('align.start', { dataset, stack, model: 'elastic' }, [
      'Finding sections 1',
      'Matching blocks 1',
      'Bending sections, fine 1',
      'end',
    ]),
    through('solve.start', { stack, model: 'polynomial' }, ['Solving placements 2', 'end']),
    through('solve.sweep', { stack, model: 'affine', steps: 3 }, ['Solving placements 4']),
    through('intensity.estimate', { stack }, ['Reading levels of tiles 3', 'Comparing overlaps 2', 'end']),
  ]);
}, 120_000);
