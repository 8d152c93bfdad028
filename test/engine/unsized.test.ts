// Volumes of which nobody says how large their voxels are: told as such from the files to the row of the library.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { volumeSourceSchema } from '../../main/engine/store/volume-rows.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { isUnsized } from '../../renderer/state/unsized.ts';
import { thinVolume } from '../renderer/volume.ts';
import { encodePng } from './png.ts';
import { followJob } from './follow-job.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const pixels = Uint8Array.from({ length: 64 }, (_, i) => i);

function writePngs(folder: string): string {
  const at = join(folder, 'sections');
  mkdirSync(at);
  for (const z of [1, 2, 3]) writeFileSync(join(at, `z${z}.png`), encodePng({ width: 8, height: 8, pixels }));
  return at;
}

function writeNrrd(folder: string, more = ''): string {
  const at = join(folder, 'volume.nrrd');
  const header = `NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 4 4\nencoding: raw\n${more}\n`;
  writeFileSync(at, Buffer.concat([Buffer.from(header), pixels]));
  return at;
}

async function add({ client, library }: TempEngine, source: string, voxelSizeNm?: Vec3) {
  const asked = { library, source, ...(voxelSizeNm && { voxelSizeNm }) };
  const added = await followJob(client, library, client.volume.add(asked));
  const { volume } = added.result as { volume: string };
  const warned = added.warnings.some(({ message }) => message.includes('not known how large'));
  const { value } = await client.view.volume({ library, volume });
  // Nobody is asked for what was given, or said.
  expect(warned).toBe(value.unsized === true);
  return value;
}

describe('a volume of which nobody says how large its voxels are', () => {
  test.each([
    ['a stack of PNGs', writePngs],
    ['an NRRD without spacings', writeNrrd],
  ])('%s says so, until someone gives the size', async (_, write) => {
    const engine = tempEngine();
    const source = write(engine.folder);
    const { value } = await engine.client.volume.describe({ source });
    expect(value.unsized).toBe(true);
    expect(value.warnings.join()).toContain('not known how large');

    const counted = await add(engine, source);
    expect([counted.unsized, counted.levels[0]?.voxelSizeNm]).toEqual([true, [1, 1, 1]]);
    const { value: again } = await engine.client.volume.describe({ library: engine.library, source: counted.id });
    expect(again.unsized).toBe(true);

    const sized = await add(engine, source, [4, 4, 40]);
    expect([sized.unsized, sized.levels[0]?.voxelSizeNm]).toEqual([undefined, [4, 4, 40]]);
    // A size of 1 nm that someone gave is one.
    expect((await add(engine, source, [1, 1, 1])).unsized).toBe(undefined);
  });

  test('files that say their size, and rows of before, are of a known size', async () => {
    const engine = tempEngine();
    const source = writeNrrd(engine.folder, 'spacings: 2 2 2\nunits: "nm" "nm" "nm"\n');
    expect((await engine.client.volume.describe({ source })).value.unsized).toBe(false);
    expect((await add(engine, source)).unsized).toBe(undefined);

    const before = { kind: 'local', address: 'a.tif', format: 'tiff', image: null, fingerprint: 'f' };
    const row = volumeSourceSchema.parse({ ...before, allowPrivate: false, voxelSizeNm: null, levels: 1 });
    expect(row.unsized).toBe(false);
  });

  test('one volume of a known size gives the view a unit', () => {
    const [sized, counted] = [thinVolume({ id: 'volume-sized' }), thinVolume({ id: 'volume-counted', unsized: true })];
    const volumes = [sized, counted];
    const layers = [imageLayer(sized, 0, 'a'), imageLayer(counted, 0, 'b')];
    expect(
      [layers, layers.slice(1), layers.slice(0, 1), []].map((some) => isUnsized({ layers: some, volumes })),
    ).toEqual([false, true, false, false]);
  });
});
