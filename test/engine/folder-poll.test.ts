import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FolderPoll } from '../../main/engine/intake/folder-poll.ts';

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-poll-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let now = 0;
  const poll = new FolderPoll(folder, { settleMs: 100, giveUpMs: 1000, now: () => now });
  const lookAfter = (ms: number) => ((now += ms), poll.look());
  return { folder, poll, lookAfter };
}

const paths = (look: Awaited<ReturnType<FolderPoll['look']>>): readonly string[] => look.rested.map(({ path }) => path);

test('a file is told once it rested, and again when it is another', async () => {
  const { folder, lookAfter } = bench();
  const file = join(folder, 'a.png');
  writeFileSync(file, 'one');
  expect(await lookAfter(0)).toMatchObject({ rested: [], waiting: 1 });
  appendFileSync(file, ' two');
  expect(await lookAfter(99)).toMatchObject({ rested: [], waiting: 1 });
  expect(await lookAfter(99)).toMatchObject({ rested: [], waiting: 1 });
  expect(paths(await lookAfter(2))).toEqual(['a.png']);
  expect(await lookAfter(500)).toMatchObject({ rested: [], waiting: 0 });
  writeFileSync(file, 'another');
  await lookAfter(10);
  expect(paths(await lookAfter(101))).toEqual(['a.png']);
});

test('a file that turned out not to be whole waits for a change, or until it is given up', async () => {
  const { folder, poll, lookAfter } = bench();
  writeFileSync(join(folder, 'a.png'), 'part');
  await lookAfter(0);
  expect((await lookAfter(150)).rested).toMatchObject([{ isFinal: false }]);
  poll.defer('a.png');
  expect(poll.growing()).toEqual(['a.png']);
  expect(await lookAfter(300)).toMatchObject({ rested: [], waiting: 1 });
  expect((await lookAfter(600)).rested).toMatchObject([{ isFinal: true }]);
  expect(await lookAfter(5000)).toMatchObject({ rested: [], waiting: 0 });
});

test('empty files wait, old ones need not, folders inside count, and order is that of writing', async () => {
  const { folder, lookAfter } = bench();
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'empty.png'), '');
  for (const [name, secs] of [
    ['in/late.png', 2000],
    ['early.png', 1000],
  ] as const) {
    writeFileSync(join(folder, name), 'x');
    utimesSync(join(folder, name), secs, secs);
  }
  const look = await lookAfter(0);
  expect([paths(look), look.waiting]).toEqual([['early.png', 'in/late.png'], 1]);
});

test('files that were read by an earlier run are told only where they changed', async () => {
  const { folder, poll, lookAfter } = bench();
  for (const name of ['same.png', 'other.png']) {
    writeFileSync(join(folder, name), 'pixels');
    utimesSync(join(folder, name), 1000, 1000);
  }
  poll.recall('same.png', '6@1000000');
  poll.recall('other.png', '6@999000');
  const told = [...paths(await lookAfter(0)), ...paths(await lookAfter(101))];
  expect(told).toEqual(['other.png']);
});

test('files that were told are looked at again in turn, so that what was written anew is found within a few looks', async () => {
  const { folder, lookAfter } = bench();
  for (let i = 0; i < 1500; i++) {
    const path = join(folder, `${i}.png`);
    writeFileSync(path, 'x');
    utimesSync(path, 1000, 1000);
  }
  expect((await lookAfter(0)).rested).toHaveLength(1500);
  writeFileSync(join(folder, '1400.png'), 'another');
  let looks = 0;
  while (looks < 20 && paths(await lookAfter(101)).length === 0) looks += 1;
  // 400 a look: seen within four, told one later.
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThan(6);
});
