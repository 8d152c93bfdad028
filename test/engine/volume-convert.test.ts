// Conversions through the whole engine: every way out, parts of volumes, kills, memory, and places that are refused.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { run, seeded } from './kill-harness.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

interface Converted {
  readonly out: string;
  readonly levels: number;
  readonly files: number;
  readonly bytes: number;
}

function synthetic(at: Pick<TempEngine, 'folder'>, size: readonly [number, number, number] = [150, 130, 90]): string {
  const folder = join(at.folder, `synthetic-${size.join('-')}`);
  writeSynthetic(folder, size);
  return folder;
}

const convert = (at: TempEngine, source: string, format: string, out: string, more: object = {}): Promise<Converted> =>
  at.result<Converted>(
    at.client.volume.convert({ library: at.library, source, out, format: format as 'ome-zarr', ...more }),
  );

async function digest({ client }: TempEngine, source: string, box: string, level = 0): Promise<string> {
  return (await client.volume.cutout({ source, box, level })).value.sha256;
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted();

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

function contentOf(path: string): Readonly<Record<string, string>> {
  if (statSync(path).isFile()) return { '': sha256(path) };
  return Object.fromEntries(filesBelow(path).map((name) => [name, sha256(join(path, name))]));
}

const writable = volumeFormats.flatMap(({ id, write }) =>
  write ? [{ id, ending: write.as === 'folder' ? '' : write.as.ending }] : [],
);

describe('converting', () => {
  test.each(writable)('to $id and back keeps every voxel and its place', async ({ id, ending }) => {
    const at = tempEngine();
    const source = synthetic(at);
    const [there, back] = [join(at.folder, `there${ending}`), join(at.folder, 'back')];
    await convert(at, source, id, there);
    await convert(at, there, 'precomputed', back);
    const box = '0:150,0:130,0:90';
    expect(await digest(at, there, box)).toBe(await digest(at, source, box));
    expect(await digest(at, back, box)).toBe(await digest(at, source, box));
    const level = async (ref: string) => (await at.client.volume.describe({ source: ref })).value.levels[0];
    expect(await level(there)).toMatchObject({ size: [150, 130, 90] });
    const [first, last] = [await level(source), await level(back)];
    expect([last?.voxelSizeNm, last?.originNm]).toEqual([first?.voxelSizeNm, first?.originNm]);
    expect(existsSync(`${there}.partial`)).toBe(false);
  });

  test('of a part lays it where it was, with a pyramid of its own; half a voxel between formats is no shift', async () => {
    const at = tempEngine();
    const source = synthetic(at);
    const [zarr, back] = [join(at.folder, 'part.zarr'), join(at.folder, 'part')];
    const { levels } = await convert(at, source, 'ome-zarr', zarr, { box: '10:140,20:130,30:60' });
    const { value } = await at.client.volume.describe({ source: zarr });
    expect(value.levels).toHaveLength(levels);
    expect(value.levels[0]).toMatchObject({ size: [130, 110, 30], originNm: [80, 160, 240] });
    expect(value.levels[1]).toMatchObject({ size: [65, 55, 15], originNm: [80, 160, 240] });
    expect(await digest(at, zarr, '0:130,0:110,0:30')).toBe(await digest(at, source, '10:140,20:130,30:60'));
    await convert(at, zarr, 'precomputed', back);
    expect((await at.client.volume.describe({ source: back })).value.levels[0]?.originNm).toEqual([80, 160, 240]);
  });

  test('to one level with the least of each block, sharded', async () => {
    const at = tempEngine();
    const source = synthetic(at);
    const [one, two] = [join(at.folder, 'one'), join(at.folder, 'two')];
    expect(await convert(at, source, 'ome-zarr', one, { levels: 'one', sharded: true })).toMatchObject({ levels: 1 });
    await convert(at, source, 'precomputed', two, { method: 'min', sharded: true, chunk: '32,32,32' });
    const fine = (await at.client.volume.cutout({ source, box: '0:2,0:2,0:2' })).bytes ?? [];
    const coarse = (await at.client.volume.cutout({ source: two, box: '0:1,0:1,0:1', level: 1 })).bytes ?? [];
    expect(coarse[0]).toBe(Math.min(...fine));
  });

  test('to a TIFF with smaller copies of every section, of a volume whose coarse levels have fewer', async () => {
    const at = tempEngine();
    const source = synthetic(at, [300, 260, 12]);
    const out = join(at.folder, 'pyramid.ome.tif');
    expect(await convert(at, source, 'tiff', out, { chunk: '64,64,1' })).toMatchObject({ levels: 4 });
    const { levels } = (await at.client.volume.describe({ source: out })).value;
    expect(levels.map(({ size }) => size)).toEqual([
      [300, 260, 12],
      [150, 130, 12],
      [75, 65, 12],
      [38, 33, 12],
    ]);
    expect(await digest(at, out, '0:300,0:260,0:12')).toBe(await digest(at, source, '0:300,0:260,0:12'));
    const fine = (await at.client.volume.cutout({ source, box: '0:2,0:2,11:12' })).bytes ?? [];
    const coarse = (await at.client.volume.cutout({ source: out, box: '0:1,0:1,11:12', level: 1 })).bytes ?? [];
    const mean = [...fine].reduce((sum, value) => sum + value, 0) / 4;
    expect(Math.abs((coarse[0] ?? NaN) - mean)).toBeLessThanOrEqual(0.5);
  });

  test('refuses what it can not write, and every place where it would harm', async () => {
    const at = tempEngine();
    const source = synthetic(at);
    const refused = (format: string, out: string, tag: string, more: object = {}) =>
      expect(convert(at, source, format, out, more)).rejects.toMatchObject({ tag });
    const free = join(at.folder, 'free');
    await refused('hdf5', `${free}.h5`, 'invalid-input');
    await refused('nrrd', `${free}.txt`, 'invalid-input');
    await refused('nrrd', `${free}.nrrd`, 'invalid-input', { sharded: true });
    await refused('precomputed', free, 'invalid-input', { encoding: 'wavelets' });
    await refused('precomputed', free, 'invalid-input', { box: '0:1000,0:1,0:1' });
    await refused('precomputed', free, 'invalid-input', { channels: '1' });
    await refused('precomputed', free, 'invalid-input', { times: '0:2' });
    await refused('precomputed', free, 'invalid-input', { times: '0:0' });
    await refused('precomputed', free, 'over-budget', { memory: '10MB' });
    await refused('precomputed', join(at.library, 'volumes', 'x'), 'invalid-input');
    await refused('precomputed', join(source, 'inside'), 'invalid-input');
    await refused('precomputed', source, 'invalid-input');
    expect(existsSync(free)).toBe(false);
    writeFileSync(join(at.folder, 'file'), '');
    await refused('precomputed', join(at.folder, 'file', 'below'), 'not-writable');
    await refused('precomputed', join(at.folder, 'a'.repeat(300)), 'not-writable');
    mkdirSync(free);
    writeFileSync(join(free, 'lamella-converting.json'), '{}');
    await expect(at.client.volume.describe({ source: free })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('cut short') as string,
    });
    rmSync(join(free, 'lamella-converting.json'));
    writeFileSync(join(free, 'beach.jpg'), 'sand');
    await refused('precomputed', free, 'conflict');
    expect(filesBelow(free)).toEqual(['beach.jpg']);
    writeFileSync(`${free}.nrrd`, 'mine');
    await refused('nrrd', `${free}.nrrd`, 'conflict');
    expect(readFileSync(`${free}.nrrd`, 'utf8')).toBe('mine');
  });
});

