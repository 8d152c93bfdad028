import { describe, expect, test } from 'vitest';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { viewDocumentSchema } from '../../../preload/contract/view-state.ts';
import { importState } from '../../../renderer/state/neuroglancer/import.ts';
import { linkOf, stateOfText } from '../../../renderer/state/neuroglancer/url.ts';
import { soundDocument } from '../../../renderer/state/sound-document.ts';
import { fuzzTimes, mutate, seededRandom } from '../../formats/mutate.ts';
import { known } from './library.ts';
import { richState } from './rich-state.ts';
import { mutateJson } from '../mutate-json.ts';

const mutations = 5000 * fuzzTimes;

/** A sound view that the contract takes and that survives being stored, or a refusal in words. */
function open(json: unknown): 'opened' | 'refused' {
  try {
    const { document, notes, sourcesToAdd, annotationsToAdd } = importState(json, known);
    const sound = soundDocument(document);
    const stored: unknown = JSON.parse(JSON.stringify(sound));
    expect(viewDocumentSchema.parse(stored)).toEqual(stored);
    for (const { pointsNm } of annotationsToAdd.flatMap(({ items }) => items))
      expect(pointsNm.flat().every(Number.isFinite)).toBe(true);
    expect(notes.length <= 501 && notes.every(({ length }) => length <= 401)).toBe(true);
    expect(sourcesToAdd.length <= 100 && sourcesToAdd.every(({ text }) => text.length <= 4096)).toBe(true);
    return 'opened';
  } catch (error) {
    if (isLamellaError(error, 'invalid-input')) return 'refused';
    throw error;
  }
}

describe('states of Neuroglancer that mean harm', () => {
  test('mutations of a rich state open soundly or are refused in words', { timeout: 120_000 }, () => {
    const random = seededRandom(7);
    const outcomes = { opened: 0, refused: 0 };
    for (let i = 0; i < mutations; i++) outcomes[open(mutateJson(richState, random))] += 1;
    expect(outcomes.opened).toBeGreaterThan(mutations / 2);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  test('mutations of links are read or refused in words', { timeout: 120_000 }, () => {
    const random = seededRandom(8);
    const link = linkOf(richState);
    const outcomes = { opened: 0, refused: 0 };
    for (let i = 0; i < mutations / 4; i++) {
      try {
        outcomes[open(stateOfText(mutate(link, random)))] += 1;
      } catch (error) {
        if (!isLamellaError(error, 'invalid-input')) throw error;
        outcomes.refused += 1;
      }
    }
    expect(outcomes.opened).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  const image = { type: 'image', source: 'precomputed://https://data.example.org/em' };
  const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
  const huge = 'a'.repeat(20 * 2 ** 20);

  test.each([
    ['100,000 layers', { layers: many(100_000, (i) => ({ ...image, name: `l${i}` })) }],
    ['100,000 layers of one name', { layers: many(100_000, () => ({ ...image, name: 'twin' })) }],
    ['100,000 sources of one layer', { layers: [{ type: 'image', source: many(100_000, () => image.source) }] }],
    [
      '100,000 unknown sources',
      { layers: many(400, (j) => ({ source: many(250, (i) => `https://a.org/${j}/${i}`) })) },
    ],
    ['names of 20 MB', { layers: [{ ...image, name: huge, blend: huge, shader: huge, color: huge }], layout: huge }],
    ['addresses of 20 MB', { layers: [{ source: `https://${'/'.repeat(huge.length)}x` }, { source: huge }] }],
    ['comments that do not end', { layers: [{ ...image, shader: '/*'.repeat(2 ** 20) }] }],
    ['calls that do not end', { layers: [{ ...image, shader: 'emitRGB(vec3('.repeat(2 ** 20) }] }],
    [
      'thousands of windows',
      { layers: many(500, () => ({ ...image, shader: many(700, (i) => `#uicontrol invlerp w${i}`).join('\n') })) },
    ],
    [
      'a million segments',
      { layers: [{ ...image, source: 'gs://flyem/segmentation', segments: many(1_000_000, String) }] },
    ],
    [
      'a million panes',
      { layers: [image], layout: { type: 'row', children: many(1_000_000, () => ({ type: 'viewer' })) } },
    ],
    [
      'a million dimensions',
      { layers: [image], dimensions: Object.fromEntries(many(200_000, (i) => [`d${i}`, [1, 'm']])) },
    ],
    [
      'no extent',
      { layers: [image], dimensions: { x: [0, 'm'], y: [-1, 'm'], z: [1e308, 'Ym'] }, crossSectionScale: 5e-324 },
    ],
    [
      'turns of nothing',
      { layers: [image], crossSectionOrientation: [0, 0, 0, 0], projectionOrientation: [1e308, 1e308, 0, 0] },
    ],
  ])('a state of %s is opened or refused', { timeout: 20_000 }, (_, state) => void open(state));

  test('nests deeper than any reader goes: refused', () => {
    const layout = `${'{"type":"row","children":['.repeat(100_000)}1${']}'.repeat(100_000)}`;
    expect(() => importState(JSON.parse(`{"layers":[],"layout":${layout}}`), known)).toThrow('nested over 64 deep');
    expect(() => stateOfText(`{"layers":[${'['.repeat(4_000_000)}`)).toThrow('no Neuroglancer link');
  });

  test.each(["'", '"', "'\\", '%', '%7B', "{'", '_', '#!{', "#!{'a':'"])(
    'a text of many %s is refused',
    { timeout: 20_000 },
    (part) => {
      expect(() => stateOfText(`#!{${part.repeat((8 * 2 ** 20) / part.length)}x`)).toThrow('no Neuroglancer link');
    },
  );

  test('texts of over 32 MiB are refused before they are read', () => {
    expect(() => stateOfText('{'.repeat(32 * 2 ** 20 + 1))).toThrow('no view is that large');
  });

  test('ids of 2^64 and more are no other labels, and zeros before an id mean nothing', () => {
    const segments = ['18446744073709551621', '99999999999999999999', '007', '0', 9];
    const segmentColors = { '18446744073709551622': '#ff0000', '08': '#00ff00', constructor: '#0000ff' };
    const layer = { type: 'segmentation', source: 'gs://flyem/segmentation', segments, segmentColors };
    const { document, notes } = importState({ layers: [layer] }, known);
    expect(document.layers).toMatchObject([{ selected: ['7', '9'], colours: { '8': '#00ff00' } }]);
    expect(notes.join()).toContain('3 segments');
    expect(notes.join()).toContain('2 colours');
  });
});
