import { describe, expect, test } from 'vitest';
import { freshDocument, type Layer } from '../../preload/contract/view-state.ts';
import { Eta } from '../../renderer/state/figure/eta.ts';
import { decorOf, type Shape } from '../../renderer/state/figure/decor.ts';
import {
  dpiOf,
  provenanceOf,
  shotCamera,
  sizeOf,
  sizeProblem,
  widthPxOf,
  type FigureDraft,
} from '../../renderer/state/figure/figure-plan.ts';
import { legendOf } from '../../renderer/state/figure/legend.ts';
import { pngSink } from '../../renderer/state/figure/png.ts';
import type { PictureFacts, RowSink, Write } from '../../renderer/state/figure/row-sink.ts';
import { lengthLabel, roundBar } from '../../renderer/state/figure/scale-bar.ts';
import { svgAround } from '../../renderer/state/figure/svg.ts';
import { tiffSink } from '../../renderer/state/figure/tiff.ts';
import { imageLayer, segmentationLayer, shapeLayer } from '../../renderer/state/layers.ts';
import { orbitPlace } from '../../renderer/state/orbit.ts';
import { tileRows } from '../../renderer/state/shots.ts';
import { em, known, labels, meshes, onDisk } from './neuroglancer/library.ts';
import { pngChunks, pngPixels } from './png-pixels.ts';
import { readRgbTiff } from './tiff-tags.ts';

/** A file in memory, written as the engine's are. */
function memoryFile(): { readonly write: Write; readonly bytes: () => Uint8Array<ArrayBuffer> } {
  let bytes = new Uint8Array(0);
  return {
    write: async (part, at = bytes.byteLength) => {
      const all = new Uint8Array(Math.max(bytes.byteLength, at + part.byteLength));
      all.set(bytes);
      all.set(part, at);
      bytes = all;
    },
    bytes: () => bytes,
  };
}

const facts: PictureFacts = { widthPx: 37, heightPx: 301, pxPerMm: 11.811, nmPerPx: 4, provenance: '{"a":"\\u00b5"}' };
const level = (x: number, y: number, c: number): number => (x * 7 + y * 13 + c * 101 + ((x * y) % 31) * 5) & 255;

/** Sends a picture in bands of uneven heights. */
async function draw(sink: RowSink, { widthPx, heightPx }: PictureFacts): Promise<void> {
  for (let y = 0; y < heightPx;) {
    const count = Math.min(heightPx - y, 50 + (y % 7));
    const band = new Uint8Array(count * widthPx * 4);
    for (let i = 0; i < count * widthPx; i++)
      for (let c = 0; c < 4; c++) band[i * 4 + c] = level(i % widthPx, y + Math.floor(i / widthPx), c);
    await sink.rows(band);
    y += count;
  }
  await sink.end();
}

const expected = ({ widthPx, heightPx }: PictureFacts): Uint8Array =>
  Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % widthPx, Math.floor(pixel / widthPx), i % 3);
  });

describe('PNG', () => {
  test('holds every pixel, its size on paper and where it comes from', async () => {
    const file = memoryFile();
    await draw(await pngSink(facts, file.write), facts);
    const chunks = pngChunks(file.bytes());
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'pHYs', 'tEXt', 'tEXt', 'IDAT', 'IEND']);
    const header = new DataView(chunks[0]!.data.slice().buffer);
    expect([header.getUint32(0), header.getUint32(4), header.getUint8(8), header.getUint8(9)]).toEqual([37, 301, 8, 2]);
    expect(new DataView(chunks[1]!.data.slice().buffer).getUint32(0)).toBe(11_811);
    expect(new TextDecoder().decode(chunks[3]!.data)).toBe('Description\0{"a":"\\u00b5"}');
    expect(Buffer.compare(pngPixels(chunks, 37), expected(facts))).toBe(0);
  });

  test('ends with the error of a write that fails', async () => {
    const full: Write = (bytes) => (bytes.byteLength > 5000 ? Promise.reject(new Error('full')) : Promise.resolve());
    const large = { ...facts, widthPx: 3000, heightPx: 600 };
    await expect(pngSink(large, full).then((sink) => draw(sink, large))).rejects.toThrow('full');
  });
});

describe('TIFF', () => {
  test.each([[301], [128], [1]])(
    'of %i rows holds every pixel, its size on paper and where it comes from',
    async (heightPx) => {
      const own = { ...facts, heightPx };
      const file = memoryFile();
      await draw(await tiffSink(own, file.write), own);
      const wanted = expected(own);
      const read = readRgbTiff(file.bytes());
      expect(Buffer.compare(read.pixels, wanted)).toBe(0);
      expect(read.description).toBe(own.provenance);
      expect(read.perCm).toBeCloseTo(118.11, 3);
    },
  );
});

