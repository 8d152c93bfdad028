// Tiles of different places: none may be taken for a match. `pair-false-accepts` of the benchmarks does it a thousand times.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { threadFiles } from '../bench/em-volume.ts';
import { falseAccepts, hasKind, unrelatedKinds } from '../bench/unrelated.ts';

const folder = mkdtempSync(join(tmpdir(), 'unrelated-'));
let pool: Pool;
beforeAll(() => {
  pool = new Pool({ ...threadFiles, threads: 2, log: (line) => console.error(line) });
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

for (const kind of unrelatedKinds) {
  if (!hasKind(kind)) console.warn(`skipped: tiles of ${kind}, because ../shared/data is not here`);
  test.skipIf(!hasKind(kind))(`unrelated tiles are not matched: ${kind}`, async () => {
    expect((await falseAccepts(pool, folder, kind, { tiles: 8, pairs: 24 })).accepted).toEqual([]);
  });
}
