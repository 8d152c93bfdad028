// Of a server, every round trip before the first picture is waited for: opening asks for nothing twice.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import type { ChunkCodec, Hdf5Files } from '../../main/engine/formats/volume-format.ts';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { openPlace } from '../../main/engine/sources/index.ts';
import { BrickCache } from '../../main/engine/store/brick-cache.ts';
import { faultServer, type FaultServer } from './fault-server.ts';
import { quickNetwork } from './quick-network.ts';

let server: FaultServer;
const network = quickNetwork();
beforeAll(async () => {
  server = await faultServer();
});
afterAll(async () => {
  network.close();
  await server.close();
});

const json = (value: unknown): { readonly bytes: Uint8Array; readonly version: string } => ({
  bytes: new TextEncoder().encode(JSON.stringify(value)),
  version: '1',
});

const info = {
  type: 'image',
  data_type: 'uint8',
  num_channels: 1,
  scales: [
    {
      key: '8',
      size: [64, 64, 64],
      resolution: [8, 8, 8],
      voxel_offset: [0, 0, 0],
      chunk_sizes: [[64, 64, 64]],
      encoding: 'raw',
    },
  ],
};

/** Metadata alone is read: nothing may be decoded, or read as another format. */
const unused = <T extends object>(what: string): T =>
  new Proxy({} as T, { get: () => () => Promise.reject(new Error(`${what} was used`)) });

test('precomputed on a server is told and opened with one request', async () => {
  server.files.set('/v/info', json(info));
  const cache = new BrickCache({ file: null, capBytes: 2 ** 20, log: () => undefined });
  const place = await openPlace(parseAddress(`precomputed://${server.origin}/v`), {
    network,
    allowPrivate: true,
    cache,
  });
  const format = volumeFormats.find(({ id }) => id === 'precomputed');
  expect(await format?.detect(place)).toBe(true);
  const opened = await format?.open(place, {
    codec: unused<ChunkCodec>('the codec'),
    hdf5: unused<Hdf5Files>('HDF5'),
    scratch: () => Promise.reject(new Error('something was unpacked')),
    image: undefined,
  });
  expect(opened?.plan.levels).toHaveLength(1);
  expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v/info']);
  cache.close();
});
