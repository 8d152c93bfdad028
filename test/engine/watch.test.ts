// Watching a folder while a simulated microscope writes real files into it.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { acquireTiles } from './acquisition.ts';
import { type Fault, Microscope } from './microscope.ts';
import { encodePng } from './png.ts';
import { tempEngine, tilesByName } from './temp-engine.ts';
import { begin, fast, measured, pattern, settled } from './watching.ts';

test('tiles are taken as they come, each fault is named, and clean tiles raise no alarm', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const faults: Readonly<Record<string, Fault>> = {
    // Before there is anything usual.
    '0/3': { kind: 'defocus' },
    '4/2': { kind: 'defocus' },
    '4/5': { kind: 'saturation' },
    '5/1': { kind: 'charging' },
    '5/4': { kind: 'blank' },
    '6/3': { kind: 'missing' },
    '6/6': { kind: 'streaks' },
    '7/4': { kind: 'jump', byPx: [22, -14] },
    '8/3': { kind: 'lamp', factor: 0.91 },
  };
  // Dark tissue to the right, which is no fault of the lamp.
  const tissue = (x: number): number => -35 / (1 + Math.exp((740 - x) / 12));
  const scope = new Microscope({ folder, rows: 9, cols: 8, tissue, faults: ({ row, col }) => faults[`${row}/${col}`] });
  const watching = await begin(at, folder);
  for (const shot of scope.shots()) {
    scope.write(shot);
    await sleep(4);
  }
  await settled(at, watching, 71);
  const alarms = await watching.alarms();
  const told = Object.fromEntries(alarms.map(({ subject, kind }) => [subject, kind]));
  expect(told).toEqual({
    's0_r0_c3.png': 'out-of-focus',
    's0_r4_c2.png': 'out-of-focus',
    's0_r4_c5.png': 'saturated',
    's0_r5_c1.png': 'charging',
    's0_r5_c4.png': 'blank',
    'section 0, row 6, column 3': 'missing',
    's0_r6_c6.png': 'streaks',
    's0_r7_c4.png': 'stage-jump',
    's0_r8_c3.png': 'brightness',
  });
  expect(alarms.length).toBe(9);
  expect(alarms.find(({ kind }) => kind === 'brightness')?.reason).toMatch(
    /^The light fell by (8|9)(\.\d+)? % where it shows the same as its neighbours, against /,
  );
  const focus = alarms.find(({ subject }) => subject === 's0_r4_c2.png');
  expect(focus?.reason).toMatch(
    /^Out of focus: sharpness [\d.]+, against [\d.]+ ± [\d.]+ of the last \d+ tiles\. Focus, and take s0_r4_c2\.png again\.$/,
  );
  await watching.stop();
});

test('a file that grows waits, a renamed one is taken once, and other files are none of its business', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 2, cols: 3 });
  const watching = await begin(at, folder);
  const [first, second, third, ...rest] = scope.shots();
  if (!first || !second || !third) throw new Error('there are tiles');
  writeFileSync(join(folder, 'notes.txt'), 'a shift');
  writeFileSync(join(folder, '.hidden.png'), 'no picture');
  writeFileSync(join(folder, 'overview.png'), encodePng({ width: 40, height: 40, pixels: new Uint8Array(1600) }));
  // The pauses are longer than a file has to rest: what is there is cut short, and waits all the same.
  await Promise.all([scope.writeSlowly(first, 350), scope.writeAside(second, 300)]);
  scope.write(third);
  for (const shot of rest) scope.write(shot);
  const { readings, alarms } = await settled(at, watching, 6);
  expect(alarms).toEqual([]);
  expect(readings.map(({ name, retakes }) => `${name} ${retakes}`).toSorted()).toEqual(
    scope
      .shots()
      .map(({ row, col }) => `s0_r${row}_c${col}.png 0`)
      .toSorted(),
  );
  const tiles = await tilesByName(at, (await watching.now()).dataset);
  expect([...tiles.values()].map(({ verdict }) => verdict)).toEqual(Array.from({ length: 6 }, () => 'ok'));
  expect(tiles.get('s0_r1_c2.png')?.stageFromTile).toEqual([1, 0, 0, 1, 224, 112]);
  await watching.stop();
});

