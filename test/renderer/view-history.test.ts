import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Layer } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import {
  duplicateLayer,
  moveLayer,
  overlayNextSection,
  raiseLayer,
  removeLayer,
  soloLayer,
  updateLayer,
} from '../../renderer/state/layer-edits.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { placeAt } from '../../renderer/state/layer-order.ts';
import { addPane, choosePreset, closePane, freeGroup } from '../../renderer/state/panes.ts';
import {
  asNewView,
  placeOver,
  removeWithUndo,
  settleView,
  stepViewHistory,
  useViewHistory,
} from '../../renderer/state/view-history.ts';
import { useView } from '../../renderer/state/view.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const layers: readonly Layer[] = ['a', 'b', 'c'].map((id) => ({ ...imageLayer(volume, 0, id), name: id }));
const ids = (): string =>
  useView
    .getState()
    .layers.map(({ id }) => id)
    .join('');
const labels = (): readonly string[] => useViewHistory.getState().past.map(({ label }) => label);
const opacityOf = (id: string): number | undefined => useView.getState().layers.find((one) => one.id === id)?.opacity;

beforeEach(() => {
  vi.useFakeTimers();
  asNewView(() => useView.setState({ ...freshDocument, volumes: [volume], layers, selectedLayer: 'a' }));
});
afterEach(() => vi.useRealTimers());

test('a drag is one step, another layer is another', () => {
  for (const opacity of [0.9, 0.8, 0.7]) updateLayer('a', { opacity });
  for (const opacity of [0.6, 0.5]) updateLayer('b', { opacity });
  expect(labels()).toEqual(['opacity of a', 'opacity of b']);
  stepViewHistory('undo');
  expect([opacityOf('a'), opacityOf('b')]).toEqual([0.7, 1]);
  stepViewHistory('undo');
  expect(opacityOf('a')).toBe(1);
  stepViewHistory('redo');
  stepViewHistory('redo');
  expect([opacityOf('a'), opacityOf('b')]).toEqual([0.7, 0.5]);
});

test('the same thing later is a step of its own', () => {
  updateLayer('a', { opacity: 0.9 });
  vi.advanceTimersByTime(5000);
  updateLayer('a', { opacity: 0.8 });
  expect(labels()).toEqual(['opacity of a', 'opacity of a']);
});

test('layers that are removed, moved and shown alone come back', () => {
  removeWithUndo('b');
  moveLayer('c', 0);
  soloLayer('a');
  expect([ids(), labels()]).toEqual(['ca', ['removed b', 'the order of layers', 'showing of c']]);
  for (let i = 0; i < 3; i++) stepViewHistory('undo');
  expect(ids()).toBe('abc');
  expect(useView.getState().layers).toEqual(layers);
});

test('panes come back, and where the view looks is no step', () => {
  useView.setState({ positionNm: [5, 5, 5], nmPerPx: 9, activePane: 'yz' });
  expect(labels()).toEqual([]);
  closePane('yz');
  expect(useView.getState().activePane).toBe('xy');
  stepViewHistory('undo');
  expect(useView.getState().panes).toEqual(freshDocument.panes);
});

test('a new change forgets what was taken back; steps are bounded', () => {
  addPane('xy');
  stepViewHistory('undo');
  updateLayer('a', { opacity: 0.5 });
  expect(useViewHistory.getState().future).toEqual([]);
  for (let i = 0; i < 300; i++) updateLayer(i % 2 === 0 ? 'a' : 'b', { opacity: i / 300 });
  expect(labels()).toHaveLength(200);
});

test('what a user does in one go is taken back in one go', () => {
  const acts: readonly (() => void)[] = [
    () => overlayNextSection('a'),
    () => duplicateLayer('c'),
    () => choosePreset('compare'),
    () => freeGroup('3d', 'orientation'),
    () => choosePreset('xy-3d'),
  ];
  for (const act of acts) {
    act();
    expect(labels()).toHaveLength(1);
    stepViewHistory('undo');
    const { layers: back, panes, groups } = useView.getState();
    expect({ layers: back, panes, groups }).toEqual({
      layers,
      panes: freshDocument.panes,
      groups: freshDocument.groups,
    });
  }
});

test('what becomes known of a view is no step, and stays while steps are taken back and done again', () => {
  updateLayer('a', { opacity: 0.5 });
  updateLayer('b', { opacity: 0.5 });
  stepViewHistory('undo');
  settleView((view) => ({
    layers: view.layers.map((one): Layer => ({ ...one, inverted: true }) as Layer),
    slicesIn3d: true,
  }));
  const inverted = (): readonly unknown[] =>
    useView.getState().layers.map((one) => [one.opacity, 'inverted' in one && one.inverted]);
  expect([labels(), inverted()]).toEqual([
    ['opacity of a'],
    [
      [0.5, true],
      [1, true],
      [1, true],
    ],
  ]);
  stepViewHistory('undo');
  expect(inverted()).toEqual([
    [1, true],
    [1, true],
    [1, true],
  ]);
  expect(useView.getState().slicesIn3d).toBe(true);
  for (let i = 0; i < 2; i++) stepViewHistory('redo');
  expect(inverted()).toEqual([
    [0.5, true],
    [0.5, true],
    [1, true],
  ]);
});

test('the selected layer is one that is there', () => {
  useView.setState({ layers: [...layers, { ...imageLayer(volume, 0, 'd'), name: 'd' }], selectedLayer: 'd' });
  stepViewHistory('undo');
  expect(useView.getState().selectedLayer).toBe('a');
  removeLayer('a');
  expect(useView.getState().selectedLayer).toBe('b');
});

test('a layer that is dropped in a gap of the list lies there in the document', () => {
  const shown = layers.toReversed();
  const dropped = (id: string, gap: number): string => {
    asNewView(() => useView.setState({ layers }));
    moveLayer(id, placeAt(shown, layers, id, gap));
    return ids();
  };
  expect([0, 1, 2, 3].map((gap) => dropped('a', gap))).toEqual(['bca', 'bac', 'abc', 'abc']);
  expect([0, 1, 2, 3].map((gap) => dropped('c', gap))).toEqual(['abc', 'abc', 'acb', 'cab']);
});

test('in a list that is searched a layer goes beside those that are shown', () => {
  const shown = layers.filter(({ id }) => id !== 'b').toReversed();
  asNewView(() => useView.setState({ layers }));
  moveLayer('a', placeAt(shown, layers, 'a', 0));
  expect(ids()).toBe('bca');
});

test('up and down stop at the ends', () => {
  raiseLayer('a', -1);
  raiseLayer('c', 1);
  expect(ids()).toBe('abc');
  raiseLayer('a', 1);
  expect(ids()).toBe('bac');
});

test('a layer returns over what it lay over, as far as that is still there', () => {
  const [a, b, c] = layers as [Layer, Layer, Layer];
  expect(placeOver([c, a], [a, b])).toBe(2);
  expect(placeOver([b, a], [a, b])).toBe(1);
  expect(placeOver([c], [a, b])).toBe(0);
});
