// Labels in files that do not say what they hold are never averaged.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempEngine } from './temp-engine.ts';

const ids = [1, 997, 614_454_277];
const size = [96, 80, 8] as const;

/** Stripes of ids three voxels wide, so that halving mixes them. */
function writeLabels(file: string): void {
  const header = `NRRD0004\ntype: uint32\ndimension: 3\nsizes: ${size.join(' ')}\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n`;
  const voxels = Uint32Array.from(
    { length: size[0] * size[1] * size[2] },
    (_, i) => ids[Math.floor((i % size[0]) / 3) % 3] ?? 0,
  );
  writeFileSync(file, Buffer.concat([Buffer.from(header), Buffer.from(voxels.buffer)]));
}

async function coarse(at: ReturnType<typeof tempEngine>, source: string): Promise<ReadonlySet<number>> {
  const { bytes } = await at.client.volume.cutout({ source, level: 1, box: '0:48,0:40,0:4' });
  const voxels = bytes ?? new Uint8Array();
  return new Set(new Uint32Array(voxels.slice().buffer));
}

test('whole numbers of 32 bits are labels unless the dataset or the user says otherwise', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'labels.nrrd');
  writeLabels(source);
  const { value } = await at.client.volume.describe({ source });
  expect(value).toMatchObject({
    kind: 'segmentation',
    warnings: expect.arrayContaining([expect.stringContaining('--kind image')]),
  });
  const convert = (out: string, more: { kind?: 'image'; format?: 'precomputed' | 'ome-zarr' } = {}) =>
    at.result(
      at.client.volume.convert({
        library: at.library,
        source,
        out: join(at.folder, out),
        format: 'precomputed',
        chunk: '32,32,8',
        ...more,
      }),
    );
  await convert('labels');
  expect([...(await coarse(at, join(at.folder, 'labels')))].every((id) => ids.includes(id))).toBe(true);
  await convert('image', { kind: 'image' });
  expect([...(await coarse(at, join(at.folder, 'image')))].some((id) => !ids.includes(id))).toBe(true);
  await convert('labels.zarr', { format: 'ome-zarr' });
  expect([...(await coarse(at, join(at.folder, 'labels.zarr')))].every((id) => ids.includes(id))).toBe(true);
});

test('numbers with a fraction are no labels', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'grey.nrrd');
  const header =
    'NRRD0004\ntype: float\ndimension: 3\nsizes: 4 4 4\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n';
  writeFileSync(source, Buffer.concat([Buffer.from(header), Buffer.alloc(256)]));
  const out = join(at.folder, 'out');
  const converting = at.result(
    at.client.volume.convert({ library: at.library, source, out, format: 'ome-zarr', kind: 'segmentation' }),
  );
  await expect(converting).rejects.toMatchObject({ tag: 'invalid-input' });
});
