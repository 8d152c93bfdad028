import { describe, expect, test } from 'vitest';
import {
  freshDocument,
  viewDocumentSchema,
  type Layer,
  type ViewDocument,
} from '../../../preload/contract/view-state.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import { annotationLayer, imageLayer, segmentationLayer, shapeLayer } from '../../../renderer/state/layers.ts';
import { exportState } from '../../../renderer/state/neuroglancer/export.ts';
import { importState } from '../../../renderer/state/neuroglancer/import.ts';
import { linkOf, stateOfText } from '../../../renderer/state/neuroglancer/url.ts';
import { compose, turnAbout } from '../../../renderer/state/rotation.ts';
import { em, known, labels, light, meshes, onDisk } from './library.ts';
import { viewerStateRules } from './schema.ts';

const stopsOf = () =>
  [
    [0, 0, 0],
    [255, 128, 0],
    [255, 255, 255],
  ] as const;

const image = (volume: Volume, channel: number, id: string) => imageLayer(volume, channel, id);

const document: ViewDocument = {
  ...freshDocument,
  fitted: false,
  positionNm: [2002, 3001.5, 130],
  nmPerPx: 3.25,
  rotation: compose(turnAbout([0, 0, 1], 0.4), turnAbout([1, 0, 0], -0.3)),
  orbit: { yaw: 2.5, pitch: -0.7, roll: 0.9, zoom: 1.75, centreNm: [2002, 3001.5, 130] },
  slicesIn3d: true,
  crossHair: false,
  time: 2,
  layers: [
    { ...image(em, 0, 'em'), name: 'EM', window: [20, 180], inverted: true, gamma: 0.8, volumeMode: 'off' },
    {
      ...image(light, 0, 'dapi'),
      name: 'DAPI',
      blend: 'additive',
      opacity: 0.7,
      volumeMode: 'max',
      window: [90, 950.5],
    },
    {
      ...image(light, 1, 'gfp'),
      name: 'GFP',
      blend: 'additive',
      colour: { map: 'inferno' },
      gamma: 2,
      visible: false,
      volumeMode: 'min',
    },
    {
      ...image(em, 0, 'moved'),
      name: 'moved',
      opacity: 0.4,
      worldFromLayer: [0, -1, 0, 500, 1, 0, 0, 0, 0, 0, 1, -80],
      volumeMode: 'off',
    },
    {
      ...segmentationLayer(labels, 'seg'),
      name: 'neurons',
      opacity: 0.35,
      selected: ['18446744073709551615', '3'],
      colours: { '3': '#12ab34' },
      colourSeed: 7,
    },
    { ...segmentationLayer(labels, 'seg.2'), name: 'alone', opacity: 0.35, shows: 'selected' },
    { ...shapeLayer(meshes, []), name: 'meshes', shown: ['3', '4'] } as Layer,
    { ...annotationLayer(em, []), name: 'marks', colour: '#ffcc00' },
  ],
  selectedLayer: 'seg',
  panes: [
    { id: 'xy', kind: 'xy', group: 'main' },
    { id: '3d', kind: '3d', group: 'main' },
    { id: 'xz', kind: 'xz', group: 'group-2' },
  ],
  groups: [
    { id: 'main', name: 'Main', nmPerPx: null, rotation: null, orbit: null },
    { id: 'group-2', name: 'Group 2', nmPerPx: 40, rotation: [0, 0, 1, 0], orbit: null },
  ],
  activePane: 'xy',
};
const point = {
  id: 'annotation-1',
  volume: em.id,
  kind: 'point',
  pointsNm: [[401, -402.5, 60]],
  name: 'synapse',
  note: 'seen twice\nunsure',
  createdAt: '',
  updatedAt: '',
} as const;
const annotations = [{ ...point, pointsNm: [[401, -402.5, 60] as const] }];

