// Stage positions that OME-TIFF images carry (fixtures/make_ome_stage.py, written by tifffile).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importTiles, tempEngine, tilesByName } from './temp-engine.ts';

const { stepPx, files } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../formats/fixtures/ome-stage.json'), 'utf8'),
) as { readonly stepPx: number; readonly files: Readonly<Record<string, string>> };

function writeTiles(
  folder: string,
  change: (name: string, bytes: Buffer) => Buffer | null = (_name, bytes) => bytes,
): string {
  const source = join(folder, 'ome');
  mkdirSync(source);
  for (const [name, text] of Object.entries(files)) {
    const bytes = change(name, Buffer.from(text, 'base64'));
    if (bytes) writeFileSync(join(source, name), bytes);
  }
  return source;
}

test('OME-TIFF tiles lie where the stage was, in pixels', async () => {
  const at = tempEngine();
  const source = writeTiles(at.folder);
  const { value } = await at.client.ingest.detect({ source });
  expect(value.candidates).toContainEqual(
    expect.objectContaining({ layout: 'ome:*.ome.tif', tiles: 4, missing: 0, pixelNm: 250 }),
  );
  const { dataset, warnings } = await importTiles(at, source, 'ome:*.ome.tif');
  expect(warnings.filter(({ message }) => /micrometres|stage/.test(message))).toEqual([]);
  const tiles = await tilesByName(at, dataset);
  const [, , , , left, top] = tiles.get('r0c0.ome.tif')!.stageFromTile;
  expect([left, top]).toEqual([expect.closeTo(12_000, 6), expect.closeTo(-4000, 6)]);
  for (const [name, row, col] of [
    ['r0c1.ome.tif', 0, 1],
    ['r1c0.ome.tif', 1, 0],
    ['r1c1.ome.tif', 1, 1],
  ] as const) {
    const [a, b, c, d, x, y] = tiles.get(name)!.stageFromTile;
    expect([a, b, c, d]).toEqual([1, 0, 0, 1]);
    expect(x - left).toBeCloseTo(col * stepPx, 6);
    expect(y - top).toBeCloseTo(row * stepPx, 6);
  }
});

/** The same length, so that nothing in the file moves. */
const swapped = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to.padEnd(from.length)), 'latin1');

test('units of the microscope, images without a place and damaged ones are named', async () => {
  const at = tempEngine();
  const source = writeTiles(at.folder, (name, bytes) =>
    name === 'r0c0.ome.tif'
      ? swapped(bytes, 'PositionXUnit="mm"', 'PositionXUnit="?"')
      : name === 'r0c1.ome.tif'
        ? swapped(swapped(bytes, 'PositionX=', 'NoWhere_X='), 'PositionXUnit=', 'NoWhere_XUni=')
        : name === 'r1c0.ome.tif'
          ? bytes.subarray(0, 40)
          : bytes,
  );
  const { tiles, warnings } = await importTiles(at, source, 'ome:*.ome.tif');
  expect(tiles).toBe(2);
  const said = warnings.map(({ message }) => message).join('\n');
  expect(said).toMatch(/r0c1.ome.tif does not say where the stage was/);
  expect(said).toMatch(/r1c0.ome.tif cannot be read/);
  expect(said).toMatch(/units of the microscope; micrometres are assumed/);
});

test('images that carry no positions are refused with what is missing', async () => {
  const at = tempEngine();
  const source = writeTiles(at.folder, (_name, bytes) => swapped(bytes, 'Position', 'NoWhere_'));
  await expect(importTiles(at, source, 'ome:*.tif')).rejects.toMatchObject({
    tag: 'bad-layout',
    message: expect.stringMatching(/none of the 4 files says where the stage was/) as string,
  });
});