test('a tile that is taken again takes the place of the first, and its alarm is over', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 1, cols: 4 });
  const watching = await begin(at, folder);
  const shots = scope.shots();
  for (const shot of shots) scope.write(shot, shot.col === 2 ? { kind: 'blank' } : undefined);
  const before = await settled(at, watching, 4);
  expect(before.alarms.map(({ kind, resolvedAt }) => [kind, resolvedAt])).toEqual([['blank', null]]);
  scope.write(shots[2]!);
  await watching.until(({ openAlarms }) => openAlarms === 0);
  const after = await settled(at, watching, 4);
  expect(after.alarms).toMatchObject([{ kind: 'blank', resolvedAt: expect.any(String) }]);
  expect(after.readings.find(({ name }) => name === 's0_r0_c2.png')).toMatchObject({ retakes: 1, serial: 4 });
  expect(after.readings.map(({ tile }) => tile).toSorted((a, b) => a - b)).toEqual(
    before.readings.map(({ tile }) => tile).toSorted((a, b) => a - b),
  );
  expect((await tilesByName(at, after.watch.dataset)).get('s0_r0_c2.png')).toMatchObject({
    verdict: 'ok',
    reasons: [],
  });
  expect(after.overlaps.length).toBe(3);
  await watching.stop();
});

test('a folder that goes away is an alarm, and watching goes on where it was when it is back', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 2, cols: 3 });
  const watching = await begin(at, folder);
  const shots = scope.shots();
  for (const shot of shots.slice(0, 3)) scope.write(shot);
  await settled(at, watching, 3);
  renameSync(folder, `${folder} elsewhere`);
  await watching.until(({ state }) => state === 'away');
  expect(await watching.alarms()).toMatchObject([
    {
      kind: 'folder-away',
      subject: 'scope',
      resolvedAt: null,
      reason: expect.stringMatching(/The folder scope went away: it is not there/),
    },
  ]);
  // An empty folder in its place is what an unmounted disk leaves.
  mkdirSync(folder);
  await sleep(200);
  expect((await watching.now()).state).toBe('away');
  rmSync(folder, { recursive: true });
  renameSync(`${folder} elsewhere`, folder);
  await watching.until(({ state }) => state === 'watching');
  for (const shot of shots.slice(3)) scope.write(shot);
  const { readings, alarms } = await settled(at, watching, 6);
  expect(readings.map(({ serial, retakes }) => [serial, retakes])).toEqual([0, 1, 2, 3, 4, 5].map((n) => [n, 0]));
  expect(alarms.filter(({ resolvedAt }) => resolvedAt === null)).toEqual([]);
  await watching.stop();
});

test('goes on after a restart, reads nothing twice, and learns what it had learned', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 4, cols: 5 });
  const watching = await begin(at, folder);
  const shots = scope.shots();
  for (const shot of shots.slice(0, 15)) scope.write(shot);
  const before = await settled(at, watching, 15);
  const { watch, job } = watching;
  await at.engine.close();
  for (const shot of shots.slice(15)) scope.write(shot, shot.col === 2 ? { kind: 'defocus' } : undefined);
  const engine = createEngine({ threads: 2 });
  try {
    const [client, { library }] = [engine.client(), at];
    const again = { ...at, engine, client };
    expect((await measured(again, watch)).watch.state).toBe('paused');
    await client.job.resume({ library, job });
    const find = async () => (await client.watch.list({ library })).value.watches[0]!;
    const follow = {
      ...watching,
      until: async (isSo: (one: Awaited<ReturnType<typeof find>>) => boolean) => {
        for (;;) {
          const now = await find();
          if (isSo(now)) return now;
          await sleep(20);
        }
      },
    };
    const after = await settled(again, follow, 20);
    expect(after.readings.slice(0, 15)).toEqual(before.readings);
    expect(after.limits.find(({ metric }) => metric === 'focus')?.learnedFrom).toBe(19);
    expect(after.alarms.map(({ kind, subject }) => [kind, subject])).toEqual([['out-of-focus', 's0_r3_c2.png']]);
    await client.watch.stop({ library, watch });
    await follow.until(({ state }) => state === 'stopped');
  } finally {
    await engine.close();
  }
});

