import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { channelsAt, compiled } from '../../main/engine/journeys/block/slices.ts';

function folderOf(files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-slices-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  return folder;
}

const namesOf = (folder: string, files: readonly string[], channel: string, imgRegex = ''): readonly string[] => {
  const source = channelsAt(folder, imgRegex).get(channel);
  return files.filter((file) => source?.files !== undefined && compiled(source.files).test(file));
};

test('channels of COLM are told by the names of slices', () => {
  const files = ['CHN00', 'CHN01'].flatMap((c) => [0, 1, 12].map((z) => `LOC000_20140714_${c}_PLN000${z}.tif`));
  const folder = folderOf([...files, 'notes.txt']);
  expect([...channelsAt(folder).keys()]).toEqual(['CHN00', 'CHN01']);
  expect(namesOf(folder, files, 'CHN01')).toEqual(files.slice(3));
});

test('a folder a channel, one file, slices of one channel, and nothing', () => {
  const folder = folderOf(['488/0.tif', '488/1.tif', '561/0.tif', '561/1.tif']);
  expect([...channelsAt(folder)]).toEqual([
    ['488', { path: join(folder, '488'), channel: 0, files: '' }],
    ['561', { path: join(folder, '561'), channel: 0, files: '' }],
  ]);
  const single = folderOf(['stack.tif']);
  expect([...channelsAt(single).values()]).toEqual([{ path: join(single, 'stack.tif'), channel: 0 }]);
  expect([...channelsAt(join(single, 'stack.tif')).values()]).toEqual([
    { path: join(single, 'stack.tif'), channel: 0 },
  ]);
  expect(channelsAt(join(single, 'none')).size).toBe(0);
});

test('the pattern of a project chooses slices; one that would take for ever is left out', () => {
  const files = ['a_001.tif', 'a_002.tif', 'b_001.tif', 'b_002.tif'];
  const folder = folderOf(files);
  expect(namesOf(folder, files, '', '^a_[0-9]+')).toEqual(files.slice(0, 2));
  expect(namesOf(folder, files, '', '(a+)+$')).toEqual(files);
  expect(namesOf(folder, files, '', '[')).toEqual(files);
});
