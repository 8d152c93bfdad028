import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvOf, csvRows } from '../../main/engine/formats/csv.ts';
import { readLegend } from '../../main/engine/formats/legend.ts';
import { labelHex, labelId } from '../../main/engine/formats/named-label.ts';
import { imageLabels } from '../../main/engine/formats/ome-labels.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';

const legend = (text: string): unknown => readLegend(new TextEncoder().encode(text), 'names.csv');
const shared = join(import.meta.dirname, '../../../shared/data');
const ontology = join(shared, 'atlas/ara_ontology.json');
const rois = join(shared, 'connectomes/atlas.csv');
const missing = !existsSync(ontology) || !existsSync(rois);
if (missing) console.log('skipped: the atlas in ../shared/data is not there');

describe('a table of labels', () => {
  test('is a CSV with headers in any order, of any common separator, quoted where it needs be', () => {
    const wanted = [
      { id: '7', name: 'Cortex, "upper"', about: '', colour: '#ff0080' },
      { id: '864691135012345678', name: 'Neuron', about: '', colour: null },
    ];
    expect(legend('name,id,colour\n"Cortex, ""upper""",7,#FF0080\r\nNeuron,864691135012345678,\n')).toEqual(wanted);
    expect(legend('\uFEFFID\tName\tColor\n7\t"Cortex, ""upper"""\tff0080\n\n864691135012345678\tNeuron')).toEqual(
      wanted,
    );
    expect(legend('id;name;r;g;b\n7;"Cortex, ""upper""";255;0;128\n864691135012345678;Neuron;;;x')).toEqual(wanted);
  });

  test('may have no headers', () => {
    expect(legend('1,Soma\n2,Axon,#00ff00,ignored')).toEqual([
      { id: '1', name: 'Soma', about: '', colour: null },
      { id: '2', name: 'Axon', about: '', colour: '#00ff00' },
    ]);
  });

  test('is JSON: a list, an object by id, or a tree; ids of 64 bits stay exact', () => {
    expect(legend('[{"id": 18446744073709551615, "name": "last", "acronym": "L"}]')).toEqual([
      { id: '18446744073709551615', name: 'last', about: 'L', colour: null },
    ]);
    expect(legend('{"12": "Soma", "13": {"name": "Axon", "colour": [1, 2, 3]}}')).toEqual([
      { id: '12', name: 'Soma', about: '', colour: null },
      { id: '13', name: 'Axon', about: '', colour: '#010203' },
    ]);
    const tree = '{"msg":[{"id":1,"name":"a","children":[{"id":2,"name":"b","children":[]},{"id":3,"name":"c"}]}]}';
    expect(legend(tree)).toMatchObject([{ id: '1' }, { id: '2' }, { id: '3', name: 'c' }]);
  });

  test.each([
    ['id,name\n1,a\nx,b', 'line 3: "x" is no label id'],
    ['id,name\n1,a\n1,b', 'line 3: label 1 is called "a" and "b"'],
    ['id,name\n18446744073709551616,a', 'line 2: "18446744073709551616" is no label id'],
    ['nom,couleur\na,b', 'line 1: none of its columns (nom, couleur) is "id"'],
    ['[{"name": "a"}]', 'entry 1: none of its keys (name) is "id"'],
    ['[{"id": 1.5, "name": "a"}]', 'entry 1: "1.5" is no label id'],
    ['[3]', 'entry 1: an object'],
    ['{', 'it is not JSON'],
    ['[]', 'it names no label'],
    ['', 'it is empty'],
    ['id,name\n', 'it names no label'],
  ])('%j is refused with where and what', (text, message) => {
    expect(() => legend(text)).toThrow(expect.objectContaining({ tag: 'bad-source' }));
    expect(() => legend(text)).toThrow(message);
  });

  test('of any bytes is read or refused', () => {
    const words = fc.constantFrom(
      'id',
      'name',
      'colour',
      ',',
      ';',
      '\n',
      '"',
      '[',
      '{',
      '}',
      ']',
      ':',
      '1',
      '2',
      'x',
      '-3',
    );
    const texts = fc.oneof(
      fc.array(words).map((list) => list.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          legend(text);
        } catch (error) {
          expect(isLamellaError(error, 'bad-source')).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('as Lamella writes a CSV comes back', () => {
    const cell = fc.string().filter((text) => text === text.trim() && !/^[=+\-@\t\r\n＝＋－＠]/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const read = [...csvRows(csvOf(['a', 'b'], rows), ',')].map(({ cells }) => cells);
        expect(read).toEqual([['a', 'b'], ...rows.filter((row) => row.some((one) => one !== ''))]);
      }),
    );
  });
});

describe.skipIf(missing)('real tables', () => {
  test('the ontology of the Allen Institute names every structure in its colour', () => {
    const labels = readLegend(readFileSync(ontology), 'ara_ontology.json');
    expect(labels.length).toBe(1327);
    expect(labels.every(({ name, about, colour }) => name !== '' && about !== '' && colour !== null)).toBe(true);
    expect(labels.find(({ id }) => id === '997')).toEqual({
      id: '997',
      name: 'root',
      about: 'root',
      colour: '#ffffff',
    });
    expect(labels.find(({ about }) => about === 'CA1')).toMatchObject({ id: '382', name: 'Field CA1' });
  });

  test('regions of a connectome in a CSV of other columns', () => {
    const labels = readLegend(readFileSync(rois), 'atlas.csv');
    expect(labels[1]).toEqual({
      id: '2',
      name: 'Cingulate_Cortex_Area_24a_prime',
      about: 'A24aPrime',
      colour: '#ff7c00',
    });
  });
});

test('ids are 64 bits, negative ones as their bits', () => {
  expect([0, -1, '18446744073709551615', ' 12 '].map(labelId)).toEqual([
    '0',
    '18446744073709551615',
    '18446744073709551615',
    '12',
  ]);
  expect([1.5, 2 ** 53, '1e3', '', null, '-9223372036854775809'].map(labelId)).toEqual([
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('colours are hex or three bytes', () => {
  expect(['#ABC', '00ff7F', 'rgb(1, 2, 3)', '1 2 3', [4, 5, 6, 255]].map(labelHex)).toEqual([
    '#aabbcc',
    '#00ff7f',
    '#010203',
    '#010203',
    '#040506',
  ]);
  expect(['red', '', [1, 2], [1, 2, 300], '1 2 256', null].map(labelHex)).toEqual([null, null, null, null, null, null]);
});

test('image labels of OME-Zarr have names and colours; what is damaged is left out', () => {
  const labels = imageLabels({
    colors: [
      { 'label-value': 1, rgba: [255, 0, 0, 255] },
      null,
      { 'label-value': 9, rgba: 'red' },
      { rgba: [1, 2, 3, 4] },
    ],
    properties: [
      { 'label-value': 1, class: 'soma', area: 12 },
      { 'label-value': 2, note: 'x' },
    ],
  });
  expect(labels).toEqual([
    { id: '1', name: 'soma', about: 'area: 12', colour: '#ff0000' },
    { id: '2', name: '', about: 'note: x', colour: null },
    { id: '9', name: '', about: '', colour: null },
  ]);
  for (const odd of [null, 3, [], { colors: 5 }, { properties: [[]] }]) expect(imageLabels(odd)).toEqual([]);
});
