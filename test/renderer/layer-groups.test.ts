import { expect, test } from 'vitest';
import type { Layer } from '../../preload/contract/view-state.ts';
import { groupHolding, nextRow, rowsOf } from '../../renderer/state/layer-groups.ts';
import { placeBeside } from '../../renderer/state/layer-order.ts';
import { annotationLayer, imageLayer } from '../../renderer/state/layers.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume();
const other = { ...volume, id: 'volume-other' };
const channels = (of: typeof volume, count: number): readonly Layer[] =>
  Array.from({ length: count }, (_, c) => imageLayer(of, 0, `${of.id}/${c}`));
const words = (layers: readonly Layer[], folded: readonly string[] = []): readonly string[] =>
  rowsOf(layers, new Set(folded)).map((row) =>
    row.kind === 'group' ? `[${row.group.layers.length}]` : `${row.inGroup ? '- ' : ''}${row.layer.id}`,
  );

test('channels of a volume stand under a heading where they lie together', () => {
  const note = annotationLayer(volume, []);
  const [a, b] = [channels(volume, 2), channels(other, 1)];
  const both = [note, ...a, ...b];
  expect(words(both)).toEqual([note.id, '[2]', `- ${volume.id}/0`, `- ${volume.id}/1`, `${other.id}/0`]);
  const parted = [...a.slice(0, 1), ...b, ...a.slice(1)];
  expect(words(parted)).toEqual([`${volume.id}/0`, `${other.id}/0`, `${volume.id}/1`]);
});

test('a folded volume is one row, however many channels it has', () => {
  expect(words(channels(volume, 200), [volume.id])).toEqual(['[200]']);
  expect(words([])).toEqual([]);
});

test('a group says that it holds a layer; rows are reached by keys', () => {
  const [a, b] = [channels(volume, 3), channels(other, 1)];
  const both = [...a, ...b];
  expect(groupHolding(both, `${volume.id}/1`)).toBe(volume.id);
  expect(groupHolding(both, `${other.id}/0`)).toBeNull();
  expect(groupHolding(both, null)).toBeNull();
  expect([nextRow('ArrowDown', 3, 5), nextRow('ArrowDown', 4, 5), nextRow('ArrowUp', 0, 5)]).toEqual([4, 4, 0]);
  expect([nextRow('Home', 3, 5), nextRow('End', 1, 5)]).toEqual([0, 4]);
});

test('a layer goes past what is listed, and past what is not', () => {
  const all = channels(volume, 6);
  const listed = all.toReversed().filter((_, i) => i % 2 === 0);
  expect(listed.map(({ id }) => all.findIndex((one) => one.id === id))).toEqual([5, 3, 1]);
  const ids = (id: string, by: 1 | -1): readonly string[] => {
    const layer = all.find((one) => one.id === id) as Layer;
    return all
      .filter((one) => one !== layer)
      .toSpliced(placeBeside(listed, all, id, by), 0, layer)
      .map((one) => one.id);
  };
  const id = (n: number): string => `${volume.id}/${n}`;
  expect(ids(id(1), 1)).toEqual([0, 2, 3, 1, 4, 5].map(id));
  expect(ids(id(5), -1)).toEqual([0, 1, 5, 2, 3, 4].map(id));
  expect(ids(id(5), 1)).toEqual(all.map((one) => one.id));
  expect(ids(id(1), -1)).toEqual(all.map((one) => one.id));
});
