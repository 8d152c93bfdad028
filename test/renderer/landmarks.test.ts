import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Landmark } from '../../preload/contract/warp.ts';
import type { CsvFrame } from '../../renderer/state/landmark-csv.ts';
import { landmarksCsv, parseLandmarksCsv } from '../../renderer/state/landmark-csv.ts';
import { shifted, turned } from '../../renderer/state/align.ts';
import { applyMatrix } from '../../renderer/state/layers.ts';
import {
  alignmentOf,
  byHand,
  composed,
  fitWords,
  noLandmarks,
  pairBeside,
  shiftNm,
  stepsOf,
  withChange,
  withoutPair,
  withPair,
} from '../../renderer/state/landmark-pairs.ts';
import { frameOf, longest, sampleOf } from '../../renderer/state/field-preview.ts';

const three = [1, 2, 3].reduce<Landmark[]>((list, n) => withPair(list, [n, 0, 0], [n, 3, 4]), []);

describe('pairs of landmarks', () => {
  it('are numbered on from the largest number, whatever was deleted or renamed', () => {
    expect(three.map(({ id, name }) => [id, name])).toEqual([
      ['pair-1', 'Point 1'],
      ['pair-2', 'Point 2'],
      ['pair-3', 'Point 3'],
    ]);
    const fewer = withoutPair(withChange(three, 'pair-3', { name: 'tip of the horn' }), 'pair-1');
    const more = withPair(fewer, [0, 0, 0], [0, 0, 1]);
    expect(more.map(({ id, name }) => [id, name])).toEqual([
      ['pair-2', 'Point 2'],
      ['pair-3', 'tip of the horn'],
      ['pair-4', 'Point 3'],
    ]);
  });

  it('are stepped through in a ring', () => {
    expect(pairBeside(three, null, 1)?.id).toBe('pair-1');
    expect(pairBeside(three, null, -1)?.id).toBe('pair-3');
    expect(pairBeside(three, 'pair-3', 1)?.id).toBe('pair-1');
    expect(pairBeside(three, 'pair-1', -1)?.id).toBe('pair-3');
    expect(pairBeside([], null, 1)).toBeNull();
  });

  it('say how far apart their ends are, where both are placed', () => {
    const [first] = three;
    if (!first) throw new Error('no pair');
    expect(shiftNm(first)).toBe(5);
    expect(shiftNm({ ...first, source: null })).toBeNull();
  });

  it('keep, in the warped volume, where the layer lay before', () => {
    const before = [0, -1, 0, 5, 1, 0, 0, 6, 0, 0, 1, 7];
    const step = { ...noLandmarks, landmarks: three };
    expect(alignmentOf({ steps: stepsOf(step, before) })).toEqual({ step, before });
    expect(alignmentOf({ steps: stepsOf(step, null) })).toEqual({ step, before: null });
    const affine = { type: 'affine' as const, matrix: [...before], frame: 'volume' as const, inverse: false };
    expect(alignmentOf({ steps: [affine] })).toBeNull();
    expect(alignmentOf({ steps: [step, affine] })).toBeNull();
    expect(alignmentOf({ steps: [step, { ...affine, inverse: true }, affine] })).toBeNull();
  });

  it('begin where the layer lay by hand, beside where its dataset places it', () => {
    const quarter = turned(null, [0, 0, 1], Math.PI / 2, [10, 0, 0]);
    const moved = shifted(quarter, [5, 6, 7]);
    expect(composed(moved, null)).toBe(moved);
    expect(applyMatrix(composed(moved, quarter), [1, 2, 3])).toEqual(
      applyMatrix(moved, applyMatrix(quarter, [1, 2, 3])).map((nm) => expect.closeTo(nm, 6)),
    );
    expect(byHand(null, null)).toBeNull();
    expect(byHand(quarter, quarter)).toBeNull();
    expect(byHand(null, moved)).toEqual(moved);
    const hand = byHand(quarter, moved);
    expect(composed(quarter, hand)).toEqual(moved.map((value) => expect.closeTo(value, 6)));
  });

  it('say what is made of them, and what more would do', () => {
    const words = (used: number, spans: 'nothing' | 'line' | 'plane' | 'space'): string =>
      fitWords({ used, spans }, noLandmarks);
    expect(words(0, 'nothing')).toMatch(/stays where it was/);
    expect(words(1, 'line')).toBe('One pair moves the layer as it is. Two more, in a triangle, turn and stretch it.');
    expect(words(2, 'line')).toBe(
      'Two pairs move the layer as it is. One more, in a triangle, turns and stretches it.',
    );
    expect(words(5, 'line')).toMatch(/All 5 pairs lie on one line/);
    expect(words(3, 'plane')).toMatch(/one plane: the layer fits within it/);
    expect(words(6, 'plane')).toMatch(/one plane: the layer bends within it/);
    expect(words(4, 'space')).toMatch(/From the fifth on it bends/);
    expect(words(9, 'space')).toBe('Bends through 9 pairs.');
    expect(fitWords({ used: 2, spans: 'line' }, { ...noLandmarks, fit: 'translation' })).toBe(
      'Moved as one, as close as can be, to 2 pairs.',
    );
  });
});