test('alarms are marked as seen and limits are set, undoably; stitching runs beside a watch', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 2, cols: 3 });
  const watching = await begin(at, folder);
  const { watch } = watching;
  const shots = scope.shots();
  for (const shot of shots.slice(0, 5)) scope.write(shot, shot.col === 1 ? { kind: 'blank' } : undefined);
  await settled(at, watching, 5);
  const alarms = await watching.alarms();
  expect(await watching.now()).toMatchObject({ openAlarms: 2, unseenAlarms: 2 });
  expect(await client.watch.acknowledge({ library, watch, alarms: alarms.map(({ id }) => id) })).toEqual({
    changed: 2,
  });
  expect((await watching.now()).unseenAlarms).toBe(0);
  expect(await client.library.undo({ library })).toEqual({ label: 'Mark 2 alarms as seen' });
  expect((await watching.now()).unseenAlarms).toBe(2);
  const { limit } = await client.watch.limits({ library, watch, metric: 'brightness', high: 20 });
  expect(limit).toMatchObject({ metric: 'brightness', low: null, high: 20, source: 'set' });
  scope.write(shots[5]!);
  await settled(at, watching, 6);
  expect((await watching.alarms())[0]).toMatchObject({
    kind: 'brightness',
    high: 20,
    reason: expect.stringMatching(/^Brighter than usual: mean grey \d+, over the limit of 20\./),
  });
  await client.library.undo({ library });
  expect((await measured(at, watch)).limits.find(({ metric }) => metric === 'brightness')?.source).toBe('learning');
  await expect(client.watch.limits({ library, watch, metric: 'ncc', low: 2, high: 1 })).rejects.toMatchObject({
    tag: 'invalid-input',
  });
  const { dataset } = await watching.now();
  const stitched = await at
    .result<{ tiles: number }>(client.stitch.start({ library, dataset }))
    .catch((error: Error) => error);
  expect(stitched).toBeDefined();
  expect((await watching.now()).state).toBe('watching');
  await watching.stop();
});

test('a listed tile that is passed is missing until it comes; a file that stays cut short is named', async () => {
  const at = tempEngine();
  const [folder, made] = [join(at.folder, 'scope'), join(at.folder, 'made')];
  acquireTiles(made, { rows: 2, cols: 4, tilePx: 128, overlapPx: 40 });
  mkdirSync(folder);
  copyFileSync(join(made, 'TileConfiguration.txt'), join(folder, 'TileConfiguration.txt'));
  const watching = await begin(at, folder, { layout: 'tiles:TileConfiguration.txt' });
  const put = (row: number, col: number, bytes?: number): void => {
    const name = `s0_r${row}_c${col}.png`;
    writeFileSync(join(folder, name), readFileSync(join(made, name)).subarray(0, bytes));
  };
  for (const [row, col] of [
    [0, 0],
    [0, 1],
    [0, 3],
    [1, 0],
  ] as const)
    put(row, col);
  await watching.until(({ openAlarms }) => openAlarms === 1);
  expect(await watching.alarms()).toMatchObject([
    {
      kind: 'missing',
      subject: 's0_r0_c2.png',
      tile: null,
      reason: 'Missing: tiles after it have come, and it has not. Take it now: s0_r0_c2.png.',
    },
  ]);
  put(0, 2);
  await watching.until(({ openAlarms }) => openAlarms === 0);
  put(1, 1, 3000);
  await watching.until(({ openAlarms }) => openAlarms === 1);
  expect((await watching.alarms())[0]).toMatchObject({
    kind: 'unreadable',
    subject: 's0_r1_c1.png',
    reason: expect.stringMatching(/^Cut short: \d+ % of its rows are there\. Take s0_r1_c1\.png again/),
  });
  await watching.stop();
});

