import { expect, test } from 'vitest';
import { nameOfPlace } from '../../main/engine/formats/place-name.ts';

test.each([
  ['/data/brain.zarr', 'brain'],
  ['brain.ome.zarr', 'brain'],
  ['C:\\data\\cord.n5', 'cord'],
  ['atlas.precomputed', 'atlas.precomputed'],
  ['/data/brain?x/a', 'a'],
  ['/data/a%20b', 'a%20b'],
  ['.zarr', '.zarr'],
  ['https://host/data/mouse%20brain.ome.zarr/', 'mouse brain'],
  ['https://host/data/50%/', '50%'],
  ['https://host/brain/?v=1&path=/x/y', 'brain'],
  ['https://host/', 'host'],
  ['s3://bucket/', 'bucket'],
  ['s3+https://host/bucket/a/b.zarr/', 'b'],
  ['precomputed://https://host/brain', 'brain'],
  ['https://host/brain.zip|zip:inner.zarr/|zarr3:', 'inner'],
  ['brain.zip', 'brain'],
])('%s is called %s', (place, name) => {
  expect(nameOfPlace(place)).toBe(name);
});