describe('SVG', () => {
  const shapes: readonly Shape[] = [
    { kind: 'box', x: 1, y: 2, width: 30, height: 4, fill: ['#000000', '#ff0000'] },
    { kind: 'text', x: 5, y: 6, text: 'a < b & "c" µ', sizePx: 12, anchor: 'start', colour: '#ffffff' },
  ];

  test('embeds the picture and keeps shapes and words', async () => {
    const file = memoryFile();
    const size = { width: facts.widthPx, height: facts.heightPx };
    const around = await svgAround(
      { size, widthMm: 18.5, title: 'A<B', provenance: facts.provenance, shapes },
      file.write,
    );
    const sink = await pngSink(facts, around.picture);
    await draw(sink, facts);
    await around.end();
    const text = new TextDecoder().decode(file.bytes());
    expect(text).toContain('width="18.5mm" height="150.5mm" viewBox="0 0 37 301"');
    expect(text).toContain('<title>A&#60;B</title>');
    expect(text).toContain('>a &#60; b &#38; &#34;c&#34; µ</text>');
    expect(text).toContain('fill="url(#map-0)"');
    const png = Buffer.from(/base64,([^"]*)"/.exec(text)?.[1] ?? '', 'base64');
    expect(Buffer.compare(pngPixels(pngChunks(new Uint8Array(png)), 37), expected(facts))).toBe(0);
    // Every tag is closed: it is XML.
    const open: string[] = [];
    for (const [, end, name = '', self] of text.replace(/<\?.*?\?>/, '').matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g))
      if (end) expect(open.pop()).toBe(name);
      else if (!self) open.push(name);
    expect(open).toEqual([]);
  });
});

describe('scale bars', () => {
  test('are round, at most as long as asked for, and wrong by half a pixel at most', () => {
    for (let i = 0; i < 400; i++) {
      const nmPerPx = 10 ** (-2 + i * 0.021) * 1.0371;
      const bar = roundBar(nmPerPx, 1800);
      expect(bar).not.toBe(null);
      expect(Math.abs((bar?.widthPx ?? 0) - (bar?.lengthNm ?? 0) / nmPerPx)).toBeLessThanOrEqual(0.5);
      expect(bar?.widthPx).toBeLessThanOrEqual(1800);
      expect(bar?.widthPx).toBeGreaterThan(1800 * 0.39);
      expect(String(bar?.lengthNm.toExponential(3))).toMatch(/^[125]\.000e/);
    }
  });

  test.each([
    [0.5, '500 pm'],
    [2, '2 nm'],
    [999, '999 nm'],
    [1000, '1 µm'],
    [5e5, '500 µm'],
    [1e6, '1 mm'],
    [2e9, '2 m'],
  ])('%f nm is %s', (nm, label) => expect(lengthLabel(nm)).toBe(label));

  test('bars of what has no unit of length count voxels', () => {
    expect(roundBar(2.5, 100, true)).toEqual({ lengthNm: 200, widthPx: 80, label: '200 voxels' });
    expect(roundBar(0.01, 130, true)?.label).toBe('1 voxel');
    expect(roundBar(0.001, 600, true)?.label).toBe('0.5 voxels');
  });

  test('where a pixel has no length there is none', () => {
    expect(roundBar(Number.NaN, 100)).toBe(null);
    expect(roundBar(0, 100)).toBe(null);
  });
});

const draft: FigureDraft = {
  pane: { id: 'xy', kind: 'xy', group: 'main' },
  paneSize: { width: 800, height: 600 },
  camera: { positionNm: [1, 2, 3], nmPerPx: 8, rotation: [0, 0, 0, 1], orbit: freshDocument.orbit },
  format: 'png',
  widthPx: 8192,
  lineMm: null,
  widthMm: 170,
  scaleBar: true,
  legend: true,
  overlay: false,
};

describe('plans', () => {
  test('show the field of the pane at any size', () => {
    expect(sizeOf(draft)).toEqual({ width: 8192, height: 6144 });
    expect(shotCamera(draft, null).nmPerPx * 8192).toBeCloseTo(8 * 800, 9);
    const box = { min: [0, 0, 0], max: [3000, 4000, 0] } as const;
    const orbit = shotCamera({ ...draft, pane: { id: '3d', kind: '3d', group: 'main' } }, box);
    const onScreen = orbitPlace(box, draft.camera.orbit, draft.paneSize).nmPerPx;
    expect(orbit.nmPerPx * 8192).toBeCloseTo(onScreen * 800, 6);
  });

  test('know the limits', () => {
    expect(sizeProblem(draft)).toBe(null);
    expect(sizeProblem({ ...draft, widthPx: 8 })).toMatch(/at least 16/);
    expect(sizeProblem({ ...draft, widthPx: 40_000 })).toMatch(/32768/);
    expect(sizeProblem({ ...draft, widthPx: 30_000 })).toMatch(/600 million/);
    expect(widthPxOf(85, 300)).toBe(1004);
    expect(dpiOf(1004, 85)).toBeCloseTo(300, 1);
  });

  test('cut a picture into tiles that cover it once', () => {
    const rows = tileRows({ width: 5000, height: 2049 });
    expect(rows.map((row) => row.map(({ width, height }) => [width, height]))).toEqual([
      [
        [2048, 2048],
        [2048, 2048],
        [904, 2048],
      ],
      [
        [2048, 1],
        [2048, 1],
        [904, 1],
      ],
    ]);
  });

  test('name the layers, the top one first, and no path of this computer', () => {
    const layers = [
      { ...imageLayer(em, 0, 'a'), name: 'EM', window: [10, 240.25] as const },
      { ...imageLayer(onDisk, 0, 'b'), name: 'µ-CT', colour: { map: 'inferno' }, inverted: true, gamma: 0.5 },
      { ...imageLayer(em, 0, 'c'), name: 'hidden', visible: false },
    ];
    const colours = { map: () => ['#000000', '#ffffff'], key: (key: string) => `#00000${key}` };
    expect(legendOf(layers, colours)).toEqual([
      { name: 'µ-CT', detail: '10 – 240, γ 0.5, inverted', colours: ['#000000', '#ffffff'] },
      { name: 'EM', detail: '10 – 240.3', colours: ['#000000', '#ffffff'] },
    ]);
    const text = provenanceOf({ draft, layers, known, time: 0, nmPerPx: 0.78125, version: '1.0.0', at: 'now' });
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(text).not.toContain('/home');
    const read = JSON.parse(text) as { layers: { name: string; source?: string }[] };
    expect(read).toMatchObject({ software: 'Lamella 1.0.0', plane: 'xy', positionNm: [1, 2, 3], nmPerPx: 0.78125 });
    expect(read.layers.map(({ name, source }) => [name, source])).toEqual([
      ['EM', em.source.text],
      ['µ-CT', undefined],
    ]);
  });
});

test('a legend has the colours that things are drawn with', () => {
  const ids = { ...segmentationLayer(labels, 'ids'), selected: ['7', '8'] };
  const mesh = shapeLayer(meshes, []);
  const layers: readonly Layer[] = [
    ids,
    mesh,
    { ...mesh, id: 'one', shown: ['5'] } as Layer,
    { ...mesh, id: 'red', colour: '#ff0000' } as Layer,
    { ...mesh, id: 'follows', follows: 'ids' } as Layer,
  ];
  const colours = { map: () => [], key: (key: string) => `#00000${key}` };
  expect(legendOf(layers, colours, () => ['1', '2']).map((entry) => [entry.colours, entry.stripes])).toEqual([
    [['#000007', '#000008'], true],
    [['#ff0000'], undefined],
    [['#000005'], undefined],
    [['#000001', '#000002'], true],
    [['#000007', '#000008'], true],
  ]);
  const decor = { size: { width: 900, height: 900 }, nmPerPx: 1, unsized: false, scaleBar: false, measure: () => 10 };
  const boxes = decorOf({ ...decor, legend: legendOf([ids], colours) }).filter(({ kind }) => kind === 'box');
  expect(boxes.map((box) => box.kind === 'box' && [box.width, box.fill]).slice(1)).toEqual([
    [16, '#000007'],
    [16, '#000008'],
  ]);
});

describe('what lies over a figure', () => {
  const measure = (text: string, sizePx: number): number => text.length * sizePx * 0.55;
  const legend = Array.from({ length: 20 }, (_, i) => ({
    name: `layer ${i} ${'x'.repeat(i * 9)}`,
    detail: '0 – 255',
    colours: ['#ff0000'],
  }));

  test.each([
    [8192, 6144],
    [400, 300],
    [300, 2000],
  ])('stays inside of %i x %i, and stands on whole pixels', (width, height) => {
    const shapes = decorOf({ size: { width, height }, nmPerPx: 3.7, unsized: false, scaleBar: true, legend, measure });
    const boxes = shapes.filter((shape) => shape.kind === 'box');
    for (const { x, y, width: w, height: h } of boxes) {
      expect([x, y, w, h].every(Number.isInteger)).toBe(true);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + w).toBeLessThanOrEqual(width);
      expect(y + h).toBeLessThanOrEqual(height);
    }
    expect(shapes.some((shape) => shape.kind === 'text' && shape.text.startsWith('and 5 more'))).toBe(true);
  });

  test('the bar is as long as its label says', () => {
    const shapes = decorOf({
      size: { width: 8192, height: 6144 },
      nmPerPx: 3.7,
      unsized: false,
      scaleBar: true,
      legend: [],
      measure,
    });
    const bar = shapes.findLast((shape) => shape.kind === 'box');
    const label = shapes.find((shape) => shape.kind === 'text');
    expect(label?.kind === 'text' && label.text).toBe('5 µm');
    expect(bar?.kind === 'box' && Math.abs(bar.width - 5000 / 3.7)).toBeLessThanOrEqual(0.5);
  });
});

test('the time that is left follows from the time that was taken', () => {
  let now = 1000;
  const eta = new Eta(() => now);
  expect(eta.of(0, 10)).toBe(null);
  now = 3000;
  expect(eta.of(4, 10)).toBe(3);
  expect(eta.of(10, 10)).toBe(0);
});