const frame: CsvFrame = { nmPerUnit: 1000, sourceOffsetNm: [5, 5, 20], targetOffsetNm: [0, 0, 0] };
const inMicrons =
  '"Pt-0","true","1.5","2","-3","10.25","20","30"\n"Pt-1","false","0","0","0","Infinity","Infinity","Infinity"\n';

describe('the landmarks of BigWarp', () => {
  it('are read as they are written there: quoted, in the unit of the image, from the centre of voxel 0', () => {
    expect(parseLandmarksCsv(inMicrons, frame)).toEqual({
      landmarks: [
        { id: 'pair-1', name: 'Pt-0', on: true, source: [1505, 2005, -2980], target: [10_250, 20_000, 30_000] },
        { id: 'pair-2', name: 'Pt-1', on: false, source: [5, 5, 20], target: null },
      ],
    });
  });

  it('are written so that they are read again, byte for byte', () => {
    const parsed = parseLandmarksCsv(inMicrons, frame);
    if ('problem' in parsed) throw new Error(parsed.problem);
    expect(landmarksCsv(parsed.landmarks, frame)).toBe(inMicrons);
  });

  it('come back whatever they are called and wherever they lie', () => {
    const value = fc.integer({ min: -1e9, max: 1e9 });
    const nm = fc.tuple(value, value, value);
    const pair = fc.record({
      name: fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, ' ').trim()),
      on: fc.boolean(),
      source: fc.option(nm),
      target: fc.option(nm),
    });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 20 }), (pairs) => {
        const landmarks = pairs.map((one, i): Landmark => ({ ...one, id: `pair-${i + 1}` }));
        const parsed = parseLandmarksCsv(landmarksCsv(landmarks, frame), frame);
        if ('problem' in parsed) throw new Error(parsed.problem);
        parsed.landmarks.forEach((one, i) => {
          const was = landmarks[i];
          expect([one.name, one.on]).toEqual([was?.name, was?.on]);
          for (const end of ['source', 'target'] as const) {
            expect(one[end] === null).toBe(was?.[end] === null);
            one[end]?.forEach((value, a) => expect(value).toBeCloseTo(was?.[end]?.[a] ?? NaN, 2));
          }
        });
      }),
    );
  });

  it('of two dimensions have six columns, and a header is passed over', () => {
    const text = 'name,active,mx,my,fx,fy\r\nPt-0,true,1,2,3,4\r\n';
    expect(parseLandmarksCsv(text, { ...frame, sourceOffsetNm: [0, 0, 0] })).toEqual({
      landmarks: [{ id: 'pair-1', name: 'Pt-0', on: true, source: [1000, 2000, 0], target: [3000, 4000, 0] }],
    });
  });

  it('that are none are refused by their line', () => {
    expect(parseLandmarksCsv('', frame)).toEqual({ problem: expect.stringContaining('no landmarks') });
    expect(parseLandmarksCsv('Pt-0,true,1,2,3,4,5,6\nPt-1,true,1,2\n', frame)).toEqual({
      problem: expect.stringMatching(/^Line 2 has 4 columns/),
    });
    expect(parseLandmarksCsv('Pt-0,true,1,2,3,4,5,six', frame)).toEqual({ problem: 'Line 1: “six” is no number.' });
    const many = 'Pt,true,1,2,3,4,5,6\n'.repeat(2001);
    expect(parseLandmarksCsv(many, frame)).toEqual({ problem: expect.stringContaining('2001 landmarks') });
  });
});

describe('a displacement field that is looked at', () => {
  it('lies in the scanner’s space where its format is a scanner’s, unless the user says otherwise', () => {
    expect(frameOf({ format: 'nifti' }, 'auto')).toBe('physical');
    expect(frameOf({ format: 'ome-zarr' }, 'auto')).toBe('volume');
    expect(frameOf({ format: 'nrrd' }, 'volume')).toBe('volume');
  });

  const level = (size: readonly [number, number, number]) => ({ size }) as never;

  it('is read whole where it is small, else from a coarse level, else from its middle', () => {
    expect(sampleOf({ levels: [level([64, 32, 16])] })).toEqual({ level: 0, box: '0:64,0:32,0:16', isAll: true });
    expect(sampleOf({ levels: [level([512, 512, 512]), level([128, 128, 128])] })).toEqual({
      level: 1,
      box: '0:128,0:128,0:128',
      isAll: false,
    });
    expect(sampleOf({ levels: [level([512, 512, 512])] })).toEqual({
      level: 0,
      box: '0:512,0:512,252:260',
      isAll: false,
    });
  });

  it('moves things by its longest vector; what is no number is left out', () => {
    const bytes = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
    expect(longest('float32', [bytes(0, 3, NaN), bytes(1, 4, 9), bytes(0, 0, 9)])).toBe(5);
    // Voxels may begin at any byte of what came.
    const odd = new Uint8Array(9);
    odd.set(bytes(2, 0), 1);
    expect(longest('float32', [odd.subarray(1), bytes(0, 0), bytes(0, 0)])).toBe(2);
  });
});
