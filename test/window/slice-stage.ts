// Known volumes in the real window, and what slices of them should show, pixel by pixel.
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../../preload/contract/library.ts';
import type { LayerOf, Quaternion, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer, segmentationLayer } from '../../renderer/state/layers.ts';
import { seededRandom } from '../formats/mutate.ts';
import type { KnownLayer, KnownVolume, Picture } from '../renderer/reference/slice.ts';
import { drawSlice } from '../renderer/reference/slice.ts';
import { waitUntilSharp } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella } from './lamella-window.ts';
import type { Pane, PanePixels } from './panes.ts';
import { pixelsIn } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

/** The voxels' type; labels change where bricks do, and elsewhere. */
const dtypes = ['uint8', 'uint8', 'uint64'] as const;

const shapes: readonly Omit<KnownVolume, 'at'>[] = [
  { size: [150, 120, 70], voxelSizeNm: [8, 8, 20], originNm: [0, 0, 0] },
  { size: [90, 100, 80], voxelSizeNm: [12, 10, 14], originNm: [120, 40, 84] },
  { size: [150, 120, 70], voxelSizeNm: [8, 8, 20], originNm: [0, 0, 0] },
];

const labelAt = (x: number, y: number, z: number): number => {
  const cell = Math.floor(x / 16) + 11 * Math.floor(y / 32) + 67 * Math.floor((z + 6) / 10);
  return (x - 75) ** 2 + (y - 60) ** 2 < 400 ? 0 : 1 + cell;
};

/** Two volumes of noise and waves, of different voxels and places, and one of labels. */
function knownVolumes(): readonly KnownVolume[] {
  return shapes.map((shape, which) => {
    if (dtypes[which] === 'uint64') return { ...shape, at: labelAt };
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
function writeVolume(
  folder: string,
  { size, voxelSizeNm, originNm, at }: KnownVolume,
  dtype: 'uint8' | 'uint64' = 'uint8',
): void {
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
        const voxels = dtype === 'uint8' ? Uint8Array.from(bytes) : BigUint64Array.from(bytes, BigInt);
        writeFileSync(join(folder, key, name), new Uint8Array(voxels.buffer));
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
    JSON.stringify({
      type: dtype === 'uint8' ? 'image' : 'segmentation',
      data_type: dtype,
      num_channels: 1,
      scales: [scale],
    }),
  );
}

export interface Stage extends LamellaWindow {
  readonly known: readonly KnownVolume[];
  readonly volumes: readonly Volume[];
}

/** `args`: more of them for the window. */
export async function withVolumes(use: (stage: Stage) => Promise<void>, args: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-slices-'));
  const known = knownVolumes();
  const sources = known.map((volume, i) => {
    const source = join(folder, `volume-${i}`);
    writeVolume(source, volume, dtypes[i]);
    return source;
  });
  const { library, volumes } = await libraryOf(folder, sources);
  const window = await startLamella({ args: [...args, '--library', library] });
  try {
    await use({ ...window, known, volumes });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

export async function show({ page }: Stage, document: ViewDocument): Promise<void> {
  const [lowest] = document.layers;
  if (lowest?.type !== 'image' && lowest?.type !== 'segmentation') throw new Error('the lowest layer is a volume');
  await openDocument(page, lowest.volume, document);
  await waitUntilSharp(page);
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

interface Found {
  readonly mean: number;
  readonly wrong: number;
  readonly covered: number;
}

/**
 * Over the pixels that layers cover: the mean difference from what is right, the share that is off by more than one
 * level, and how many they are.
 */
function compare(drawn: Uint8Array, right: readonly Picture[]): Found {
  let [sum, wrong, covered] = [0, 0, 0];
  for (let i = 0; i < (right[0]?.cover.length ?? 0); i++) {
    if (!right.every(({ cover }) => cover[i])) continue;
    covered += 1;
    let off = Infinity;
    for (const { rgb } of right) off = Math.min(off, worstOf(drawn, 4 * i, rgb, 3 * i));
    sum += off;
    if (off > 1) wrong += 1;
  }
  return { mean: sum / covered, wrong: wrong / covered, covered };
}

function worstOf(drawn: Uint8Array, at: number, rgb: Uint8Array, of: number): number {
  let worst = 0;
  for (let c = 0; c < 3; c++) worst = Math.max(worst, Math.abs((drawn[at + c] ?? 0) - (rgb[of + c] ?? 0)));
  return worst;
}

const isRight = ({ mean, wrong, covered }: Found): boolean => covered > 5_000 && mean <= 0.5 && wrong <= 0.0002;

export const planes = ['xy', 'xz', 'yz'] as const;

export function randomTurn(random: () => number): Quaternion {
  const [u, v, w] = [random(), random(), random()];
  return [
    Math.sqrt(1 - u) * Math.sin(2 * Math.PI * v),
    Math.sqrt(1 - u) * Math.cos(2 * Math.PI * v),
    Math.sqrt(u) * Math.sin(2 * Math.PI * w),
    Math.sqrt(u) * Math.cos(2 * Math.PI * w),
  ];
}

export type Shown = LayerOf<'image'> | LayerOf<'segmentation'>;

export const documentOf = (layers: readonly Shown[], change: Partial<ViewDocument> = {}): ViewDocument => ({
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

export const layersIn = ({ volumes }: Stage): [LayerOf<'image'>, LayerOf<'image'>] => {
  const [a, b] = volumes
    .slice(0, 2)
    .map((volume) => ({ ...imageLayer(volume, 0, volume.id), window: [0, 255] as const }));
  if (!a || !b) throw new Error('there are two volumes');
  return [a, b];
};

export const labelsIn = ({ volumes }: Stage): LayerOf<'segmentation'> => {
  const [, , volume] = volumes;
  if (!volume) throw new Error('there are labels');
  return { ...segmentationLayer(volume, volume.id), volumeMode: 'off' };
};

export const knownLayers = (stage: Stage, document: ViewDocument): readonly KnownLayer[] =>
  document.layers.map((layer, i): KnownLayer => {
    const isShown = layer.type === 'image' || layer.type === 'segmentation';
    const volume = stage.known[stage.volumes.findIndex(({ id }) => isShown && id === layer.volume)];
    if (!isShown || !volume) throw new Error(`layer ${i} is not known`);
    return { layer, volume };
  });

/** Rounding of colours in eight bits may be off by one level; nothing else may be. */
export async function expectPicture(
  { page }: Stage,
  pane: Pane,
  pictureOf: (width: number, height: number, offPx: readonly [number, number]) => Picture,
): Promise<void> {
  expectPixels(await pixelsIn(page, pane), pane, pictureOf);
}

export function expectPixels(
  { width, height, rgba }: PanePixels,
  name: string,
  pictureOf: (width: number, height: number, offPx: readonly [number, number]) => Picture,
): void {
  const draw = (off: (typeof ties)[number]): Picture => pictureOf(width, height, off);
  // Most pictures have hardly a tie; the others are drawn from either side of each.
  const plain = compare(rgba, [draw([0, 0])]);
  const found = isRight(plain) ? plain : compare(rgba, ties.map(draw));
  expect(isRight(found), `${name}: ${JSON.stringify(found)}`).toBe(true);
}

export async function expectPictures(stage: Stage, document: ViewDocument): Promise<void> {
  await show(stage, document);
  const layers = knownLayers(stage, document);
  for (const plane of planes)
    await expectPicture(stage, plane, (w, h, off) => drawSlice(layers, document, plane, w, h, off));
}
