// Names come from anywhere: what can't be seen, turns its neighbours, or never ends is shown plain and short, or refused.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLegend } from '../../main/engine/formats/legend.ts';
import { shownValue } from '../../preload/contract/issues.ts';
import { plainText } from '../../preload/contract/plain-text.ts';
import { importState } from '../../renderer/state/neuroglancer/import.ts';
import { known } from '../renderer/neuroglancer/library.ts';
import { tempEngine } from './temp-engine.ts';

const hostile: readonly (readonly [string, string, string])[] = [
  ['NUL and escapes', 'a\0b\u001b[31mc\u0085d', 'a b [31mc d'],
  ['letters turned round', 'cell \u202egnp.exe\u202c \u2066x\u2069', 'cell gnp.exe x'],
  ['no width', '\u200bSo\u00adma\ufeff\u2060', 'Soma'],
  ['nothing but that', '\u200b\u200d\u200c \u2028\u202e', ''],
  ['lines and tabs', ' a\r\n\tb\u2029c ', 'a b c'],
  ['HTML', '<img src=x onerror="alert(1)">&lt;', '<img src=x onerror="alert(1)">&lt;'],
  ['names of prototypes', '__proto__', '__proto__'],
  ['Arabic, Persian and Hindi', 'دماغ می‌خواهم क्‍ष', 'دماغ می‌خواهم क्‍ष'],
  ['emoji of several', '👩‍🔬 🧠', '👩‍🔬 🧠'],
  ['half of a letter', 'a\ud83d b\udc00', 'a\ufffd b\ufffd'],
  ['heaps of accents', `e${'\u0301'.repeat(300)}x`, `e${'\u0301'.repeat(4)}x`],
];

test.each(hostile)('a text with %s', (_, given, shown) => {
  expect(plainText(given, 200)).toBe(shown);
});

test('a text without end is cut between letters', () => {
  expect(plainText('x'.repeat(10_000_000), 200)).toHaveLength(200);
  expect(plainText('🧠'.repeat(1000), 201)).toBe('🧠'.repeat(100));
  expect(plainText(' '.repeat(10_000_000), 200)).toBe('');
});

describe('a table of labels', () => {
  const read = (text: string) => readLegend(new TextEncoder().encode(text), 'names.csv');
  test('of hostile names has them plain', () => {
    const rows = hostile.map(([, given], i) => ({ id: i + 1, name: given, acronym: given }));
    const labels = read(JSON.stringify(rows));
    expect(labels.map(({ name, about }) => [name, about])).toEqual(hostile.map(([, , shown]) => [shown, shown]));
  });
  test.each([
    ['a million and one rows of one id', '1,a\n'.repeat(1_000_001), 'line 1000001: it has more than 1000000 labels'],
    ['ten million commas', ','.repeat(10_000_000), 'it is empty'],
    ['names of prototypes for ids', '{"__proto__": "x", "constructor": "y"}', '"__proto__" is no label id'],
    ['one id twice', 'id,name\n1,a\n1,b', 'label 1 is called "a" and "b"'],
  ])('of %s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
  test('of one line of 10 MB, of 300,000 children and of keys of prototypes is read', () => {
    expect(read(`id,name\n1,${'x'.repeat(10_000_000)}`)[0]?.name).toHaveLength(500);
    const children = Array.from({ length: 300_000 }, (_, i) => ({ id: i + 2, name: 'c' }));
    expect(read(JSON.stringify([{ id: 1, name: 'root', children }]))).toHaveLength(300_001);
    expect(read('[{"id": 1, "__proto__": {"name": "evil"}, "constructor": 3}]')).toMatchObject([{ id: '1', name: '' }]);
  });
});

test('names of a dataset, its channels and its warnings are plain', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'hostile.zarr');
  const given = `\u202e<b>evil</b>\0${'x'.repeat(400)}`;
  const ome = {
    version: '0.5',
    multiscales: [
      {
        name: given,
        axes: [
          { name: 'c', type: 'channel' },
          { name: 'y', type: 'space', unit: given.slice(0, 100) },
          { name: 'x', type: 'space' },
        ],
        datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 1, 1] }] }],
      },
    ],
    omero: { channels: [{ label: given }, { label: '\u200b' }] },
  };
  mkdirSync(join(source, '0', 'c', '0', '0'), { recursive: true });
  writeFileSync(join(source, 'zarr.json'), JSON.stringify({ zarr_format: 3, node_type: 'group', attributes: { ome } }));
  const chunk_grid = { name: 'regular', configuration: { chunk_shape: [1, 4, 4] } };
  const array = { zarr_format: 3, node_type: 'array', shape: [2, 4, 4], data_type: 'uint8', chunk_grid };
  const more = { chunk_key_encoding: 'default', fill_value: 0, codecs: ['bytes'] };
  writeFileSync(join(source, '0', 'zarr.json'), JSON.stringify({ ...array, ...more }));
  writeFileSync(join(source, '0', 'c', '0', '0', '0'), new Uint8Array(16).fill(7));
  const { value } = await at.client.volume.describe({ source });
  const shown = `<b>evil</b> ${'x'.repeat(188)}`;
  expect(value.name).toBe(shown);
  expect(value.channels.map(({ name }) => name)).toEqual([shown, '']);
  for (const warning of value.warnings) expect(warning).not.toMatch(/[\0\u202e]|.{1001}/);
  const { volume } = await at.result<{ volume: string }>(at.client.volume.add({ library: at.library, source }));
  expect((await at.client.view.volume({ library: at.library, volume })).value.name).toBe(shown);
  expect(readFileSync(join(source, 'zarr.json'), 'utf8')).toContain('evil');
});

test('what was given is told in escapes', () => {
  expect(shownValue('\u202egnp\u200b.exe 🧠')).toBe('"\\u202egnp\\u200b.exe 🧠"');
});

test('names of layers and notes of a Neuroglancer state are plain, and layers are still found by them', () => {
  const name = '\u202eevil\0';
  const { document, notes } = importState(
    {
      layers: [{ type: 'segmentation', name, source: 'precomputed://gs://flyem/segmentation', equivalences: [[1, 2]] }],
      selectedLayer: { layer: name },
    },
    known,
  );
  expect(document.layers[0]?.name).toBe('evil');
  expect(document.selectedLayer).toBe(document.layers[0]?.id);
  expect(notes.join()).toContain('Layer "evil"');
  expect(notes.join()).not.toMatch(/[\0\u202e]/);
});
