// Any view that the contract allows becomes a state that Neuroglancer takes, and one that Lamella reads again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  freshDocument,
  viewDocumentSchema,
  volumeModeSchema,
  blendSchema,
  type Layer,
  type ViewDocument,
} from '../../../preload/contract/view-state.ts';
import type { ShapeSet } from '../../../preload/contract/shape.ts';
import {
  annotationLayer,
  imageLayer,
  mosaicLayer,
  segmentationLayer,
  shapeLayer,
} from '../../../renderer/state/layers.ts';
import { exportState } from '../../../renderer/state/neuroglancer/export.ts';
import { importState } from '../../../renderer/state/neuroglancer/import.ts';
import { linkOf, stateOfText } from '../../../renderer/state/neuroglancer/url.ts';
import { em, known, labels, light, meshes, onDisk } from './library.ts';
import { viewerStateRules } from './schema.ts';

const bones: ShapeSet = {
  ...{ ...meshes, id: 'shape-bones', kind: 'skeleton', format: 'precomputed-skeletons' },
  source: { kind: 'remote', text: 'gs://flyem/segmentation/skeletons' },
};
const lib = { volumes: known.volumes, shapes: [...known.shapes, bones] };
const stopsOf = () => [[0, 0, 0] as const, [255, 128, 0] as const, [255, 255, 255] as const];

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const nm = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String);
const ids = fc.uniqueArray(id, { maxLength: 6 });
const matrix = fc.option(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 12, maxLength: 12 }));
const base = fc.record({
  name: fc.string({ maxLength: 20, unit: 'grapheme' }),
  visible: fc.boolean(),
  opacity: unit,
  blend: fc.constantFrom(...blendSchema.options),
  worldFromLayer: matrix,
});
const look = fc.record({
  window: fc.tuple(nm, nm),
  gamma: fc.double({ min: 0.05, max: 20, noNaN: true }),
  inverted: fc.boolean(),
  colour: fc.oneof(
    hex.map((tint) => ({ tint })),
    fc.constantFrom('inferno', 'no such map').map((map) => ({ map })),
  ),
});
const imageLook = fc.record({
  checker: fc.constantFrom('all', 'even', 'odd'),
  volumeMode: fc.constantFrom(...volumeModeSchema.options),
});
const labelLook = fc.record({
  selected: ids,
  shows: fc.constantFrom('all', 'selected'),
  outlines: fc.boolean(),
  colourSeed: fc.integer({ min: 0, max: 0xffffffff }),
  colours: fc.dictionary(id, hex, { maxKeys: 4 }),
});
const shown = fc.record({ shown: fc.option(ids), follows: fc.option(fc.constantFrom('layer-0', 'layer-1')) });

const layer: fc.Arbitrary<Layer> = fc.oneof(
  fc
    .tuple(fc.constantFrom(em, light, onDisk), base, look, imageLook)
    .map(([volume, ...said]) => Object.assign({}, imageLayer(volume, 0, 'x'), ...said) as Layer),
  fc.tuple(base, labelLook).map((said) => Object.assign({}, segmentationLayer(labels, 'x'), ...said) as Layer),
  fc
    .tuple(fc.constantFrom(meshes, bones), base, shown)
    .map(([set, ...said]) => Object.assign({}, shapeLayer(set, []), ...said) as Layer),
  fc.tuple(base).map((said) => Object.assign({}, annotationLayer(em, []), ...said) as Layer),
  fc
    .tuple(base, look)
    .map(
      (said) => Object.assign({}, mosaicLayer(em, { dataset: 'dataset-0a1b', stack: null }, 0, 'x'), ...said) as Layer,
    ),
);
const angle = fc.double({ min: -10, max: 10, noNaN: true });
const quaternion = fc.tuple(angle, angle, angle).map(([a, b, c]) => {
  const q = [
    Math.sin(a) * Math.cos(b),
    Math.sin(a) * Math.sin(b) * Math.cos(c),
    Math.sin(a) * Math.sin(b) * Math.sin(c),
  ];
  return [...q, Math.cos(a)] as [number, number, number, number];
});
const orbit = fc.record({
  ...{ yaw: angle, pitch: angle, roll: angle },
  zoom: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  centreNm: fc.option(fc.tuple(nm, nm, nm)),
});
const scale = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
const group = fc.record({ nmPerPx: fc.option(scale), rotation: fc.option(quaternion), orbit: fc.option(orbit) });

const view: fc.Arbitrary<ViewDocument> = fc
  .record({
    positionNm: fc.tuple(nm, nm, nm),
    time: fc.integer({ min: 0, max: 9 }),
    nmPerPx: scale,
    rotation: quaternion,
    orbit,
    layers: fc.array(layer, { maxLength: 8 }),
    own: fc.array(group, { minLength: 1, maxLength: 3 }),
    kinds: fc.array(fc.constantFrom('xy', 'xz', 'yz', '3d'), { minLength: 1, maxLength: 6 }),
    isAlone: fc.boolean(),
    slicesIn3d: fc.boolean(),
    crossHair: fc.boolean(),
  })
  .map(({ layers, own, kinds, isAlone, ...said }) => {
    const panes = kinds.map((kind, i) => ({ id: `pane-${i}`, kind, group: `group-${i % own.length}` }));
    return {
      ...freshDocument,
      ...said,
      layers: layers.map((one, i) => ({ ...one, id: `layer-${i}` })),
      selectedLayer: layers.length > 0 ? 'layer-0' : null,
      panes,
      groups: own.map((one, i) => ({ ...one, id: `group-${i}`, name: `Group ${i}` })),
      activePane: 'pane-0',
      alone: isAlone ? 'pane-0' : null,
    };
  });

test('any view', () => {
  fc.assert(
    fc.property(view, (document) => {
      expect(viewDocumentSchema.safeParse(document).error).toBeUndefined();
      const { state } = exportState({ document, known: lib, annotations: [], stopsOf });
      expect(viewerStateRules.safeParse(JSON.parse(JSON.stringify(state))).error).toBeUndefined();
      const back = importState(stateOfText(linkOf(state)), lib).document;
      expect(viewDocumentSchema.safeParse(back).error).toBeUndefined();
      const idsOf = ({ layers }: ViewDocument) =>
        layers.flatMap((one) => (one.type === 'segmentation' ? one.selected : []));
      expect(idsOf(back)).toEqual(idsOf(document));
      // Annotations come back where there is a volume that they can belong to; mosaics are no words of Neuroglancer.
      const lost = new Set(['annotation', 'mosaic']);
      const drawn = ({ layers }: ViewDocument) => layers.filter(({ type }) => !lost.has(type)).map(({ type }) => type);
      expect(drawn(back)).toEqual(drawn(document));
    }),
    { numRuns: 400 },
  );
});

test('meshes that follow labels are those that are selected there', () => {
  const cells = { ...segmentationLayer(labels, 'cells'), selected: ['18446744073709551615'] };
  const follower = { ...shapeLayer(meshes, []), shown: [], follows: 'cells' } as Layer;
  const { state } = exportState({
    ...{ document: { ...freshDocument, layers: [cells, follower] }, known: lib, annotations: [], stopsOf },
  });
  expect(state['layers']).toMatchObject([{}, { segments: ['18446744073709551615'] }]);
});
