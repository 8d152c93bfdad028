import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLamellaError } from '../../preload/contract/errors.ts';
import type { Link, Seam } from '../../preload/contract/registration.ts';
import { acquireTiles } from './acquisition.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Ready {
  readonly at: TempEngine;
  readonly stack: string;
  readonly links: readonly Link[];
  readonly source: string;
}

async function stitched(before: (source: string) => void = () => undefined): Promise<Ready> {
  const at = tempEngine();
  const source = join(at.folder, 'tiles & more');
  acquireTiles(source, {
    rows: 3,
    cols: 4,
    errorPx: 3,
    seed: 8,
    grey: (texture, { col }) => (0.8 + 0.1 * col) * (120 + 25 * texture),
  });
  before(source);
  const { dataset } = await importTiles(at, source);
  const { library, client } = at;
  const { stack } = await at.result<{ stack: string }>(client.stitch.start({ library, dataset }));
  return { at, stack, source, links: (await client.stitch.links({ library, stack })).value.links };
}

const seamOf = async (
  { at: { client, library }, stack }: Ready,
  { tileA, tileB }: Pick<Link, 'tileA' | 'tileB'>,
  more: { readonly along?: number; readonly whole?: boolean } = {},
): Promise<{ readonly about: Seam; readonly parts: readonly Uint8Array[] }> => {
  const { value, bytes = new Uint8Array() } = await client.stitch.seam({ library, stack, tileA, tileB, ...more });
  const size = value.widthPx * value.heightPx;
  return { about: value, parts: [0, 1, 2].map((i) => bytes.subarray(i * size, (i + 1) * size)) };
};

const meanOff = (pixels: Uint8Array, grey: number): number => {
  const seen = pixels.filter((v) => v > 0);
  return seen.reduce((sum, v) => sum + Math.abs(v - grey), 0) / seen.length;
};

test('a seam shows both tiles as placed, alike where the place is right', async () => {
  const ready = await stitched();
  const link = ready.links[0];
  if (!link) throw new Error('there is no link');
  const { about, parts } = await seamOf(ready, link);
  const [a, b, difference] = parts;
  expect(Math.max(about.widthPx, about.heightPx)).toBeLessThanOrEqual(512);
  expect(Math.min(about.widthPx, about.heightPx)).toBeGreaterThan(35);
  expect(about.ncc).toBeGreaterThan(0.97);
  expect(a?.length).toBe(about.widthPx * about.heightPx);
  expect(meanOff(difference ?? new Uint8Array(), 128)).toBeLessThan(12);
  // Compared by hand, as it is and as it would be two rows off: much worse, so the picture tells.
  const off = (rows: number): number =>
    meanOff(
      Uint8Array.from(a?.subarray(rows * about.widthPx) ?? [], (v, k) => 128 + (v - (b?.[k] ?? 0)) / 2),
      128,
    );
  expect(off(2)).toBeGreaterThan(3 * off(0));
});

test('tiles that do not overlap have no seam', async () => {
  const ready = await stitched();
  const tiles = await tilesByName(
    ready.at,
    (await ready.at.client.library.info({ library: ready.at.library })).value.stacks[0]?.dataset ?? '',
  );
  const [tileA, tileB] = ['s0_r0_c0.png', 's0_r2_c3.png'].map((name) => tiles.get(name)?.id ?? -1);
  const error = await seamOf(ready, { tileA: tileA ?? 0, tileB: tileB ?? 0 }).catch((e: unknown) => e);
  expect(isLamellaError(error, 'invalid-input')).toBe(true);
});

test('the report stands alone: verdict, maps, seams, and the fault by name; no script, nothing from elsewhere', async () => {
  // Two pictures in each other's place: what a sorted copy does.
  const ready = await stitched((source) => {
    renameSync(join(source, 's0_r1_c1.png'), join(source, 'x.png'));
    renameSync(join(source, 's0_r0_c3.png'), join(source, 's0_r1_c1.png'));
    renameSync(join(source, 'x.png'), join(source, 's0_r0_c3.png'));
  });
  const { client, library, folder } = ready.at;
  const out = join(folder, 'report.html');
  await client.stitch.report({ library, stack: ready.stack, out });
  const html = readFileSync(out, 'utf8');
  expect(html).toContain('Stitching of tiles &amp; more');
  expect(html).toContain('Look at it');
  expect(html).toMatch(/2 tiles without a link, placed by the stage: s0_r0_c3\.png, s0_r1_c1\.png/);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/<script|https?:\/\/|src="(?!data:)/);
  const pictures = [...html.matchAll(/data:image\/png;base64,([A-Za-z0-9+/=]+)/g)].map(([, text = '']) =>
    Buffer.from(text, 'base64'),
  );
  expect(pictures.length).toBeGreaterThan(6);
  expect(pictures.every((png) => png.subarray(1, 4).toString() === 'PNG')).toBe(true);
  expect(html.match(/<line /g)).toHaveLength(ready.links.length);
});
