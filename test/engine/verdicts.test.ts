import { expect, test } from 'vitest';
import { judgeTiles, type MeasuredTile, robustScale } from '../../main/engine/intake/verdicts.ts';
import type { Inspection } from '../../main/engine/intake/inspect.ts';

type Measured = Extract<Inspection, { ok: true }>['measured'];

const usual: Measured = {
  format: 'png',
  sizePx: [100, 80],
  dtype: 'uint8',
  channels: 1,
  fileBytes: 1000,
  sha256: 'f',
  pixelSha256: '',
  thumbnailSize: [10, 8],
  mean: 120,
  sd: 30,
  min: 3,
  max: 250,
  percentiles: [5, 120, 240],
  focus: 1,
  saturated: 0,
  black: 0,
  blankness: 0,
  histogram: [],
  histogramRange: [0, 255],
  truncated: false,
  morePictures: false,
  decodedFraction: 1,
};

let next = 0;
function tile(
  changes: Partial<Measured> = {},
  more: { readonly mipmapLevel?: number; readonly layoutSize?: readonly [number, number] } = {},
): MeasuredTile {
  const name = `t${next++}.png`;
  const measured = { ...usual, pixelSha256: name, ...changes };
  const { mipmapLevel = 0, layoutSize = null } = more;
  const scale = 2 ** mipmapLevel;
  return {
    located: {
      layout: {
        name,
        section: 0,
        images: new Map(),
        sizePx: layoutSize,
        place: { kind: 'grid', row: 0, col: 0 },
        spec: null,
      },
      path: `/d/${name}`,
      isFound: true,
      mask: null,
      channels: [],
      mipmapLevel,
    },
    inspection: { ok: true, measured },
    sizePx: layoutSize ?? [measured.sizePx[0] * scale, measured.sizePx[1] * scale],
  };
}

const many = (n: number): MeasuredTile[] => Array.from({ length: n }, (_, i) => tile({ focus: 1 + 0.02 * (i % 5) }));
/** The verdict of one odd tile among usual ones. */
const odd = (changes: Partial<Measured>, more?: Parameters<typeof tile>[1]): string => {
  const judged = judgeTiles([...many(10), tile(changes, more)]).at(-1);
  return `${judged?.verdict}: ${judged?.reasons.join('; ')}`;
};

test.each<[string, Partial<Measured>, string]>([
  ['like the others', {}, 'ok: '],
  ['blank', { blankness: 1, focus: 0 }, 'bad: blank: no texture in 100 % of it'],
  ['almost blank', { blankness: 0.9 }, 'warn: almost blank: no texture in 90 % of it'],
  ['out of focus', { focus: 0.2 }, 'warn: out of focus: its sharpness is 19 % of what is usual in this dataset'],
  ['a little soft', { focus: 0.8 }, 'ok: '],
  ['saturated', { saturated: 0.12 }, 'warn: saturated: 12 % of its pixels are as bright as can be'],
  ['half black', { black: 0.5 }, 'warn: black: 50 % of its pixels are 0'],
  [
    'several pages',
    { morePictures: true },
    'warn: has several pages, of which the first is used: save each as a file of its own',
  ],
  ['cut short', { truncated: true, decodedFraction: 0.63 }, 'bad: cut short: 63 % of its rows are there'],
  ['of another size', { sizePx: [90, 80] }, 'warn: 90 x 80 px where most tiles are 100 x 80 px'],
  ['of another depth', { dtype: 'uint16' }, 'warn: 16-bit where most tiles are 8-bit'],
])('a tile that is %s', (_name, changes, verdict) => {
  expect(odd(changes)).toBe(verdict);
});

test('a file of another size than the layout says is bad; a mipmap of the right size is not', () => {
  expect(odd({ sizePx: [50, 40] }, { layoutSize: [100, 80] })).toBe(
    "bad: its file is 50 x 40 px where the layout's 100 x 80 px need 100 x 80",
  );
  expect(odd({ sizePx: [50, 40] }, { layoutSize: [100, 80], mipmapLevel: 1 })).toBe('ok: ');
  expect(judgeTiles([tile({ sizePx: [50, 40] }, { layoutSize: [101, 81], mipmapLevel: 1 })])[0]?.verdict).toBe('ok');
});

test('the second of two tiles with the same pixels is bad, and names the first', () => {
  const [first, second] = [tile({ pixelSha256: 'same' }), tile({ pixelSha256: 'same' })];
  const judged = judgeTiles([...many(3), first, second]);
  expect(judged.at(-2)?.verdict).toBe('ok');
  expect(judged.at(-1)).toEqual({ verdict: 'bad', reasons: [`repeats the pixels of ${first.located.layout.name}`] });
});

test('two blank tiles are blank, and not repeats of each other', () => {
  const blank = { blankness: 1, pixelSha256: 'white' };
  expect(judgeTiles([tile(blank), tile(blank)]).map((j) => j.reasons)).toEqual([
    ['blank: no texture in 100 % of it'],
    ['blank: no texture in 100 % of it'],
  ]);
});

test('says why a tile could not be measured', () => {
  const lost: MeasuredTile = { ...tile(), inspection: null, located: { ...tile().located, isFound: false } };
  const broken: MeasuredTile = { ...tile(), inspection: { ok: false, why: 'not an image.', hint: '' } };
  expect(judgeTiles([lost, broken]).map((j) => [j.verdict, j.reasons])).toEqual([
    ['bad', ['its file was not found']],
    ['bad', ['not an image.']],
  ]);
});

test('a few tiles say nothing of what sharpness is usual', () => {
  expect(judgeTiles([tile({ focus: 1 }), tile({ focus: 0.01 })]).every((j) => j.verdict === 'ok')).toBe(true);
});

test('robust scale', () => {
  expect(robustScale([1, 2, 3, 4, 100])).toEqual({ median: 3, sigma: 1.4826 });
  expect(robustScale([2, 2, 2]).sigma).toBe(0.05);
});
