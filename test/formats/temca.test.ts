// Metadata of a TEMCA: the Allen Institute's own file, and what may be wrong with one.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readLayout } from '../../main/engine/intake/layout.ts';
import { looksLikeTemca, parseTemcaMetadata } from '../../main/engine/formats/temca-metadata.ts';

const file = join(import.meta.dirname, '../../../shared/data/point-matches/TEMCA_mdfile.json');

interface Image {
  img_path: string;
  img_meta: Record<string, unknown>;
  focus_score?: number;
}

/** A region of 4 x 3 images of 100 px at 5 nm, 10 % overlap; the camera upside down, as at the Allen Institute. */
function region(change: (images: Image[], roi: Record<string, unknown>) => void = () => undefined): string {
  const images: Image[] = Array.from({ length: 12 }, (_, i) => {
    const [col, row] = [i % 4, Math.floor(i / 4)];
    const img_meta = {
      stage_pos: [-450 * col, 9000 - 450 * row],
      raster_pos: [col, row],
      raster_index: i,
      angle: 180,
      pixel_size: 5,
    };
    return {
      img_path: `20170829130224${String(i).padStart(3, '0')}_x_${col}_${row}.tif`,
      img_meta,
      focus_score: 20 + i,
    };
  });
  const roi = {
    grid: '000012',
    temca_id: 'temca2',
    overlap: 0.1,
    camera_info: { width: 100, height: 100, camera_id: '7' },
    calibration: { highmag: { x_nm_per_pix: 5 } },
  };
  change(images, roi);
  return JSON.stringify([{ metadata: roi }, { data: images }]);
}

describe.skipIf(!existsSync(file))('the real file', () => {
  const metadata = existsSync(file) ? parseTemcaMetadata(readFileSync(file, 'utf8'), 'TEMCA_mdfile.json') : null;

  test('gives 200 tiles with camera, stage, raster and time, and contradicts itself nowhere', () => {
    expect(metadata).toMatchObject({ section: 1050, sizePx: [3840, 3840], pixelNm: 3.5, overlap: 0.07, warnings: [] });
    expect(metadata?.tiles).toHaveLength(200);
    expect(metadata?.tiles[0]?.spec).toMatchObject({
      tileId: '20170829130224998_295434_5LC_0064_01_redo_001050_0_88_0.1050.0',
      z: 1050,
      width: 3840,
      layout: {
        sectionId: '1050.0',
        temca: 'temca2',
        camera: '44500428',
        imageCol: 88,
        imageRow: 0,
        stageX: -957_703,
        stageY: 837_897,
        rotation: 180,
        pixelsize: 3.5,
      },
      acquisition: { time: '2017-08-29T13:02:24.998', index: 0 },
    });
  });

  test('neighbours overlap by 7 %, to the right and down as on the raster', () => {
    const at = new Map(metadata?.tiles.map((tile) => [tile.raster?.join(','), tile.stageFromTile]));
    const [first, right, below] = ['88,0', '89,0', '88,1'].map((key) => at.get(key));
    expect((right?.[4] ?? 0) - (first?.[4] ?? 0)).toBeCloseTo(12_495 / 3.5, 6);
    expect(1 - ((right?.[4] ?? 0) - (first?.[4] ?? 0)) / 3840).toBeCloseTo(0.07, 2);
    expect(1 - ((below?.[5] ?? 0) - (first?.[5] ?? 0)) / 3840).toBeCloseTo(0.07, 2);
  });

  test('is told by its first bytes', () => {
    expect(looksLikeTemca(readFileSync(file, 'utf8').slice(0, 4096))).toBe(true);
  });
});

test('the number of the section may be given', () => {
  const { section, tiles } = parseTemcaMetadata(region(), 'm.json', 3);
  expect([section, tiles[0]?.spec['z'], tiles[0]?.tileId]).toEqual([3, 3, '20170829130224000_x_0_0.3.0']);
});

test.each<[string, (images: Image[], roi: Record<string, unknown>) => void, RegExp]>([
  [
    'a stage that does not fit the raster',
    (images) => (images[5]!.img_meta['stage_pos'] = [4500, 0]),
    /its stage position lies \d+ px off its raster position 1, 1; the stage position is used/,
  ],
  ['two images at one place', (images) => (images[6]!.img_meta['raster_pos'] = [1, 1]), /both say raster position 1,1/],
  [
    'another magnification',
    (images) => (images[2]!.img_meta['pixel_size'] = 7),
    /has pixels of 7 x 7 nm where the calibration says 5 nm/,
  ],
  [
    'another angle',
    (images) => (images[2]!.img_meta['angle'] = 90),
    /an angle of 90 degrees where the others have 180/,
  ],
  [
    'an overlap that the positions deny',
    (_images, roi) => (roi['overlap'] = 0.3),
    /overlap by 30 %, and its stage positions by 10 %/,
  ],
  [
    'an image without a place',
    (images) => delete images[3]!.img_meta['stage_pos'],
    /Image 4 .* has no stage_pos; it is left out/,
  ],
])('names %s, and reads the rest', (_what, change, message) => {
  const { tiles, warnings } = parseTemcaMetadata(region(change), 'm.json');
  expect(warnings.map((warning) => warning.message).join('\n')).toMatch(message);
  expect(tiles.length).toBeGreaterThanOrEqual(11);
});

test('a region that is right has no warning', () => {
  expect(parseTemcaMetadata(region(), 'm.json').warnings).toEqual([]);
});

test.each([
  ['{"a": 1}', /lists no images/],
  ['[{"metadata": {}}, {"data": []}]', /lists no images/],
  ['[{"data": [{"img_path": 3}, null, {}]}]', /None of its images/],
  ['[{"metadata"', /is not JSON/],
])('refuses %s by name', (text, message) => {
  expect(() => parseTemcaMetadata(text, 'm.json')).toThrow(message);
});

if (!existsSync(file)) console.log('Skipped: the real metadata file is looked for in ../shared/data/point-matches.');

test('the files of several regions are read together: one space a section, the later image of a place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-temca-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const at = (time: string, centre: readonly [number, number], grid = '000012') =>
    region((images, roi) => {
      Object.assign(roi, { roi_creation_time: time, roi_center: centre, grid });
      for (const image of images) image.img_path = image.img_path.replace('_x_', `_${time}_`);
    });
  put('b/second.json', at('20170829', [0, 9000]));
  put('a/first.json', at('20170828', [450, 9000]));
  put('c/other.json', at('20170830', [0, 0], '000013'));
  put('c/broken.json', '[{"metadata": {"temca_id": "2"');
  put('notes.json', '{"no": "metadata"}');
  const { tiles, warnings, pixelNm } = readLayout('temca:*.json', { folder, paths: [], isCut: false });
  expect(pixelNm).toBe(5);
  expect(tiles.map(({ section }) => section)).toEqual([...Array<number>(12).fill(12), ...Array<number>(12).fill(13)]);
  // Both regions of section 12 show the same places: the second is used, where the first counts from.
  const [tile] = tiles;
  expect(tile?.name).toContain('_20170829_0_0');
  expect(tile?.place).toMatchObject({ stageFromTile: [1, 0, 0, 1, 90, 0] });
  expect(warnings.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
    expect.stringMatching(/^c\/broken\.json: .*not JSON/),
    'b/second.json: Section 12: 12 places were taken again in b/second.json; the later images are used.',
  ]);
  expect(() => readLayout('temca:*.json;z=4', { folder, paths: [], isCut: false })).toThrow(/several files/);
  expect(() => readLayout('temca:none*.json', { folder, paths: [], isCut: false })).toThrow(/No metadata of a TEMCA/);
});
