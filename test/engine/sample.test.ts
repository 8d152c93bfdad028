import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planAcquisition } from '../../main/engine/journeys/sample/acquisition.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { decodePng } from './png.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Made {
  readonly folder: string;
  readonly source: string;
  readonly layout: string;
  readonly tiles: number;
  readonly truth: string;
}

const small = { sections: 2, rows: 2, cols: 3, tilePx: 128 };

const make = (
  { client, library, result }: TempEngine,
  more: { readonly out?: string; readonly seed?: number } = {},
): Promise<Made> => result<Made>(client.sample.make({ library, ...small, ...more }));

const hashes = (folder: string): string =>
  readdirSync(folder)
    .toSorted()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}`,
    )
    .join('\n');

test('the plan has the errors that it says, one blank tile and one that repeats its neighbour', () => {
  const plan = planAcquisition({ seed: 1, sections: 6, rows: 4, cols: 4, tilePx: 512 });
  expect(plan.tiles).toHaveLength(96);
  const errors = plan.tiles.flatMap(({ stagePx, truePx }) =>
    [0, 1].map((axis) => (truePx[axis] ?? 0) - (stagePx[axis] ?? 0)),
  );
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  const sd = Math.sqrt(errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / errors.length);
  expect(sd).toBeGreaterThan(2);
  expect(sd).toBeLessThan(4);
  expect(plan.tiles.every(({ shows }) => shows.gain >= 0.85 && shows.gain <= 1.15)).toBe(true);
  const blank = plan.tiles.find((tile) => tile.name === plan.blank);
  const [copy, original] = [plan.duplicate.file, plan.duplicate.repeats].map((name) =>
    plan.tiles.find((tile) => tile.name === name),
  );
  expect(blank?.shows.kind).toBe('blank');
  expect(copy?.shows).toEqual(original?.shows);
  expect(copy?.truePx).not.toEqual(original?.truePx);
  expect(new Set([plan.blank, plan.duplicate.file, plan.duplicate.repeats]).size).toBe(3);
});

test('the same seed gives the same files, another seed others; the layout goes straight into the import', async () => {
  const at = tempEngine();
  const [one, again, other] = [
    await make(at, { out: join(at.folder, 'one') }),
    await make(at, { out: join(at.folder, 'again') }),
    await make(at, { out: join(at.folder, 'other'), seed: 5 }),
  ];
  expect(hashes(again.folder)).toBe(hashes(one.folder));
  expect(hashes(other.folder)).not.toBe(hashes(one.folder));
  const truth = JSON.parse(readFileSync(one.truth, 'utf8')) as {
    blank: string;
    duplicate: { file: string; repeats: string };
    tiles: { name: string; truePx: number[] }[];
  };
  expect(truth.tiles).toHaveLength(12);
  expect(
    readFileSync(join(one.folder, truth.duplicate.file)).equals(
      readFileSync(join(one.folder, truth.duplicate.repeats)),
    ),
  ).toBe(true);
  expect(decodePng(readFileSync(join(one.folder, truth.blank)))).toMatchObject({ width: 128, height: 128 });
  const { dataset } = await importTiles(at, one.source, one.layout);
  const bad = [...(await tilesByName(at, dataset)).values()]
    .filter((tile) => tile.verdict === 'bad')
    .map((tile) => tile.fileName);
  expect(bad.toSorted()).toEqual([truth.blank, truth.duplicate.file].toSorted());
});

test('without a place the sample goes into the library; what a kill left behind is swept up', async () => {
  const at = tempEngine();
  const first = await make(at);
  expect(first.folder.startsWith(join(at.library, 'samples'))).toBe(true);
  const before = hashes(first.folder);
  writeFileSync(join(first.folder, 's000_r00_c00.png.4711.part'), 'half a tile');
  expect((await make(at)).folder).toBe(first.folder);
  expect(hashes(first.folder)).toBe(before);
});

test('a folder that holds something else is left alone', async () => {
  const at = tempEngine();
  const out = join(at.folder, 'thesis');
  mkdirSync(out);
  writeFileSync(join(out, 'thesis.tex'), 'work of years');
  const error: unknown = await make(at, { out }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(isLamellaError(error, 'conflict')).toBe(true);
  expect(readdirSync(out)).toEqual(['thesis.tex']);
});
