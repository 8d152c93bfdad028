// Slices at any angle and in any blend, against pixels that are worked out one by one.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Blend, LayerOf, Quaternion, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { seededRandom } from '../formats/mutate.ts';
import type { KnownLayer, KnownVolume, Picture } from '../renderer/reference/slice.ts';
import { drawSlice } from '../renderer/reference/slice.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella, test } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

const shapes: readonly Omit<KnownVolume, 'at'>[] = [
  { size: [150, 120, 70], voxelSizeNm: [8, 8, 20], originNm: [0, 0, 0] },
  { size: [90, 100, 80], voxelSizeNm: [12, 10, 14], originNm: [120, 40, 84] },
];

/** Two volumes of noise and waves, of different voxels and places. */
function knownVolumes(): readonly KnownVolume[] {
  return shapes.map((shape, which) => {
    const random = seededRandom(77 + which);
    const [w, h, d] = shape.size;
    const voxels = Uint8Array.from({ length: w * h * d }, (_, i) => {
      const [x, y, z] = [i % w, Math.floor(i / w) % h, Math.floor(i / w / h)];
      return Math.max(
        1,
        Math.round(128 + 60 * Math.sin(x / 9 + which) * Math.cos(y / 7) + 40 * Math.sin(z / 5) + 40 * (random() - 0.5)),
      );
    });
    return { ...shape, at: (x, y, z) => voxels[x + w * (y + h * z)] ?? 0 };
  });
}

/** As raw precomputed in one chunk size that leaves rests at the edges. */
function writeVolume(folder: string, { size, voxelSizeNm, originNm, at }: KnownVolume): void {
  const key = 'full';
  const chunk = 64;
  mkdirSync(join(folder, key), { recursive: true });
  const offset = originNm.map((nm, a) => nm / (voxelSizeNm[a] ?? 1));
  for (let z = 0; z < size[2]; z += chunk)
    for (let y = 0; y < size[1]; y += chunk)
      for (let x = 0; x < size[0]; x += chunk) {
        const from = [x, y, z];
        const to = from.map((start, a) => Math.min(size[a] ?? 0, start + chunk));
        const bytes: number[] = [];
        for (let k = z; k < (to[2] ?? 0); k++)
          for (let j = y; j < (to[1] ?? 0); j++) for (let i = x; i < (to[0] ?? 0); i++) bytes.push(at(i, j, k));
        const name = from.map((start, a) => `${start + (offset[a] ?? 0)}-${(to[a] ?? 0) + (offset[a] ?? 0)}`).join('_');
        writeFileSync(join(folder, key, name), Uint8Array.from(bytes));
      }
  const scale = {
    key,
    size,
    resolution: voxelSizeNm,
    voxel_offset: offset,
    chunk_sizes: [[chunk, chunk, chunk]],
    encoding: 'raw',
  };
  writeFileSync(
    join(folder, 'info'),
    JSON.stringify({ type: 'image', data_type: 'uint8', num_channels: 1, scales: [scale] }),
  );
}

interface Stage extends LamellaWindow {
  readonly known: readonly KnownVolume[];
  readonly volumes: readonly Volume[];
}

async function withVolumes(use: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-slices-'));
  const known = knownVolumes();
  const sources = known.map((volume, i) => {
    const source = join(folder, `volume-${i}`);
    writeVolume(source, volume);
    return source;
  });
  const { library, volumes } = await libraryOf(folder, sources);
  const window = await startLamella({ args: ['--library', library] });
  try {
    await use({ ...window, known, volumes });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

async function show({ page }: Stage, document: ViewDocument): Promise<void> {
  const [lowest] = document.layers;
  await openDocument(page, lowest?.type === 'image' ? lowest.volume : '', document);
  await expect(page.getByLabel('Drawing', { exact: true })).toContainText('sharp');
  await page.waitForTimeout(250);
}

async function pixelsOf(page: Page, pane: string): Promise<{ width: number; height: number; rgb: number[] }> {
  return paneOf(page, pane as 'xy')
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      context?.drawImage(canvas, 0, 0);
      const data = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
      const rgb = Array.from(
        { length: canvas.width * canvas.height * 3 },
        (_, i) => data[4 * Math.floor(i / 3) + (i % 3)] ?? 0,
      );
      return { width: canvas.width, height: canvas.height, rgb };
    });
}

/** Where a voxel's face lies within this far of a pixel's centre, either side of it is right. */
const tiePx = 0.01;
const ties = [
  [0, 0],
  [-tiePx, -tiePx],
  [tiePx, -tiePx],
  [-tiePx, tiePx],
  [tiePx, tiePx],
] as const;

/**
 * Over the pixels that layers cover: the mean difference from what is right, the share that is off by more than one
 * level, and how many they are.
 */