test('a shift is reported as a page of its own and as a table; no path of this computer is in either', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({ folder, rows: 3, cols: 5 });
  const watching = await begin(at, folder);
  for (const shot of scope.shots())
    scope.write(shot, shot.row === 2 && shot.col === 2 ? { kind: 'defocus' } : undefined);
  await settled(at, watching, 15);
  await watching.stop();
  const [page, table] = [join(at.folder, 'shift.html'), join(at.folder, 'retake.csv')];
  const done = await at.result<{ retake: number }>(client.watch.report({ library, watch: watching.watch, out: page }));
  expect(done).toMatchObject({ tiles: 15, alarms: 1, retake: 1 });
  await at.result(client.watch.report({ library, watch: watching.watch, out: table }));
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('<h1>Shift report: scope</h1>');
  expect(html).toMatch(/Out of focus <small>s0_r2_c2\.png<\/small>/);
  expect(html.match(/<svg/g)?.length).toBeGreaterThanOrEqual(6);
  expect(html).toContain('data:image/png;base64,');
  expect(html).not.toMatch(/<script|https?:|src="(?!data:)/);
  expect(html + readFileSync(table, 'utf8')).not.toContain(at.folder);
  expect(readFileSync(table, 'utf8')).toMatch(
    /^tile,section,alarm,reason.*\ns0_r2_c2\.png,0,out-of-focus,"?Out of focus[^\n]*\n$/,
  );
  await expect(
    at.result(client.watch.report({ library, watch: watching.watch, out: join(folder, 's0_r0_c0.png') })),
  ).rejects.toMatchObject({ tag: 'invalid-input' });
  expect(statSync(join(folder, 's0_r0_c0.png')).size).toBeGreaterThan(1000);
});

test('refuses a folder that is not there, and a pattern that is none', async () => {
  const at = tempEngine();
  const start = (source: string, layout: string): Promise<unknown> =>
    at.result(at.client.watch.start({ library: at.library, source, layout, ...fast }));
  await expect(start(join(at.folder, 'nowhere'), pattern)).rejects.toMatchObject({ tag: 'not-found' });
  mkdirSync(join(at.folder, 'there'));
  await expect(start(join(at.folder, 'there'), 'pattern:{z}.png')).rejects.toMatchObject({ tag: 'bad-layout' });
});

test('216 tiles with uneven light and a wrong overlap: what is faulty is named, and nothing else', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const folder = join(at.folder, 'made');
  await at.result(client.sample.make({ library, out: folder, sections: 6, rows: 6, cols: 6, tilePx: 192 }));
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
    blank: string;
    duplicate: { file: string };
  };
  // As a microscope writes: one after the other. The sample overlaps by 15 %.
  const names = readdirSync(folder).filter((name) => name.endsWith('.png'));
  names.toSorted().forEach((name, i) => utimesSync(join(folder, name), 1e9 + i, 1e9 + i));
  const watching = await begin(at, folder, { layout: 'pattern:s{z}_r{row}_c{col}.png;overlap=20%' });
  const { alarms } = await settled(at, watching, 216);
  expect(alarms.map(({ kind, subject }) => `${kind}: ${subject}`).toSorted()).toEqual([
    `blank: ${truth.blank}`,
    'contradiction: overlap along x',
    'contradiction: overlap along y',
    `repeated: ${truth.duplicate.file}`,
  ]);
  await watching.stop();
});
