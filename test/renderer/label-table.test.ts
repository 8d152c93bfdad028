import { describe, expect, test } from 'vitest';
import { parseIndexedBrick, labelAt } from '../../renderer/scene/stage/labels/indexed-brick.ts';
import { LabelTable, usualLook } from '../../renderer/scene/stage/labels/label-table.ts';
import { hexOf, idOfWords, labelColour, wordsOfId } from '../../renderer/ui/label-colours.ts';

/** An indexed brick with these voxels, by the letter of the contract. */
function brickOf(ids: readonly bigint[], width: 1 | 2 | 4 = 1): Uint8Array {
  const own = [...new Set(ids)];
  const indexOf = new Map(own.map((id, i) => [id, i]));
  const bytes = new Uint8Array(8 + 8 * own.length + width * ids.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, own.length, true);
  view.setUint32(4, width, true);
  own.forEach((id, i) => view.setBigUint64(8 + 8 * i, id, true));
  ids.forEach((id, i) => {
    const at = 8 + 8 * own.length + width * i;
    if (width === 1) view.setUint8(at, indexOf.get(id) ?? 0);
    else if (width === 2) view.setUint16(at, indexOf.get(id) ?? 0, true);
    else view.setUint32(at, indexOf.get(id) ?? 0, true);
  });
  return bytes;
}

const huge = 2n ** 64n - 1n;

/** r, g, b, alpha that the texture holds for an index. */
function texel(table: LabelTable, index: number): readonly number[] {
  return [...(table.texture.image.data as Uint8Array).subarray(index * 4, index * 4 + 4)];
}

describe('an indexed brick', () => {
  test.each([1, 2, 4] as const)('gives the exact id of each voxel, indices of %i bytes', (width) => {
    const ids = [0n, huge, 5n, 2n ** 53n + 1n, 5n, 0n, 7n, 7n];
    const shifted = new Uint8Array(200).subarray(3);
    const bytes = brickOf(ids, width);
    shifted.set(bytes);
    const brick = parseIndexedBrick(shifted.subarray(0, bytes.length), 8);
    const read = ids.map((_, i) => labelAt(brick, [2, 2, 2], [i & 1, (i >> 1) & 1, i >> 2]));
    expect(read).toEqual(ids.map(String));
    expect(labelAt(brick, [2, 2, 2], [2, 0, 0])).toBeNull();
  });

  test('that lies is refused', () => {
    const good = brickOf([1n, 2n, 3n, 3n]);
    const bad = (change: (bytes: Uint8Array) => void): (() => unknown) => {
      const bytes = good.slice();
      change(bytes);
      return () => parseIndexedBrick(bytes, 4);
    };
    expect(bad((b) => (b[0] = 2))).toThrow(RangeError);
    expect(bad((b) => (b[3] = 0xff))).toThrow(RangeError);
    expect(bad((b) => (b[0] = 0))).toThrow(RangeError);
    expect(bad((b) => (b[4] = 3))).toThrow(RangeError);
    expect(bad((b) => (b[b.length - 1] = 3))).toThrow(/index 3 of 3 ids/);
    expect(() => parseIndexedBrick(good, 5)).toThrow(RangeError);
    expect(() => parseIndexedBrick(good.subarray(0, 6), 4)).toThrow(RangeError);
  });
});