function compare(
  drawn: readonly number[],
  right: readonly Picture[],
): { mean: number; wrong: number; covered: number } {
  let [sum, wrong, covered] = [0, 0, 0];
  for (let i = 0; i < (right[0]?.cover.length ?? 0); i++) {
    if (!right.every(({ cover }) => cover[i])) continue;
    covered += 1;
    const off = Math.min(...right.map(({ rgb }) => worstOf(drawn, rgb, 3 * i)));
    sum += off;
    if (off > 1) wrong += 1;
  }
  return { mean: sum / covered, wrong: wrong / covered, covered };
}

const worstOf = (drawn: readonly number[], rgb: Uint8Array, at: number): number =>
  Math.max(...[0, 1, 2].map((c) => Math.abs((drawn[at + c] ?? 0) - (rgb[at + c] ?? 0))));

const planes = ['xy', 'xz', 'yz'] as const;

function randomTurn(random: () => number): Quaternion {
  const [u, v, w] = [random(), random(), random()];
  return [
    Math.sqrt(1 - u) * Math.sin(2 * Math.PI * v),
    Math.sqrt(1 - u) * Math.cos(2 * Math.PI * v),
    Math.sqrt(u) * Math.sin(2 * Math.PI * w),
    Math.sqrt(u) * Math.cos(2 * Math.PI * w),
  ];
}

const documentOf = (layers: readonly LayerOf<'image'>[], change: Partial<ViewDocument> = {}): ViewDocument => ({
  ...freshDocument,
  // No pixel's centre lies on the face of a voxel: either side of it would be right.
  positionNm: [601.3717, 482.7331, 703.9183],
  nmPerPx: 5.29173,
  fitted: false,
  layers: [...layers],
  selectedLayer: layers[0]?.id ?? null,
  crossHair: false,
  ...change,
});

const layersIn = ({ volumes }: Stage): [LayerOf<'image'>, LayerOf<'image'>] => {
  const [a, b] = volumes.map((volume) => ({ ...imageLayer(volume, 0, volume.id), window: [0, 255] as const }));
  if (!a || !b) throw new Error('there are two volumes');
  return [a, b];
};

/** Rounding of colours in eight bits may be off by one level; nothing else may be. */
async function expectPictures(stage: Stage, document: ViewDocument): Promise<void> {
  await show(stage, document);
  const layers = document.layers.map((layer, i): KnownLayer => {
    const volume = stage.known[stage.volumes.findIndex(({ id }) => layer.type === 'image' && id === layer.volume)];
    if (layer.type !== 'image' || !volume) throw new Error(`layer ${i} is not known`);
    return { layer, volume };
  });
  for (const plane of planes) {
    const drawn = await pixelsOf(stage.page, plane);
    const found = compare(
      drawn.rgb,
      ties.map((off) => drawSlice(layers, document, plane, drawn.width, drawn.height, off)),
    );
    const about = `${plane}: ${JSON.stringify(found)}`;
    expect(found.covered, about).toBeGreaterThan(5_000);
    expect(found.mean, about).toBeLessThanOrEqual(0.5);
    expect(found.wrong, about).toBeLessThanOrEqual(0.0002);
  }
}

test('straight slices are the voxels, windowed, bent, inverted, tinted and mapped', async () => {
  await withVolumes(async (stage) => {
    const [a] = layersIn(stage);
    const looks: ReadonlyArray<Partial<LayerOf<'image'>>> = [
      {},
      { window: [60, 190], gamma: 0.6, colour: { tint: '#3fb6a8' } },
      { window: [30.5, 200.25], inverted: true, colour: { map: 'viridis' } },
    ];
    for (const look of looks) await expectPictures(stage, documentOf([{ ...a, ...look }]));
  });
});

test('slices at 21 random angles are what a resampler finds there', async () => {
  await withVolumes(async (stage) => {
    const random = seededRandom(5);
    const [a, b] = layersIn(stage);
    for (let n = 0; n < 7; n++) {
      const layers = [n % 2 === 0 ? a : b];
      await expectPictures(stage, documentOf(layers, { rotation: randomTurn(random) }));
    }
  });
});

test('every blend is its formula, over a checkerboard, a shifted and a turned layer too', async () => {
  await withVolumes(async (stage) => {
    const [a, b] = layersIn(stage);
    const blends: readonly Blend[] = ['additive', 'over', 'max', 'min', 'multiply', 'difference'];
    for (const blend of blends)
      await expectPictures(stage, documentOf([a, { ...b, blend, opacity: 0.7, colour: { tint: '#ffbf40' } }]));
    const board = [
      { ...a, checker: 'even' as const },
      { ...b, checker: 'odd' as const },
    ];
    await expectPictures(stage, documentOf(board, { checkerPx: 24 }));
    const shift: Vec3 = [33, -21, 20];
    const cos = Math.cos(0.3);
    const sin = Math.sin(0.3);
    const worldFromLayer = [cos, -sin, 0, 100 + shift[0], sin, cos, 0, -120 + shift[1], 0, 0, 1.1, shift[2]];
    await expectPictures(stage, documentOf([a, { ...b, blend: 'difference', worldFromLayer }]));
  });
});
