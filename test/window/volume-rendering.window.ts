// Volume rendering in the real window, against rays that are followed one by one through whole levels.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ssim } from 'ssim.js';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Clip, LayerOf, ViewDocument, VolumeMode } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import type { RayPicture, WholeLevel } from '../renderer/reference/ray-march.ts';
import { marchRays } from '../renderer/reference/ray-march.ts';
import { waitUntilState } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import type { PanePixels } from './panes.ts';
import { pixelsIn } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

const chunk = 32;

interface Shape {
  readonly name: string;
  readonly size: Vec3;
  readonly voxelSizeNm: Vec3;
  /** Which axes the coarse level halves. */
  readonly halved: Vec3;
  /** Whether every other chunk of the fine level can not be read. */
  readonly damaged: boolean;
}

const nearlyCubes: Shape = {
  name: 'nearly cubes',
  size: [90, 80, 70],
  voxelSizeNm: [11, 10, 12],
  halved: [1, 1, 1],
  damaged: false,
};
const flat: Shape = { name: 'flat', size: [100, 90, 28], voxelSizeNm: [10, 10, 36], halved: [1, 1, 0], damaged: false };
const shapes: readonly Shape[] = [nearlyCubes, flat, { ...nearlyCubes, name: 'damaged', damaged: true }];

const isDamaged = (x: number, y: number, z: number): boolean => (x + y + z) % 2 === 1;

function levelsOf({ size, voxelSizeNm, halved }: Shape): readonly WholeLevel[] {
  return [0, 1].map((level) => {
    const by = (a: 0 | 1 | 2): number => 2 ** (level * halved[a]);
    const [w, h, d] = [Math.ceil(size[0] / by(0)), Math.ceil(size[1] / by(1)), Math.ceil(size[2] / by(2))];
    const nm: Vec3 = [voxelSizeNm[0] * by(0), voxelSizeNm[1] * by(1), voxelSizeNm[2] * by(2)];
    const voxels = new Uint8Array(w * h * d);
    for (let i = 0; i < voxels.length; i++) {
      const [x, y, z] = [
        ((i % w) + 0.5) * nm[0],
        ((Math.floor(i / w) % h) + 0.5) * nm[1],
        (Math.floor(i / w / h) + 0.5) * nm[2],
      ];
      voxels[i] = 91 + 70 * Math.sin(x / 130) * Math.cos(y / 110) + 60 * Math.cos(z / 150 + x / 300);
    }
    return { size: [w, h, d], voxelSizeNm: nm, originNm: [0, 0, 0], voxels };
  });
}

/** As raw precomputed. */
function writeVolume(folder: string, shape: Shape): void {
  const levels = levelsOf(shape);
  levels.forEach(({ size, voxels }, level) => {
    mkdirSync(join(folder, String(level)), { recursive: true });
    for (let z = 0; z < size[2]; z += chunk)
      for (let y = 0; y < size[1]; y += chunk)
        for (let x = 0; x < size[0]; x += chunk) {
          const to = [
            Math.min(size[0], x + chunk),
            Math.min(size[1], y + chunk),
            Math.min(size[2], z + chunk),
          ] as const;
          const bytes: number[] = [];
          for (let k = z; k < to[2]; k++)
            for (let j = y; j < to[1]; j++)
              for (let i = x; i < to[0]; i++) bytes.push(voxels[i + size[0] * (j + size[1] * k)] ?? 0);
          const cut = shape.damaged && level === 0 && isDamaged(x / chunk, y / chunk, z / chunk);
          const name = `${x}-${to[0]}_${y}-${to[1]}_${z}-${to[2]}`;
          writeFileSync(join(folder, String(level), name), Uint8Array.from(cut ? bytes.slice(0, 7) : bytes));
        }
  });
  const scales = levels.map(({ size, voxelSizeNm }, level) => ({
    key: String(level),
    size,
    resolution: voxelSizeNm,
    voxel_offset: [0, 0, 0],
    chunk_sizes: [[chunk, chunk, chunk]],
    encoding: 'raw',
  }));
  writeFileSync(join(folder, 'info'), JSON.stringify({ type: 'image', data_type: 'uint8', num_channels: 1, scales }));
}

