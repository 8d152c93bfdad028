// Ids beyond 2^53, written as plain numbers as many programs do, stay exact: names, colours, meshes, states.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportState } from '../../renderer/state/neuroglancer/export.ts';
import { importState } from '../../renderer/state/neuroglancer/import.ts';
import { linkOf, stateOfText } from '../../renderer/state/neuroglancer/url.ts';
import * as samples from '../formats/shape-samples.ts';
import { known } from '../renderer/neuroglancer/library.ts';
import { tempEngine } from './temp-engine.ts';

/** A double holds none of them. */
const ids = ['9007199254740993', '9223372036854775809', '18446744073709551615'] as const;

test.each(['zstd', 'v2-gzip'])('image-label of an OME-Zarr (%s)', async (encoding) => {
  const at = tempEngine();
  const source = join(at.folder, 'labels.nrrd');
  const header =
    'NRRD0004\ntype: uint64\ndimension: 3\nsizes: 4 4 4\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n';
  const voxels = BigUint64Array.from({ length: 64 }, (_, i) => BigInt(ids[i % 3] ?? 0));
  writeFileSync(source, Buffer.concat([Buffer.from(header), Buffer.from(voxels.buffer)]));
  const out = join(at.folder, 'labels.zarr');
  await at.result(at.client.volume.convert({ library: at.library, source, out, format: 'ome-zarr', encoding }));
  const colors = ids.map((id, i) => `{"label-value": ${id}, "rgba": [${i}, 2, 3, 255]}`);
  const properties = ids.map((id, i) => `{"label-value": ${id}, "name": "cell ${i}"}`);
  const file = join(out, encoding === 'zstd' ? 'zarr.json' : '.zattrs');
  const text = readFileSync(file, 'utf8');
  const label = `"image-label": {"colors": [${colors.join()}], "properties": [${properties.join()}]}`;
  writeFileSync(file, text.replace(/"image-label": \{[^}]*\}/, label));
  const { volume } = await at.result<{ volume: string }>(at.client.volume.add({ library: at.library, source: out }));
  const { value } = await at.client.volume.labels({ library: at.library, volume });
  expect(value.labels).toEqual(ids.map((id, i) => ({ id, name: `cell ${i}`, about: '', colour: `#0${i}0203` })));
});

test('names of meshes, and the meshes themselves', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'meshes');
  mkdirSync(join(folder, 'names'), { recursive: true });
  writeFileSync(join(folder, 'info'), '{"@type": "neuroglancer_legacy_mesh", "segment_properties": "names"}');
  const labels = '{"id": "label", "type": "label", "values": ["a", "b", "c"]}';
  writeFileSync(
    join(folder, 'names', 'info'),
    `{"@type": "neuroglancer_segment_properties", "inline": {"ids": [${ids.join()}], "properties": [${labels}]}}`,
  );
  for (const id of ids) {
    writeFileSync(join(folder, `${id}:0`), '{"fragments": ["piece"]}');
    writeFileSync(join(folder, 'piece'), samples.legacyFragment());
  }
  const { library } = at;
  await at.client.library.open({ library });
  const { id: shape } = await at.client.shape.add({ library, source: folder });
  const { keys } = (await at.client.shape.keys({ library, shape })).value;
  expect(keys).toEqual([
    { key: ids[0], name: 'a' },
    { key: ids[1], name: 'b' },
    { key: ids[2], name: 'c' },
  ]);
  const { manifests, failed } = (await at.client.shape.manifests({ library, shape, keys: [...ids] })).value;
  expect(failed).toEqual([]);
  expect(manifests.map(({ key }) => key)).toEqual(ids);
});

const stops = () => [[0, 0, 0] as const, [255, 255, 255] as const];

test('segments and colours of a Neuroglancer state, there and back', () => {
  const colours = ids.map((id) => `"${id}": "#010203"`).join();
  const text = `{"layers": [{"type": "segmentation", "name": "cells", "source": "precomputed://gs://flyem/segmentation", "segments": [${ids.join(', ')}], "segmentColors": {${colours}}}]}`;
  const read = (given: string) => {
    const { document, notes } = importState(stateOfText(given), known);
    const [layer] = document.layers;
    return { document, notes, selected: layer?.type === 'segmentation' ? layer.selected : [], layer };
  };
  for (const spelled of [text, `https://example.org/#!${encodeURIComponent(text)}`, text.replaceAll('"', "'")]) {
    const { selected, layer, notes } = read(spelled);
    expect(selected).toEqual(ids);
    expect(layer).toMatchObject({ colours: Object.fromEntries(ids.map((id) => [id, '#010203'])) });
    expect(notes.join()).not.toContain('too large');
  }
  const { document } = read(text);
  const { state } = exportState({ document, known, annotations: [], stopsOf: stops });
  expect(read(linkOf(state)).selected).toEqual(ids);
});
