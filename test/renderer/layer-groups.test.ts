import { expect, test } from 'vitest';
import type { Layer } from '../../preload/contract/view-state.ts';
import { rowsOf } from '../../renderer/state/layer-groups.ts';
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
