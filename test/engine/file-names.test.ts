import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireTiles } from './acquisition.ts';
import { importTiles, tempEngine, tilesByName } from './temp-engine.ts';

const odd = ['a b#1%20.png', 'u\u0308ber.png', '\u00fcber.png', '😀 (1).png', 'semi;colon, comma.png', "quote's.png"];

test('odd file names survive the import, the export and the way back', async () => {
  const at = tempEngine();
  const { client, library, result } = at;
  const source = join(at.folder, 'tiles of the day #1');
  const tiles = acquireTiles(source, { rows: 2, cols: 3, seed: 31 });
  tiles.forEach(({ name }, i) => renameSync(join(source, name), join(source, odd[i] ?? '')));
  const lines = tiles.map(({ stagePx: [x, y] }, i) => `${odd[i]}; ; (${x}, ${y})`);
  writeFileSync(join(source, 'TileConfiguration.txt'), `dim = 2\n${lines.join('\n')}\n`);
  const { dataset, warnings } = await importTiles(at, source);
  expect(warnings).toEqual([]);
  const { stack } = await result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const out = join(at.folder, 'stack.json');
  await client.stitch.export({ library, stack, out });
  const again = await importTiles(at, source, `render:${out}`);
  expect(again.warnings).toEqual([]);
  const back = await tilesByName(at, again.dataset);
  for (const [name, tile] of await tilesByName(at, dataset)) expect(back.get(name)?.sha256).toBe(tile.sha256);
  expect(back.size).toBe(6);
});

test('names that lead out of the source folder are not followed', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  acquireTiles(join(at.folder, 'secret'), { rows: 1, cols: 1, seed: 2 });
  renameSync(join(at.folder, 'secret', 's0_r0_c0.png'), join(at.folder, 'secret', 'private.png'));
  writeFileSync(
    join(source, 'TileConfiguration.txt'),
    'dim = 2\ns0_r0_c0.png; ; (0, 0)\n../secret/private.png; ; (150, 0)\n',
  );
  const { warnings } = await importTiles(at, source);
  expect(warnings.map((w) => w.message)).toEqual(['private.png: its file was not found.']);
});
