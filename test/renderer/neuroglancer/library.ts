import type { Volume } from '../../../preload/contract/library.ts';
import type { ShapeSet } from '../../../preload/contract/shape.ts';
import { thinVolume } from '../volume.ts';

/** What the library of these tests has: an image, one of several channels, labels, meshes and skeletons. */
const at = (text: string, format = 'precomputed'): Volume['source'] => ({ kind: 'remote', format, text });

export const em = thinVolume({
  id: 'volume-em00',
  name: 'em',
  source: at('https://data.example.org/em|precomputed:'),
});

export const light = thinVolume({
  id: 'volume-light',
  name: 'light',
  dtype: 'uint16',
  channels: [
    { name: 'DAPI', color: '0000FF', window: [100, 900] },
    { name: 'GFP', color: null, window: [50, 4000] },
  ],
  times: 3,
  source: at('s3://open-data/light.zarr', 'ome-zarr'),
});

export const labels = thinVolume({
  id: 'volume-seg0',
  name: 'seg',
  kind: 'segmentation',
  dtype: 'uint64',
  display: { dtype: 'uint16', range: [0, 65_535], labels: true },
  source: at('gs://flyem/segmentation|precomputed:'),
});

export const onDisk = thinVolume({
  id: 'volume-disk',
  name: 'mine',
  source: { kind: 'local', format: 'precomputed', text: '/home/ada/mine' },
});

export const meshes: ShapeSet = {
  id: 'shape-mesh',
  name: 'meshes',
  kind: 'mesh',
  format: 'precomputed-multires-mesh',
  source: { kind: 'remote', text: 'gs://flyem/segmentation/mesh' },
  unitNm: 1,
  count: null,
  boundsNm: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

export const known = { volumes: [em, light, labels, onDisk], shapes: [meshes] };
