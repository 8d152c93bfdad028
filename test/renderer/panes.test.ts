import { beforeEach, expect, test } from 'vitest';
import { freshDocument, viewDocumentSchema } from '../../preload/contract/view-state.ts';
import {
  addPane,
  choosePreset,
  closePane,
  freeGroup,
  isFree,
  joinGroup,
  linkGroup,
  paneTitle,
  presetOf,
} from '../../renderer/state/panes.ts';
import { setScale } from '../../renderer/state/view-moves.ts';
import { cameraOf, documentOf, useView } from '../../renderer/state/view.ts';

const get = useView.getState;
const titles = (): readonly string[] => get().panes.map((pane) => paneTitle(get(), pane));
const scaleOf = (pane: string): number => cameraOf(get(), pane).nmPerPx;

beforeEach(() => useView.setState({ ...freshDocument }));

test('a pane is added to the group of the active one, and closed; the last one stays', () => {
  addPane('xy');
  expect(titles()).toEqual(['XY', '3-D', 'XZ', 'YZ', 'XY 2']);
  for (const { id } of get().panes) closePane(id);
  expect(titles()).toEqual(['XY']);
  expect(get().activePane).toBe(get().panes[0]?.id);
});

test('a freed zoom is the pane’s own until it is linked again', () => {
  freeGroup('xz', 'zoom');
  setScale(7, 'xz');
  setScale(3, 'xy');
  expect([scaleOf('xz'), scaleOf('xy'), scaleOf('yz')]).toEqual([7, 3, 3]);
  expect([isFree(get(), 'xz', 'zoom'), isFree(get(), 'xz', 'orientation')]).toEqual([true, false]);
  expect(titles()[2]).toBe('XZ · group 2');
  linkGroup('xz', 'zoom');
  expect(scaleOf('xz')).toBe(3);
});

test('panes join a group, and a group without panes is gone', () => {
  freeGroup('xz', 'orientation');
  joinGroup('yz', get().panes[2]?.group ?? '');
  expect(titles()).toEqual(['XY', '3-D', 'XZ · group 2', 'YZ · group 2']);
  for (const pane of ['xz', 'yz']) joinGroup(pane, 'main');
  expect(get().groups).toHaveLength(1);
});

test('presets are recognised, and every one is a view that can be kept', () => {
  for (const preset of ['four', 'xy', 'xz', 'yz', '3d', 'xy-3d', 'compare'] as const) {
    choosePreset(preset);
    expect(presetOf(get())).toBe(preset);
    expect(viewDocumentSchema.safeParse(documentOf(get())).success).toBe(true);
  }
  choosePreset('xz');
  expect(get().alone).not.toBeNull();
  addPane('yz');
  expect(presetOf(get())).toBeNull();
});

test('a plane that no pane shows brings the four panes', () => {
  choosePreset('xy-3d');
  choosePreset('yz');
  expect([get().panes.length, get().alone]).toEqual([4, 'yz']);
});
