import { expect, test } from 'vitest';
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument, noRotation, viewDocumentSchema } from '../../preload/contract/view-state.ts';
import { problemOf } from '../../renderer/state/layer-problems.ts';
import { layerBoundsNm } from '../../renderer/state/layers.ts';
import { soundDocument } from '../../renderer/state/sound-document.ts';
import { orbitBy } from '../../renderer/state/view-moves.ts';
import { useView } from '../../renderer/state/view.ts';

const layer = { id: 'a', name: 'A', type: 'image', volume: 'volume-0a1b2c3d4e5f', window: [0, 255] };
const soundOf = (change: object): ViewDocument =>
  soundDocument(viewDocumentSchema.parse({ ...freshDocument, ...change }));

test('a sound view stays as it is', () => {
  expect(soundOf({})).toEqual(freshDocument);
});

test('turns without a length are none, and long ones are made unit', () => {
  for (const rotation of [
    [0, 0, 0, 0],
    [1e-300, 0, 0, 0],
    [1e308, 1e308, 1e308, 1e308],
  ])
    expect(soundOf({ rotation }).rotation).toEqual(noRotation);
  expect(soundOf({ rotation: [0, 0, 3, 4] }).rotation).toEqual([0, 0, 0.6, 0.8]);
  const group = { id: 'main', name: 'Main', nmPerPx: 1e-300, rotation: [0, 0, 0, 0] };
  expect(soundOf({ groups: [group] }).groups[0]).toMatchObject({ nmPerPx: 1e-3, rotation: noRotation });
});

test('panes have names and groups of their own', () => {
  const { panes, groups } = freshDocument;
  const twice = soundOf({ panes: [...panes, ...panes], groups: [...groups, ...groups], activePane: 'no', alone: 'no' });
  expect(twice).toMatchObject({ panes, groups, activePane: 'xy', alone: null });
  expect(soundOf({ panes: panes.map((pane) => ({ ...pane, group: 'gone' })) }).panes).toEqual(panes);
});

test('labels have ids below 2^64, each once', () => {
  const selected = ['7', '007', '18446744073709551623', '18446744073709551615', '0'];
  const colours = { '9': '#ff0000', '18446744073709551625': '#00ff00', '09': '#0000ff' };
  const labels = { id: 'a', name: 'A', type: 'segmentation', volume: 'volume-0a1b2c3d4e5f', selected, colours };
  expect(soundOf({ layers: [labels] }).layers).toMatchObject([{ selected: ['7', '18446744073709551615'] }]);
  expect(soundOf({ layers: [labels] }).layers[0]).toHaveProperty('colours', { '9': '#ff0000' });
});

test('layers have ids of their own', () => {
  expect(soundOf({ layers: [layer, layer, layer] }).layers.map(({ id }) => id)).toEqual(['a', 'a 2', 'a 3']);
});

test('a layer whose map has no inverse is never drawn where it was not said to be: it is named', () => {
  const known = { volumes: [], shapes: [] };
  for (const worldFromLayer of [
    Array.from({ length: 12 }, () => 0),
    [1e300, 0, 0, 0, 0, 1e300, 0, 0, 0, 0, 1e300, 0],
  ]) {
    const [kept] = soundOf({ layers: [{ ...layer, worldFromLayer }] }).layers;
    if (!kept) throw new Error('the layer is gone');
    expect(kept.worldFromLayer).toEqual(worldFromLayer);
    expect(problemOf(kept, known, { away: new Map(), broken: new Map(), troubles: {} })?.text).toBe(
      'It has no extent where it is placed',
    );
    expect(layerBoundsNm(kept, known)).toBeNull();
  }
});

test('places and scales are of this world, and clips the right way round', () => {
  expect(soundOf({ positionNm: [1e300, -1e300, 5], nmPerPx: 1e300 })).toMatchObject({
    positionNm: [1e14, -1e14, 5],
    nmPerPx: 1e9,
  });
  const clip = { box: { min: [9, 0, 9], max: [1, 5, 1] }, plane: { normal: [0, 0, 0], distanceNm: 1 } };
  expect(soundOf({ clip }).clip).toEqual({ box: { min: [1, 0, 1], max: [9, 5, 9] }, plane: null });
});

test('orbits that no eye can follow become ones that it can', () => {
  const orbit = { yaw: 1e300, pitch: -7, roll: 0, zoom: 1e6, centreNm: [1e300, 0, -1e300] };
  const sound = soundOf({ orbit }).orbit;
  expect(Math.abs(sound.yaw)).toBeLessThanOrEqual(2 * Math.PI);
  expect(sound.pitch).toBeGreaterThanOrEqual(-Math.PI / 2);
  expect(sound).toMatchObject({ zoom: 1e5, centreNm: [1e14, 0, -1e14] });
});

test('a view that was turned round and round is as sound as a fresh one', () => {
  for (let i = 0; i < 40; i++) orbitBy('3d', 0.5, 0.5);
  const { orbit } = useView.getState();
  expect(soundOf({ orbit }).orbit).toEqual(orbit);
  expect(Math.sin(orbit.yaw)).toBeCloseTo(Math.sin(freshDocument.orbit.yaw + 20), 12);
  expect(orbit.pitch).toBe(Math.PI / 2);
});
