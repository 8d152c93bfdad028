// A dataset is found whatever the names of what lies beside it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVolumes } from '../../main/engine/formats/detect.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';

test.skipIf(process.platform === 'win32')('names that no source reads hide nothing but themselves', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lamella-names-'));
  for (const name of ['10:30', 'notes?', 'a\\b', 'con', 'dot.', 'new\nline']) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, `${name}.tif`), '');
  }
  mkdirSync(join(home, 'brain'));
  const array = { zarr_format: 2, shape: [4, 4, 4], chunks: [4, 4, 4], dtype: '|u1', compressor: null };
  writeFileSync(join(home, 'brain', '.zarray'), JSON.stringify({ ...array, fill_value: 0, order: 'C', filters: null }));
  const found = await findVolumes({ source: openFolderSource(home, 'home'), key: '' });
  expect(found.map(({ key }) => key)).toEqual(['brain']);
  rmSync(home, { recursive: true });
});