const process2 = (library: string, input: object): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, 'convert-process.ts'),
  library,
  JSON.stringify(input),
];

describe('a conversion that is killed', () => {
  test.each([
    ['precomputed', ''],
    ['ome-zarr', ''],
    ['nrrd', '.nrrd'],
  ])('goes on where it was, and ends as one that was not killed: %s', async (format, ending) => {
    const at = tempEngine();
    const source = synthetic(at, [300, 260, 200]);
    const out = join(at.folder, `killed${ending}`);
    const input = { source, out, format, memory: '300MB' };
    const random = seeded(format.length);
    const all = '0:300,0:260,0:200';
    const truth = await digest(at, source, all);
    let kills = 0;
    for (; kills < 3; kills++) {
      const { code } = await run(process2(join(at.folder, 'killed-library'), input), {
        since: 'progress',
        // The first early, so that no machine is too fast for it.
        ms: kills === 0 ? 20 : Math.floor(random() * 600),
      });
      if (code !== null) break;
      const isDataset = await at.client.volume.describe({ source: out }).then(
        () => true,
        () => false,
      );
      // What can be opened is whole.
      if (isDataset) expect(await digest(at, out, all)).toBe(truth);
    }
    const last = await run(process2(join(at.folder, 'killed-library'), input));
    // Also after a kill at the very end, which leaves nothing to do.
    expect(last.code, last.stderr).toBe(0);
    expect(existsSync(`${out}.partial`)).toBe(false);
    const whole = join(at.folder, `whole${ending}`);
    await convert(at, source, format, whole, { memory: '300MB' });
    expect(contentOf(out)).toEqual(contentOf(whole));
    expect(kills).toBeGreaterThan(0);
  });
});

describe.skipIf(process.platform !== 'linux')('the memory of a conversion', () => {
  test('stays below what it was given and a tenth, for 200 MB', async () => {
    const at = tempEngine();
    const source = synthetic(at, [640, 640, 512]);
    const memory = 400_000_000;
    const out = join(at.folder, 'out.zarr');
    const { code, stdout, stderr } = await run(
      process2(join(at.folder, 'other-library'), { source, out, format: 'ome-zarr', memory: `${memory}B` }),
    );
    expect(code, stderr).toBe(0);
    const { peakBytes } = JSON.parse(stdout) as { peakBytes: number };
    expect(peakBytes).toBeLessThanOrEqual(memory * 1.1);
    rmSync(source, { recursive: true });
  });
});
