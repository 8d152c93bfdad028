// Datasets that turn or mirror their voxels are drawn where they say: layers begin with the map that they give.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { applyMatrix, layerBoundsNm, layersOf } from '../../renderer/state/layers.ts';
import { centreOfVoxelNm } from '../../renderer/state/volume-geometry.ts';
import { array, axesOf, group, image, scale, translation } from '../formats/ome-image.ts';
import { followJob } from './follow-job.ts';
import { tempEngine } from './temp-engine.ts';

const size = [4, 3, 2] as const;
const voxels = Uint8Array.from({ length: 24 }, (_, i) => i + 1);

const put = (folder: string, key: string, value: unknown): void => {
  mkdirSync(join(folder, key, '..'), { recursive: true });
  writeFileSync(join(folder, key), value instanceof Uint8Array ? value : JSON.stringify(value));
};

/** Voxels of 40 x 4 x 4 nm (z, y, x), x counted backwards from 100 nm. */
function writeOme(folder: string): string {
  const places = [[scale(40, 4, -4), translation(20, 2, 100)]];
  put(folder, 'zarr.json', group({ ome: { version: '0.5', multiscales: [image(axesOf('zyx'), places)] } }));
  put(folder, '0/zarr.json', array([2, 3, 4]));
  put(folder, '0/c/0/0/0', voxels);
  return folder;
}

/** The same by the sform of a NIfTI, in mm. */
function writeNifti(file: string): string {
  const bytes = Buffer.alloc(352 + 24);
  bytes.writeInt32LE(348, 0);
  [3, ...size, 1, 1, 1, 1].forEach((n, i) => bytes.writeInt16LE(n, 40 + 2 * i));
  bytes.writeInt16LE(2, 70);
  bytes.writeInt16LE(8, 72);
  [1, 4, 4, 40].forEach((side, i) => bytes.writeFloatLE(side, 76 + 4 * i));
  bytes.writeFloatLE(352, 108);
  bytes.writeInt16LE(1, 254);
  [-4, 0, 0, 100, 0, 4, 0, 2, 0, 0, 40, 20].forEach((value, i) => bytes.writeFloatLE(value, 280 + 4 * i));
  bytes.writeUInt8(2, 123);
  bytes.write('n+1\0', 344, 'latin1');
  bytes.set(voxels, 352);
  writeFileSync(file, bytes);
  return file;
}

/** NRRD: by its directions, with an origin or without one. */
function writeNrrd(file: string, origin: string): string {
  const header = [
    'NRRD0004',
    'type: uchar',
    'dimension: 3',
    `sizes: ${size.join(' ')}`,
    'encoding: raw',
    'space dimension: 3',
    'space directions: (-4,0,0) (0,4,0) (0,0,40)',
    'space units: "nm" "nm" "nm"',
    ...(origin === '' ? [] : [`space origin: ${origin}`]),
  ];
  writeFileSync(file, Buffer.concat([Buffer.from(`${header.join('\n')}\n\n`), Buffer.from(voxels)]));
  return file;
}

const near = (at: Vec3, wanted: Vec3, unit: number): void =>
  at.forEach((value, i) => expect(value / unit).toBeCloseTo(wanted[i] ?? 0, 3));

test('a mirrored axis is mirrored in the world, whatever format says so', async () => {
  const at = tempEngine();
  const add = async (source: string, voxelSizeNm?: Vec3): Promise<Volume> => {
    const { volume } = await at.result<{ volume: string }>(
      at.client.volume.add({ library: at.library, source, ...(voxelSizeNm && { voxelSizeNm }) }),
    );
    return (await at.client.view.volume({ library: at.library, volume })).value;
  };
  const cases = [
    { volume: await add(writeOme(join(at.folder, 'mirrored.zarr'))), unit: 1, first: [100, 2, 20] },
    { volume: await add(writeNifti(join(at.folder, 'mirrored.nii'))), unit: 1e6, first: [100, 2, 20] },
    { volume: await add(writeNrrd(join(at.folder, 'mirrored.nrrd'), '(100,2,20)')), unit: 1, first: [100, 2, 20] },
    { volume: await add(writeNrrd(join(at.folder, 'bare.nrrd'), '')), unit: 1, first: [0, 0, 0] },
  ] as const;
  for (const { volume, unit, first } of cases) {
    const [layer] = layersOf(volume);
    expect(volume.worldFromVolume, volume.name).toHaveLength(12);
    expect(layer?.worldFromLayer).toEqual(volume.worldFromVolume);
    const matrix = layer?.worldFromLayer ?? null;
    near(applyMatrix(matrix, centreOfVoxelNm(volume, [0, 0, 0])), first, unit);
    near(applyMatrix(matrix, centreOfVoxelNm(volume, [3, 2, 1])), [first[0] - 12, first[1] + 8, first[2] + 40], unit);
    const bounds = layer && layerBoundsNm(layer, { volumes: [volume], shapes: [] });
    near(bounds?.min ?? [0, 0, 0], [first[0] - 14, first[1] - 2, first[2] - 20], unit);
  }
});

test('a size that the user corrects moves the corner of a mirrored volume with it', async () => {
  const at = tempEngine();
  const source = writeOme(join(at.folder, 'mirrored.zarr'));
  const { volume: id } = await at.result<{ volume: string }>(
    at.client.volume.add({ library: at.library, source, voxelSizeNm: [8, 4, 40] }),
  );
  const { value: volume } = await at.client.view.volume({ library: at.library, volume: id });
  near(applyMatrix(volume.worldFromVolume, centreOfVoxelNm(volume, [0, 0, 0])), [200, 2, 20], 1);
  near(applyMatrix(volume.worldFromVolume, centreOfVoxelNm(volume, [1, 0, 0])), [192, 2, 20], 1);
});

test('writing a mirrored volume in a format that can not say so is told', async () => {
  const at = tempEngine();
  const source = writeOme(join(at.folder, 'mirrored.zarr'));
  const told = async (format: 'precomputed' | 'nifti', name: string): Promise<string> => {
    const out = join(at.folder, name);
    const job = await followJob(
      at.client,
      at.library,
      at.client.volume.convert({ library: at.library, source, out, format }),
    );
    return job.warnings.map(({ message }) => message).join();
  };
  expect(await told('precomputed', 'mirrored')).toContain('turns or mirrors');
  expect(await told('nifti', 'mirrored.nii')).not.toContain('turns or mirrors');
  const { value } = await at.client.volume.describe({ source: join(at.folder, 'mirrored.nii') });
  expect(value.transforms[0]?.matrix?.[0]).toBe(-1);
});
