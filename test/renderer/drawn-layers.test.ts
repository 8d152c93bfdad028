import { expect, test } from 'vitest';
import type { Layer } from '../../preload/contract/view-state.ts';
import { labelLookOf, layersConcerned, layersDrawn } from '../../renderer/state/drawn-layers.ts';
import { imageLayer, segmentationLayer, shapeLayer } from '../../renderer/state/layers.ts';
import { shapeColour } from '../../renderer/ui/shape-colour.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const set = {
  id: 'shape-0a1b2c3d4e5f',
  name: 'cells',
  kind: 'mesh',
  format: 'precomputed-multires-mesh',
  source: { kind: 'local', text: 'cells/mesh' },
  unitNm: 1,
  count: null,
  boundsNm: null,
  createdAt: '',
} as const;
const labels = { ...segmentationLayer(volume, 'labels'), selected: ['7', '18446744073709551615'], colourSeed: 3 };
const mesh = { ...shapeLayer(set, []), follows: 'labels', shown: [] } as Layer;

const meshIn = (layers: readonly Layer[]): Extract<Layer, { type: 'mesh' }> => {
  const found = layersDrawn(layers).find(({ type }) => type === 'mesh');
  if (found?.type !== 'mesh') throw new Error('the mesh is not drawn');
  return found;
};

test('shapes that follow labels are those that are selected, in their colours', () => {
  const own = { ...labels, colours: { '7': '#102030' } };
  const drawn = meshIn([own, mesh]);
  expect(drawn.shown).toEqual(labels.selected);
  const look = labelLookOf(drawn);
  expect(shapeColour('7', drawn.colour, look)).toEqual([16, 32, 48]);
  expect(shapeColour('9', null, look)).toEqual(shapeColour('9', null, { colourSeed: 3, colours: {} }));
  expect(shapeColour('9', null, look)).not.toEqual(shapeColour('9', null));
  expect(shapeColour('7', '#ffffff', look)).toEqual([255, 255, 255]);
});

test('labels that are hidden are followed all the same; without them, what the layer says is drawn', () => {
  expect(meshIn([{ ...labels, visible: false }, mesh]).shown).toEqual(labels.selected);
  expect(meshIn([mesh]).shown).toEqual([]);
  expect(meshIn([imageLayer(volume, 0, 'labels'), mesh]).shown).toEqual([]);
  expect(meshIn([labels, { ...mesh, follows: null, shown: ['1'] } as Layer]).shown).toEqual(['1']);
});

test('a picture depends on what is shown, and on labels that this follows', () => {
  const image = { ...imageLayer(volume, 0, 'image'), visible: false };
  const hidden = { ...labels, visible: false };
  expect(layersConcerned([image, hidden, mesh]).map(({ id }) => id)).toEqual(['labels', mesh.id]);
  expect(layersConcerned([image, hidden, { ...mesh, visible: false }])).toEqual([]);
});
