import { describe, expect, test } from 'vitest';
import { viewDocumentSchema, type LayerOf } from '../../../preload/contract/view-state.ts';
import { importState } from '../../../renderer/state/neuroglancer/import.ts';
import { frameOf, rotate } from '../../../renderer/state/rotation.ts';
import { orbitAxes } from '../../../renderer/state/orbit.ts';
import { em, known, labels, light, meshes } from './library.ts';

const emState = {
  dimensions: { x: [4e-9, 'm'], y: [4e-9, 'm'], z: [4e-8, 'm'] },
  position: [5120.5, 4096.25, 33.5],
  crossSectionScale: 2,
  projectionScale: 65_536,
  projectionOrientation: [0, 0.3826834323650898, 0, 0.9238795325112867],
  layers: [
    {
      type: 'image',
      source: 'precomputed://https://data.example.org/em',
      tab: 'rendering',
      shaderControls: { normalized: { range: [12, 200], window: [0, 255] } },
      name: 'EM',
    },
    {
      type: 'segmentation',
      source: ['precomputed://gs://flyem/segmentation', 'precomputed://gs://flyem/segmentation/mesh'],
      segments: ['18446744073709551615', '!7', 12],
      segmentColors: { '12': '#f00', '13': 'rgb(1, 2, 3)' },
      colorSeed: 42,
      notSelectedAlpha: 0.2,
      name: 'neurons',
    },
    {
      type: 'annotation',
      source: 'local://annotations',
      annotationColor: '#ffff00',
      annotations: [
        { type: 'point', id: 'a', point: [100.5, 200.5, 3.5], description: 'synapse 1' },
        { type: 'line', id: 'b', pointA: [0, 0, 0], pointB: [1, 2, 3] },
        { type: 'ellipsoid', id: 'c', center: [0, 0, 0], radii: [1, 1, 1] },
      ],
      name: 'marks',
    },
  ],
  selectedLayer: { visible: true, layer: 'neurons' },
  layout: 'xy-3d',
  showSlices: false,
};

