import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { chunkExtent, chunksOf } from '../../main/engine/formats/pyramid.ts';
import { createEngine, type Engine } from '../../main/engine/index.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Job } from '../../preload/contract/job.ts';
import type { Receipt } from '../../preload/contract/publish.ts';
import type { Dtype } from '../../preload/contract/space.ts';
import { finishedJob } from './finished-job.ts';
import { absentChunk, makeSampleVolume, nativeCodec, newFolder, type SampleVolume } from './sample-volume.ts';

/** What the tests of publishing share: a library with a volume, a way to publish it, and what to expect. */
export const metadata = {
  title: 'A block of nerve cord',
  creators: [{ name: 'Lovelace, Ada', orcid: '0000-0002-1825-0097' }],
  licence: 'CC-BY-4.0',
  modality: 'EM' as const,
  species: 'Drosophila melanogaster',
  voxelSizeNm: [4, 4, 40] as const,
};
export type FormatId = 'precomputed' | 'ome-zarr';
export const formats: readonly FormatId[] = ['precomputed', 'ome-zarr'];

export const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((e) => e.isFile())
        .map((e) => relative(folder, join(e.parentPath, e.name)))
        .toSorted()
    : [];
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Home {
  readonly folder: string;
  readonly sample: SampleVolume;
  readonly engine: Engine;
  readonly client: LamellaClient;
  close(): Promise<void>;
}

export async function openHome(dtype: Dtype = 'uint8'): Promise<Home> {
  const { folder, remove } = newFolder();
  const sample = await makeSampleVolume(folder, { dtype });
  const engine = createEngine({ threads: 2 });
  const close = async (): Promise<void> => {
    await engine.close();
    remove();
  };
  return { folder, sample, engine, client: engine.client(), close };
}

export async function publish(
  { client, sample }: Home,
  format: FormatId,
  out: string,
  given: object | string = metadata,
): Promise<Job> {
  const { job } = await client.publish.start({
    library: sample.library,
    volume: sample.volume,
    format,
    metadata: given as typeof metadata,
    out,
  });
  return finishedJob(client, sample.library, job);
}

export const receiptOf = (job: Job): Receipt => {
  expect(job.error).toBeNull();
  return (job.result as { receipt: Receipt }).receipt;
};

export async function expectSameVoxels(sample: SampleVolume, format: FormatId, out: string): Promise<void> {
  const opened = await volumeFormats
    .find(({ id }) => id === format)
    ?.open(
      { source: openFolderSource(out, 'published'), key: '' },
      { codec: nativeCodec(), scratch: () => Promise.reject() },
    );
  expect(opened?.plan.levels.map(({ sizeXyz, voxelSizeNm }) => [sizeXyz, voxelSizeNm])).toEqual(
    sample.plan.levels.map(({ sizeXyz, voxelSizeNm }) => [sizeXyz, voxelSizeNm]),
  );
  for (const [k, level] of (opened?.plan.levels ?? []).entries()) {
    for (const xyz of chunksOf(level)) {
      const { min, size } = chunkExtent(level, xyz);
      const values: number[] = [];
      for (let z = 0; z < size[2]; z++)
        for (let y = 0; y < size[1]; y++)
          for (let x = 0; x < size[0]; x++) values.push(sample.voxelAt(k, min[0] + x, min[1] + y, min[2] + z));
      const wanted =
        sample.plan.dtype === 'uint8' ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
      const read = await opened?.readChunk({ level: k, xyz, channel: 0, time: 0 });
      expect(Buffer.compare(read ?? new Uint8Array(wanted.length), wanted)).toBe(0);
      expect(read === undefined).toBe(format === 'ome-zarr' && [k, ...xyz].join() === absentChunk.join());
    }
  }
}