interface Stage extends LamellaWindow {
  readonly volumes: readonly Volume[];
}

async function withVolumes(use: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-volumes-'));
  const sources = shapes.map((shape) => {
    const source = join(folder, shape.name.replace(' ', '-'));
    writeVolume(source, shape);
    return source;
  });
  const { library, volumes } = await libraryOf(folder, sources);
  const window = await startLamella({ args: ['--library', library] });
  try {
    await use({ ...window, volumes });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

/** The middle of the 3-D pane, as far as `side` goes. */
const side = 200;

function middleOf({ width, height }: Pick<PanePixels, 'width' | 'height'>): RayPicture['tile'] {
  const tile = { width: Math.min(side, width), height: Math.min(side, height) };
  return { ...tile, x: Math.floor((width - tile.width) / 2), y: Math.floor((height - tile.height) / 2) };
}

/** What the 3-D pane shows there, once it no longer changes. */
async function middlePixels(page: Page): Promise<Uint8ClampedArray> {
  let now = await pixelsIn(page, '3d');
  await expect
    .poll(
      async () => {
        const before = now;
        now = await pixelsIn(page, '3d');
        return Buffer.compare(before.rgba, now.rgba);
      },
      { intervals: [400] },
    )
    .toBe(0);
  const { x, y, width, height } = middleOf(now);
  const rows = Array.from({ length: height }, (_, row) => 4 * (x + (y + row) * now.width));
  return Uint8ClampedArray.from(Buffer.concat(rows.map((from) => now.rgba.subarray(from, from + 4 * width))));
}

interface Drawn {
  readonly shape: Shape;
  readonly change: Partial<LayerOf<'image'>>;
  readonly clip?: Clip;
}

const documentOf = ({ volumes }: Stage, { shape, change, clip }: Drawn): ViewDocument => {
  const volume = volumes[shapes.indexOf(shape)];
  if (!volume) throw new Error(`${shape.name} is not in the library`);
  const layer = { ...imageLayer(volume, 0, 'image'), window: [20, 215] as const, ...change };
  return {
    ...freshDocument,
    positionNm: [300, 300, 300],
    orbit: { yaw: -0.6, pitch: 0.75, roll: 0.2, zoom: 1, centreNm: null },
    layers: [layer],
    selectedLayer: layer.id,
    crossHair: false,
    clip: clip ?? freshDocument.clip,
  };
};

/** SSIM of the middle of the 3-D pane and of the reference's. */
async function likeness(stage: Stage, drawn: Drawn): Promise<number> {
  const document = documentOf(stage, drawn);
  const [layer] = document.layers;
  if (layer?.type !== 'image' || layer.volumeMode === 'off') throw new Error('there is an image to draw');
  await openDocument(stage.page, layer.volume, document);
  await waitUntilState(stage.page, drawn.shape.damaged ? 'short' : 'sharp');
  // Worked out while the window may still draw.
  const { width, height } = await pixelsIn(stage.page, '3d');
  const tile = middleOf({ width, height });
  const { shape, clip } = drawn;
  const levels = levelsOf(shape);
  const max: Vec3 = [0, 1, 2].map((a) => (shape.size[a] ?? 0) * (shape.voxelSizeNm[a] ?? 1)) as unknown as Vec3;
  const chunkAt = (nm: readonly number[], a: number): number =>
    Math.floor((nm[a] ?? 0) / (chunk * (shape.voxelSizeNm[a] ?? 1)));
  const alike = async (levelAt: (nm: readonly number[]) => number): Promise<number> => {
    const rgb = marchRays({
      levels,
      levelAt,
      worldFromLayer: layer.worldFromLayer,
      orbit: document.orbit,
      bounds: { min: [0, 0, 0], max },
      width,
      height,
      tile,
      isInside: (nm) => isInside(nm, clip ?? document.clip),
      background: [14 / 255, 14 / 255, 16 / 255],
      look: {
        mode: layer.volumeMode as Exclude<VolumeMode, 'off'>,
        window: layer.window,
        gamma: layer.gamma,
        inverted: layer.inverted,
        paint: (grey) => [grey, grey, grey],
        transfer: layer.transfer,
        surfaceAt: layer.surfaceAt,
        attenuation: layer.attenuation,
        labelColour: () => [0, 0, 0, 0],
      },
    });
    const wanted = new Uint8ClampedArray(4 * tile.width * tile.height).fill(255);
    for (let i = 0; i < tile.width * tile.height; i++)
      for (let c = 0; c < 3; c++) wanted[4 * i + c] = rgb[3 * i + c] ?? 0;
    const drawnThere = await middlePixels(stage.page);
    const picture = (data: Uint8ClampedArray) => ({ data, width: tile.width, height: tile.height });
    return ssim(picture(drawnThere), picture(wanted)).mssim;
  };
  const mssim = await alike((nm) =>
    shape.damaged && isDamaged(chunkAt(nm, 0), chunkAt(nm, 1), chunkAt(nm, 2)) ? 1 : 0,
  );
  console.log(`${shape.name}, ${layer.volumeMode}${clip ? ', clipped' : ''}: SSIM ${mssim.toFixed(4)}`);
  // Bricks of both levels are in the picture: neither level by itself is so like it.
  if (shape.damaged && layer.volumeMode === 'max')
    for (const level of [0, 1]) expect(await alike(() => level), `level ${level} alone`).toBeLessThan(mssim - 0.001);
  return mssim;
}

const isInside = (nm: Vec3, { box, plane }: Clip): boolean =>
  (!box || nm.every((v, a) => v >= (box.min[a] ?? 0) && v <= (box.max[a] ?? 0))) &&
  (!plane || nm.reduce((sum, v, a) => sum + v * (plane.normal[a] ?? 0), 0) <= plane.distanceNm);

const modes: readonly VolumeMode[] = ['max', 'min', 'average', 'attenuated', 'translucent', 'surface'];
const changeFor = (volumeMode: VolumeMode): Partial<LayerOf<'image'>> => ({
  volumeMode,
  gamma: volumeMode === 'max' ? 0.7 : 1,
  inverted: volumeMode === 'min',
  transfer: [
    [0, 0],
    [0.5, 0],
    [1, 0.12],
  ],
});

for (const shape of [nearlyCubes, flat])
  test(`every mode is what rays find, in voxels that are ${shape.name}`, async () => {
    test.setTimeout(240_000);
    await withVolumes(async (stage) => {
      for (const mode of modes)
        expect(await likeness(stage, { shape, change: changeFor(mode) }), mode).toBeGreaterThanOrEqual(0.98);
      expect(stage.problems).toEqual([]);
    });
  });

test('what lies outside of the clip box, and beyond the clip plane, is not drawn', async () => {
  await withVolumes(async (stage) => {
    const clip: Clip = {
      box: { min: [200, 150, 100], max: [800, 700, 700] },
      plane: { normal: [0.6, 0.64, 0.48], distanceNm: 850 },
    };
    for (const mode of ['max', 'translucent', 'surface'] as const)
      expect(await likeness(stage, { shape: flat, change: changeFor(mode), clip }), mode).toBeGreaterThanOrEqual(0.98);
  });
});

test('where fine bricks can not be had, coarse ones are drawn beside them in one picture', async () => {
  test.setTimeout(240_000);
  await withVolumes(async (stage) => {
    const [, , shape] = shapes;
    if (!shape) throw new Error('a volume is damaged');
    for (const mode of modes)
      expect(await likeness(stage, { shape, change: changeFor(mode) }), mode).toBeGreaterThanOrEqual(0.98);
    await shoot(stage, 'check-volume-mixed');
  });
});