describe('a state of Neuroglancer', () => {
  const imported = importState(emState, known);
  const { document, notes, sourcesToAdd, annotationsToAdd } = imported;

  test('is a view as the contract has it', () => {
    expect(viewDocumentSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    expect(sourcesToAdd).toEqual([]);
  });

  test('keeps position, scale and layout: steps become nanometres, and the corner of voxel 0 is 0', () => {
    expect(document.positionNm).toEqual([20_482, 16_385, 1340]);
    expect(document).toMatchObject({ nmPerPx: 8, fitted: false, rotation: [0, 0, 0, 1], slicesIn3d: false });
    expect(document.panes.map(({ kind }) => kind)).toEqual(['xy', '3d']);
    expect(document.orbit.yaw).toBeCloseTo(Math.PI / 4, 12);
    expect(document.orbit.centreNm).toEqual(document.positionNm);
    const box = Math.hypot(2000 * 4, 1500 * 4, 6 * 40);
    expect(document.orbit.zoom).toBeCloseTo(box / 0.92 / (65_536 * 4), 9);
  });

  test('keeps the look of its layers', () => {
    const [image, segmentation, mesh, marks] = document.layers;
    expect(image).toMatchObject({
      name: 'EM',
      volume: em.id,
      window: [12, 200],
      opacity: 1,
      blend: 'over',
      volumeMode: 'off',
    });
    expect(segmentation).toMatchObject({
      type: 'segmentation',
      volume: labels.id,
      selected: ['18446744073709551615', '12'],
      colours: { '12': '#ff0000', '13': '#010203' },
      colourSeed: 42,
      opacity: 0.5,
      shows: 'all',
    });
    expect(mesh).toMatchObject({ type: 'mesh', shape: meshes.id, shown: ['18446744073709551615', '12'] });
    expect(marks).toMatchObject({ type: 'annotation', volume: em.id, colour: '#ffff00', name: 'marks' });
    expect(document.selectedLayer).toBe(segmentation?.id);
  });

  test('gives its points and lines, and says what it can not hold', () => {
    expect(annotationsToAdd).toEqual([
      {
        volume: em.id,
        items: [
          { kind: 'point', pointsNm: [[402, 802, 140]], name: 'synapse 1', note: '' },
          {
            kind: 'line',
            pointsNm: [
              [0, 0, 0],
              [4, 8, 120],
            ],
            name: '',
            note: '',
          },
        ],
      },
    ]);
    expect(notes).toEqual([
      'Layer "neurons": 1 segments are hidden or have no number below 2^64; they are not selected.',
      'Layer "marks": 1 of the kind "ellipsoid" can not be held as annotations.',
      '3-D panes are drawn in parallel projection, not in perspective.',
    ]);
  });

  test('names what the library lacks, once, with what it is', () => {
    const bare = importState(
      {
        ...emState,
        layers: [
          ...emState.layers,
          { type: 'image', source: { url: 'zarr2://s3://bucket/a.zarr/' }, name: 'a' },
          { type: 'image', source: 's3://bucket/a.zarr/|zarr2:', name: 'a again' },
          { type: 'segmentation', source: 'graphene://middleauth+https://x.example.org/table', name: 'proofread' },
          { type: 'image', source: 'precomputed://file:///home/eve/em', name: 'hers' },
        ],
      },
      { volumes: [], shapes: [] },
    );
    expect(bare.document.layers).toEqual([]);
    expect(bare.sourcesToAdd.map(({ kind, text }) => [kind, text])).toEqual([
      ['volume', 'precomputed://https://data.example.org/em'],
      ['volume', 'precomputed://gs://flyem/segmentation'],
      ['mesh', 'precomputed://gs://flyem/segmentation/mesh'],
      ['volume', 'zarr2://s3://bucket/a.zarr/'],
    ]);
    expect(bare.notes).toContain('Layer "proofread": Lamella reads no "graphene://".');
    expect(bare.notes.some((note) => note.startsWith('Layer "hers": it lies on the computer'))).toBe(true);
  });
});

describe('orientations', () => {
  const turned = [0.1, 0.2, 0.3, Math.sqrt(1 - 0.14)] as const;

  test('of slices: the turned x points right and the turned y down in the xy pane', () => {
    const { rotation } = importState({ ...emState, crossSectionOrientation: turned }, known).document;
    const frame = frameOf('xy', rotation);
    rotate(turned, [1, 0, 0]).forEach((value, axis) => expect(frame.right[axis]).toBeCloseTo(value, 12));
    rotate(turned, [0, 1, 0]).forEach((value, axis) => expect(frame.down[axis]).toBeCloseTo(value, 12));
  });

  test.each([[turned], [[0.5, 0.5, -0.5, 0.5]], [[Math.SQRT1_2, 0, 0, Math.SQRT1_2]], [[0, 0, 1, 0]]])(
    'of 3-D: %j turns the screen as it turns the axes',
    (projectionOrientation) => {
      const { orbit } = importState({ ...emState, projectionOrientation }, known).document;
      const [x = 0, y = 0, z = 0, w = 1] = projectionOrientation;
      const axes = orbitAxes(orbit);
      for (const [direction, axis] of [
        [axes.right, [1, 0, 0]],
        [axes.down, [0, 1, 0]],
        [axes.forward, [0, 0, 1]],
      ] as const)
        rotate([x, y, z, w], axis).forEach((value, i) => expect(direction[i]).toBeCloseTo(value, 9));
    },
  );
});

describe('other spellings', () => {
  test('a state of before 2019, in voxels and nanometres', () => {
    const { document, notes } = importState(
      {
        layers: {
          old: {
            type: 'image',
            source: 'precomputed://https://data.example.org/em',
            transform: [1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
          },
        },
        navigation: {
          pose: { position: { voxelSize: [4, 4, 40], voxelCoordinates: [10, 20, 3] }, orientation: [0, 0, 1, 0] },
          zoomFactor: 6,
        },
        perspectiveZoom: 100,
        layout: '4panel',
      },
      known,
    );
    expect(document).toMatchObject({ positionNm: [40, 80, 120], nmPerPx: 6, rotation: [0, 0, 1, 0] });
    expect(document.layers[0]).toMatchObject({ name: 'old', worldFromLayer: [1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1, 0] });
    expect(notes).toEqual([
      'YZ panes lie with y to the right and z down; there y points down and z to the left.',
      '3-D panes are drawn in parallel projection, not in perspective.',
    ]);
  });

  test('dimensions in another order and unit, with a time', () => {
    const { document } = importState(
      {
        dimensions: { t: [1, 's'], z: [0.04, 'um'], y: [4, 'nm'], x: [4e-6, 'mm'] },
        displayDimensions: ['x', 'y', 'z'],
        position: [2.5, 10, 20, 30],
        layers: [{ type: 'image', source: 'zarr://s3://open-data/light.zarr', name: 'light' }],
      },
      known,
    );
    expect(document).toMatchObject({ time: 2, positionNm: [120, 80, 400], nmPerPx: 4 });
  });

  test('an order of axes that is shown mirrored is said, and nothing is turned', () => {
    const { document, notes } = importState(
      {
        ...emState,
        dimensions: { z: [4e-8, 'm'], y: [4e-9, 'm'], x: [4e-9, 'm'] },
        crossSectionOrientation: [1, 0, 0, 0],
      },
      known,
    );
    expect(document.rotation).toEqual([0, 0, 0, 1]);
    expect(notes.some((note) => note.includes('in the order z, y, x'))).toBe(true);
  });

  test('a transform of a source: its voxels to steps of other dimensions', () => {
    const url = 'precomputed://https://data.example.org/em';
    const matrix = [
      [0, 2, 0, 10],
      [-1, 0, 0, 0],
      [0, 0, 1, 5],
    ];
    const outputDimensions = { x: [8e-9, 'm'], y: [4e-9, 'm'], z: [4e-8, 'm'] };
    const { document } = importState(
      { ...emState, layers: [{ type: 'image', name: 'EM', source: { url, transform: { matrix, outputDimensions } } }] },
      known,
    );
    // A voxel (7, 9, 11) of 4 x 4 x 40 nm lies at the steps (2·9 + 10, -7, 11 + 5).
    const m = document.layers[0]?.worldFromLayer ?? [];
    const [x, y, z] = [28, 36, 440];
    const at = (r: number): number =>
      (m[4 * r] ?? 0) * x + (m[4 * r + 1] ?? 0) * y + (m[4 * r + 2] ?? 0) * z + (m[4 * r + 3] ?? 0);
    expect([at(0), at(1), at(2)]).toEqual([28 * 8, -7 * 4, 16 * 40]);
  });

  test('of NDViz: colour, min, max and blend; and channels of a local dimension', () => {
    const { document } = importState(
      {
        layers: [
          {
            type: 'image',
            source: 'zarr://s3://open-data/light.zarr',
            name: 'a',
            color: 'RED',
            min: 0,
            max: 0.5,
            blend: 'additive',
          },
          {
            type: 'image',
            source: 'zarr://s3://open-data/light.zarr',
            name: 'b',
            color: 'GREEN',
            localDimensions: { "c'": [1, ''] },
            localPosition: [1.5],
            visible: false,
          },
        ],
      },
      known,
    );
    const [a, b] = document.layers as LayerOf<'image'>[];
    expect(a).toMatchObject({
      colour: { tint: '#ff0000' },
      window: [0, 32_767.5],
      blend: 'additive',
      opacity: 0.5,
      channel: 0,
    });
    expect(b).toMatchObject({
      colour: { tint: '#00ff00' },
      window: light.channels[1]?.window,
      channel: 1,
      visible: false,
    });
  });

  test.each([[null], [[]], ['{}'], [{}], [{ type: 'FeatureCollection', features: [] }]])(
    '%j is refused as no state',
    (json) => {
      expect(() => importState(json, known)).toThrow(/no state of Neuroglancer/);
    },
  );

  test('fields of a wrong shape are passed over', () => {
    const { document } = importState(
      { ...emState, position: 'here', crossSectionScale: -1, layers: [7, 'x', ...emState.layers] },
      known,
    );
    expect(document.layers).toHaveLength(4);
    expect(document.nmPerPx).toBe(4);
  });
});

describe('layouts', () => {
  const own = (value: unknown) => ({ link: 'unlinked', value });
  const layoutOf = (layout: unknown) => importState({ ...emState, layout }, known);

  test('one pane leaves the other three behind it', () => {
    const { document } = layoutOf('xz');
    expect(document).toMatchObject({ alone: 'xz', activePane: 'xz' });
    expect(document.panes).toHaveLength(4);
  });

  test('viewers with cameras of their own are groups', () => {
    const { document, notes } = layoutOf({
      type: 'row',
      children: [
        { type: 'viewer', layers: ['EM', 'neurons', 'marks'], layout: 'xy' },
        {
          type: 'column',
          children: [
            { type: 'viewer', layers: ['EM'], layout: 'xz', crossSectionScale: own(5) },
            {
              type: 'viewer',
              layers: ['EM', 'neurons', 'marks'],
              layout: { type: 'xy-3d' },
              crossSectionScale: { link: 'relative', value: 0.5 },
            },
          ],
        },
      ],
    });
    expect(document.panes).toEqual([
      { id: 'xy', kind: 'xy', group: 'main' },
      { id: 'xz', kind: 'xz', group: 'group-2' },
      { id: 'xy.2', kind: 'xy', group: 'group-3' },
      { id: '3d', kind: '3d', group: 'group-3' },
    ]);
    expect(document.groups.map(({ nmPerPx }) => nmPerPx)).toEqual([null, 20, 4]);
    expect(notes).toContain('A part of the layout shows only EM; here all panes show the same layers.');
  });

  test('one that does not exist is said', () => {
    expect(layoutOf('5panel').notes).toContain('There is no layout "5panel"; the four panes are shown.');
  });
});
