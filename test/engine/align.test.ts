import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLamellaError, type LamellaError } from '../../preload/contract/errors.ts';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import type { TileMap } from '../../main/engine/transforms/tile/tile-map.ts';
import { type CutSection, nameOf, sectionFrom, writeSections } from './cut-sections.ts';
import { exportedMaps } from './exported-maps.ts';
import { importTiles, tempEngine } from './temp-engine.ts';

interface AlignResult {
  readonly stack: string;
  readonly medianPx: number;
  readonly nccBefore: number;
  readonly nccAfter: number;
  readonly verdict: string;
}

/** Distances between where a tissue place comes to in each section and where it comes to on average. */
function errorsOf(sections: readonly CutSection[], maps: ReadonlyMap<string, TileMap>, reachPx: number): number[] {
  const errors: number[] = [];
  for (let i = 0; i < 144; i++) {
    const to = [500 + reachPx * ((i % 12) / 5.5 - 1), 500 + reachPx * (Math.floor(i / 12) / 5.5 - 1)] as const;
    const places = sections.map((section) => {
      const at = Float64Array.from(sectionFrom(section, to));
      maps.get(nameOf(section))!.forward(at, at);
      return [at[0]!, at[1]!] as const;
    });
    const mean = [0, 1].map((k) => places.reduce((sum, p) => sum + p[k]! / places.length, 0));
    for (const p of places) errors.push(Math.hypot(p[0] - mean[0]!, p[1] - mean[1]!));
  }
  return errors.toSorted((a, b) => a - b);
}

const spread = (z: number, k: number): number => ((z * 37 + k * 61) % 41) / 20 - 1;

test('aligns turned, bent and turned-over sections, across a gap and a blank one, and says so', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'sections');
  const sections = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11].map((z): CutSection => ({
    z,
    sidePx: 256,
    degrees: 30 * spread(z, 0),
    shift: [8 * spread(z, 1), 8 * spread(z, 2)],
    bendPx: 6,
    upsideDown: z === 3,
    blank: z === 9,
  }));
  writeSections(source, sections);
  const { dataset } = await importTiles(at, source);
  const { client, library } = at;
  for (const tile of (await client.tile.list({ library, dataset })).value.tiles.filter(({ section }) => section === 9))
    await client.tile.review({ library, dataset, tiles: [tile.id], review: 'accepted' });
  const aligned = await at.result<AlignResult>(client.align.start({ library, dataset, model: 'elastic' }));
  const good = sections.filter(({ blank }) => !blank);
  const errors = errorsOf(good, await exportedMaps(at, aligned.stack), 70);
  const part = (share: number): number => errors[Math.floor(share * (errors.length - 1))]!;
  expect(part(0.5)).toBeLessThanOrEqual(0.7);
  expect(part(0.95)).toBeLessThanOrEqual(2);
  expect(aligned.verdict).toBe('warn');
  expect(aligned.nccAfter).toBeGreaterThan(aligned.nccBefore + 0.2);
  const { value: report } = await client.align.report({ library, stack: aligned.stack });
  expect(report.sections.filter(({ placedBy }) => placedBy === 'between').map(({ section }) => section)).toEqual([9]);
  expect(report.sections.filter(({ mirrored }) => mirrored).map(({ section }) => section)).toEqual([3]);
  expect(report.pairs.some(({ a, b, state }) => a === 4 && b === 7 && state === 'kept')).toBe(true);
}, 120_000);

test('what is not of one tissue is no success', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'sections');
  writeSections(
    source,
    [0, 900, 1800, 2700].map((z): CutSection => ({ z, sidePx: 200 })),
  );
  const { dataset } = await importTiles(at, source);
  const { client, library } = at;
  const failedOf = async (stack?: string): Promise<LamellaError> => {
    const aligned = at.result(client.align.start({ library, dataset, ...(stack && { stack }) }));
    const failed = await aligned.catch((error: unknown) => error);
    if (!isLamellaError(failed, 'not-good-enough')) throw failed;
    return failed;
  };
  const failed = await failedOf();
  expect(failed.message).toContain('match no other');
  // What corrects the light of a version corrects that of the one aligned from it.
  const { stack } = await at.result<{ stack: string }>(
    client.intensity.estimate({ library, stack: String(failed.fields['stack']), flat: false }),
  );
  const again = String((await failedOf(stack)).fields['stack']);
  const correctionsOf = async (of: string) => (await client.intensity.corrections({ library, stack: of })).value;
  expect((await correctionsOf(stack)).corrections).toHaveLength(4);
  expect(await correctionsOf(again)).toEqual(await correctionsOf(stack));
}, 60_000);

const real = join(import.meta.dirname, '../../../shared/data/ssTEM-vnc/raw');

test.skipIf(!existsSync(real))(
  'real sections, every second one moved by 20 px, fit again',
  async () => {
    const at = tempEngine();
    const source = join(at.folder, 'sections');
    mkdirSync(source);
    const names = ['00.tif', '01.tif', '02.tif', '03.tif'];
    for (const name of names) copyFileSync(join(real, name), join(source, name));
    const places = names.map((name, section) => ({ name, xPx: 20 * (section % 2), yPx: 0, section }));
    writeFileSync(join(source, 'TileConfiguration.txt'), formatTileConfiguration(3, places));
    const { dataset } = await importTiles(at, source);
    const aligned = await at.result<AlignResult>(at.client.align.start({ library: at.library, dataset }));
    expect(aligned.verdict).toBe('pass');
    expect(aligned.nccAfter).toBeGreaterThan(aligned.nccBefore);
  },
  120_000,
);
