import { expect } from 'vitest';
import { omeZarr } from '../../main/engine/formats/ome-zarr.ts';
import type { OpenVolume } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { memoryStore } from '../conformance/memory-store.ts';

// Small images of OME-Zarr, by hand.

export type Json = Readonly<Record<string, unknown>>;
export type Store = ReturnType<typeof memoryStore>;
export const options = { codec: kernelCodec(), scratch: async () => '' };

export const put = (store: Store, key: string, value: unknown): void =>
  void store.files.set(key, new TextEncoder().encode(JSON.stringify(value)));
export const group = (attributes: Json): Json => ({ zarr_format: 3, node_type: 'group', attributes });
export const array = (shape: readonly number[], more: Json = {}): Json => ({
  zarr_format: 3,
  node_type: 'array',
  shape,
  data_type: 'uint8',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
  chunk_key_encoding: 'default',
  fill_value: 0,
  codecs: ['bytes'],
  ...more,
});
export const axesOf = (names: string, unit = 'nanometer'): readonly Json[] =>
  [...names].map((name) => ({
    name,
    type: name === 'c' ? 'channel' : name === 't' ? 'time' : 'space',
    ...('ct'.includes(name) ? {} : { unit }),
  }));
export const scale = (...values: readonly number[]): Json => ({ type: 'scale', scale: values });
export const translation = (...values: readonly number[]): Json => ({ type: 'translation', translation: values });
export const image = (
  axes: readonly unknown[],
  places: readonly (readonly Json[] | undefined)[],
  more: Json = {},
): Json => ({
  axes,
  datasets: places.map((coordinateTransformations, i) => ({
    path: String(i),
    ...(coordinateTransformations && { coordinateTransformations }),
  })),
  ...more,
});

/** An image of one level at a path, of 2 x 3 x 4 voxels that are all `value`. */
export function putImage(store: Store, path: string, value: number, more: Json = {}): void {
  const at = path === '' ? '' : `${path}/`;
  put(
    store,
    `${at}zarr.json`,
    group({ ome: { version: '0.5', multiscales: [image(axesOf('zyx'), [[scale(1, 1, 1)]])], ...more } }),
  );
  put(store, `${at}0/zarr.json`, array([4, 3, 2]));
  store.files.set(`${at}0/c/0/0/0`, new Uint8Array(24).fill(value));
}

export const open = (store: Store, name?: string): Promise<OpenVolume> =>
  omeZarr.open({ source: store, key: '' }, { ...options, image: name });
export const valueOf = async (volume: OpenVolume): Promise<number | undefined> =>
  (await volume.readChunk({ level: 0, xyz: [0, 0, 0], channel: 0, time: 0 }))?.[0];

/** One multiscale over levels of these shapes. */
export function opened(multiscale: Json, shapes: readonly (readonly number[])[], more: Json = {}): Promise<OpenVolume> {
  const store = memoryStore('an image');
  put(store, 'zarr.json', group({ ome: { version: '0.5', multiscales: [multiscale], ...more } }));
  for (const [i, shape] of shapes.entries()) put(store, `${i}/zarr.json`, array(shape));
  return open(store);
}
export const refusal = (tag: string, ...words: readonly string[]) => ({
  tag,
  message: expect.stringMatching(new RegExp(words.join('.*'))),
});