/** Numbers go through text and products of small lengths: 11 digits of them come back. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, item: unknown) =>
    typeof item === 'number' ? Number(item.toPrecision(10)) : item,
  );
const tidy = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(rounded(value)), (_key, item: unknown) =>
    item === 0 || Math.abs(Number(item)) < 1e-9 ? 0 : item,
  );

describe('a view that is sent as a state and read back', () => {
  const { state, notes } = exportState({ document, known, annotations, stopsOf });
  const back = importState(stateOfText(linkOf(state)), known);

  test('is a state as viewer_state.yml and the parsers have it', () => {
    expect(viewerStateRules.safeParse(JSON.parse(JSON.stringify(state))).error).toBeUndefined();
  });

  test('keeps where it looks', () => {
    const { positionNm, nmPerPx, rotation, orbit, time, slicesIn3d, crossHair } = document;
    expect(tidy(back.document)).toMatchObject(
      tidy({ positionNm, nmPerPx, rotation, orbit, time, slicesIn3d, crossHair }) as object,
    );
    expect(viewDocumentSchema.safeParse(back.document).success).toBe(true);
  });

  test('keeps its layout and cameras', () => {
    expect(back.document.panes).toEqual(document.panes);
    expect(tidy(back.document.groups)).toEqual(tidy(document.groups));
    expect(back.document.alone).toBe(null);
  });

  test('keeps its layers', () => {
    const withoutIds = (layers: readonly Layer[]) => layers.map(({ id: _id, ...layer }) => layer);
    expect(tidy(withoutIds(back.document.layers))).toEqual(tidy(withoutIds(document.layers)));
    expect(back.document.layers.find(({ id }) => id === back.document.selectedLayer)?.name).toBe('neurons');
  });

  test('keeps its annotations', () => {
    expect(back.annotationsToAdd).toEqual([
      {
        volume: em.id,
        items: [{ kind: 'point', pointsNm: [[401, -402.5, 60]], name: 'synapse', note: 'synapse\nseen twice\nunsure' }],
      },
    ]);
  });

  test('says what Neuroglancer has no words for, and nothing of the rest', () => {
    expect(notes).toEqual([
      'Labels without a colour of their own have other colours in Neuroglancer.',
      'The time is a dimension "t" of the state; Neuroglancer follows it where the data calls it so.',
    ]);
    expect(back.notes).toEqual([]);
  });
});

describe('notes of an export', () => {
  const notesOf = (change: Partial<ViewDocument>) =>
    exportState({ document: { ...document, ...change }, known, annotations, stopsOf });

  test('name data that others can not open, and still find it again here', () => {
    const { state, notes } = notesOf({ layers: [image(onDisk, 0, 'mine')] });
    expect(notes).toContain('Layer "mine": it lies on this computer, where others can not open it.');
    expect(viewerStateRules.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(true);
    expect(importState(state, known).document.layers[0]).toMatchObject({ volume: onDisk.id });
  });

  test('name blends, modes and clips that Neuroglancer lacks', () => {
    const { notes } = notesOf({
      layers: [
        image(em, 0, 'em'),
        { ...image(em, 0, 'b'), name: 'b', blend: 'multiply', volumeMode: 'surface', checker: 'odd' },
      ],
      clip: { box: null, plane: { normal: [0, 0, 1], distanceNm: 5 } },
    });
    expect(notes).toEqual([
      'Layer "b": Neuroglancer has no blend "multiply"; the layer lies over what is below.',
      'Layer "b": its checkerboard is left out.',
      'Layer "b": Neuroglancer draws its volume in its own way instead of surface.',
      'The clip box and the clip plane are left out.',
    ]);
  });
});

describe('layouts there and back', () => {
  const fresh = { panes: freshDocument.panes, groups: freshDocument.groups };
  const two = {
    panes: [
      { id: 'yz', kind: 'yz', group: 'main' },
      { id: '3d', kind: '3d', group: 'main' },
    ],
    groups: freshDocument.groups,
  } as const;
  test.each([
    ['four panes', { ...fresh, alone: null }, { type: '4panel', orthographicProjection: true }],
    ['one alone', { ...fresh, alone: 'xz' }, 'xz'],
    ['3-D alone', { ...fresh, alone: '3d' }, { type: '3d', orthographicProjection: true }],
    ['a plane and 3-D', { ...two, alone: null }, { type: 'yz-3d', orthographicProjection: true }],
  ] as const)('%s', (_name, change, layout) => {
    const { state } = exportState({ document: { ...document, ...change }, known, annotations, stopsOf });
    expect(state['layout']).toEqual(layout);
    const { panes, alone } = importState(state, known).document;
    expect({ panes, alone }).toEqual({ panes: change.panes, alone: change.alone });
  });

  test('two planes that have no name together stand beside each other', () => {
    const panes = [
      { id: 'xy', kind: 'xy', group: 'main' },
      { id: 'xz', kind: 'xz', group: 'main' },
    ] as const;
    const { state } = exportState({
      document: { ...document, panes, groups: freshDocument.groups },
      known,
      annotations,
      stopsOf,
    });
    expect(viewerStateRules.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(true);
    expect(importState(state, known).document.panes).toEqual(panes);
  });
});