describe('a table of labels', () => {
  test('numbers ids in the order in which they come, the same in every brick', () => {
    const table = new LabelTable();
    const first = table.remap(parseIndexedBrick(brickOf([9n, 9n, 0n, huge]), 4));
    const second = table.remap(parseIndexedBrick(brickOf([huge, 4n, 9n, 0n], 2), 4));
    expect([...(first ?? [])]).toEqual([1, 1, 0, 2]);
    expect([...(second ?? [])]).toEqual([2, 3, 1, 0]);
    expect([0, 1, 2, 3].map((i) => table.idOf(i))).toEqual(['0', '9', String(huge), '4']);
  });

  test('ids that agree in one of their words are two labels', () => {
    const table = new LabelTable();
    const ids = [1n, 1n << 32n, (1n << 32n) | 1n, 0n];
    expect([...(table.remap(parseIndexedBrick(brickOf(ids), 4)) ?? [])]).toEqual([1, 2, 3, 0]);
  });

  test('holds the colour of each id, and draws no background', () => {
    const table = new LabelTable();
    table.remap(parseIndexedBrick(brickOf([12n, 13n]), 2));
    expect(texel(table, 0)).toEqual([0, 0, 0, 0]);
    expect(texel(table, 1)).toEqual([...labelColour('12'), 255]);
    table.setLook({ ...usualLook, colourSeed: 7, colours: { '13': '#102030' } });
    expect(texel(table, 1)).toEqual([...labelColour('12', 7), 255]);
    expect(texel(table, 2)).toEqual([16, 32, 48, 255]);
    table.setLook(usualLook);
    expect(texel(table, 2)).toEqual([...labelColour('13'), 255]);
  });

  test('follows what is selected, seen before or after', () => {
    const table = new LabelTable();
    table.remap(parseIndexedBrick(brickOf([1n, 2n]), 2));
    const alphas = (): readonly (number | undefined)[] => [1, 2, 3].map((i) => texel(table, i)[3]);
    const selected = ['2', '77'];
    expect(table.setLook({ ...usualLook, selected, othersOpacity: 0.2 })).toBe(true);
    expect(alphas()).toEqual([51, 255, 255]);
    expect([...(table.remap(parseIndexedBrick(brickOf([77n, 1n]), 2)) ?? [])]).toEqual([3, 1]);
    table.setLook({ ...usualLook, selected: ['2'], shows: 'selected' });
    expect(alphas()).toEqual([0, 255, 0]);
    table.setLook({ ...usualLook, selected: [], shows: 'selected' });
    expect(alphas()).toEqual([0, 0, 0]);
    expect(table.setLook({ ...usualLook, selected: [], shows: 'selected' })).toBe(false);
  });

  test('a label more is a row of the texture, not all of it', () => {
    const table = new LabelTable();
    const many = Array.from({ length: 10_000 }, (_, i) => BigInt(i + 1));
    table.remap(parseIndexedBrick(brickOf(many, 2), many.length));
    table.setLook({ ...usualLook, selected: ['1'] });
    table.texture.onUpdate?.(table.texture);
    const version = table.texture.version;
    table.setLook({ ...usualLook, selected: ['1', '5000'] });
    expect(table.texture.version).toBeGreaterThan(version);
    expect(table.texture.updateRanges).toEqual([{ start: 2 * 8192, count: 8192 }]);
  });

  test('grows into a larger texture without losing a colour', () => {
    const table = new LabelTable();
    const small = table.texture;
    const many = Array.from({ length: 100_000 }, (_, i) => BigInt(i + 1) * 0x1_0001_0001n);
    for (let at = 0; at < many.length; at += 10_000)
      table.remap(parseIndexedBrick(brickOf(many.slice(at, at + 10_000), 2), 10_000));
    expect(table.texture).not.toBe(small);
    expect(table.texture.image.height).toBe(64);
    for (const i of [1, 40_000, 100_000]) expect(texel(table, i).slice(0, 3)).toEqual(labelColour(many[i - 1] ?? 0n));
  });

  test('that is full says so, and begins again with what is selected', () => {
    const table = new LabelTable(8);
    const brick = parseIndexedBrick(brickOf([1n, 2n, 3n, 4n, 5n]), 5);
    const other = parseIndexedBrick(brickOf([11n, 12n, 13n]), 3);
    table.setLook({ ...usualLook, selected: ['12'], colours: { '12': '#ff0000' } });
    expect(table.remap(brick)).not.toBeNull();
    expect(table.remap(other)).toBeNull();
    const { generation } = table;
    table.clear();
    expect(table.generation).toBeGreaterThan(generation);
    expect([...(table.remap(other) ?? [])]).toEqual([2, 1, 3]);
    expect(texel(table, 1)).toEqual([255, 0, 0, 255]);
    expect(texel(table, 2)[3]).toBe(Math.round(255 * usualLook.othersOpacity));
  });
});

describe('colours of labels', () => {
  test('never change', () => {
    const ids = ['1', '2', '3', '65536', '4294967296', '864691135012345678', String(huge)];
    expect(ids.map((id) => hexOf(labelColour(id)))).toEqual([
      '#00b0ad',
      '#eca19e',
      '#e89fb6',
      '#00ecd1',
      '#77edd2',
      '#8bd3ae',
      '#ff9673',
    ]);
    expect(hexOf(labelColour('1', 1))).toBe('#f3b0f2');
  });

  test('are never dark, and neighbours differ', () => {
    const far = (a: readonly number[], b: readonly number[]): number =>
      Math.max(...a.map((channel, i) => Math.abs(channel - (b[i] ?? 0))));
    let close = 0;
    const seen = new Set<string>();
    for (let id = 1n; id < 20_000n; id++) {
      const [r, g, b] = labelColour(id);
      seen.add(hexOf([r, g, b]));
      expect(0.2126 * r + 0.7152 * g + 0.0722 * b).toBeGreaterThan(100);
      if (far(labelColour(id), labelColour(id + 1n)) < 24) close += 1;
    }
    expect(close / 20_000).toBeLessThan(0.06);
    expect(seen.size).toBeGreaterThan(9000);
  });

  test('background is black', () => {
    expect(labelColour('0')).toEqual([0, 0, 0]);
    expect(labelColour(0n, 99)).toEqual([0, 0, 0]);
  });

  test('words are the id and back', () => {
    for (const id of [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, huge]) {
      expect(idOfWords(...wordsOfId(String(id)))).toBe(String(id));
      expect(wordsOfId(id)).toEqual(wordsOfId(String(id)));
    }
  });
});
