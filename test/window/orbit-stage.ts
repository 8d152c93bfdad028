// A window with a volume of voxels that are no cubes, its labels, a mesh and a skeleton, and where they lie in its 3-D pane.
import type { Page } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import type { OrbitView } from '../../renderer/scene/stage/geometry.ts';
import { orbitView, projectToOrbit } from '../../renderer/scene/stage/geometry.ts';
import { imageLayer, layerBoundsNm, segmentationLayer, shapeLayer, unionOf } from '../../renderer/state/layers.ts';
import { sphere } from '../renderer/shapes-make.ts';
import { waitUntilSharp } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

export const size = [40, 30, 20] as const;
export const voxelNm = [20, 20, 50] as const;
/** The only bright voxel. */
export const bright: Vec3 = [27, 9, 13];
/** Labels begin at this section. */
export const labelsFrom = 8;
export const ball = { centreNm: [400, 300, 500] as Vec3, radiusNm: 200 };
/** The ends of the one edge of the skeleton. */
export const edge: readonly [Vec3, Vec3] = [
  [100, 520, 300],
  [700, 500, 900],
];

const greyAt = (x: number, y: number, z: number): number =>
  x === bright[0] && y === bright[1] && z === bright[2] ? 255 : 20 + ((x * 7 + y * 5 + z * 11) % 60);
const labelAt = (_x: number, y: number, z: number): number => (z < labelsFrom ? 0 : y < 15 ? 5 : 6);

function writeVolume(folder: string, type: 'image' | 'segmentation'): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  const [w, h, d] = size;
  const at = type === 'image' ? greyAt : labelAt;
  const voxels = Uint8Array.from({ length: w * h * d }, (_, i) =>
    at(i % w, Math.floor(i / w) % h, Math.floor(i / w / h)),
  );
  writeFileSync(join(folder, 'full', `0-${w}_0-${h}_0-${d}`), voxels);
  const scale = {
    key: 'full',
    size,
    resolution: voxelNm,
    voxel_offset: [0, 0, 0],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  const info = { type, data_type: 'uint8', num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

function writeBall(path: string): string {
  const { positions, indices } = sphere(ball.radiusNm, ball.centreNm, 120, 240);
  const points = Array.from(
    { length: positions.length / 3 },
    (_, i) => `v ${positions.subarray(3 * i, 3 * i + 3).join(' ')}`,
  );
  const faces = Array.from({ length: indices.length / 3 }, (_, i) => {
    const [a = 0, b = 0, c = 0] = indices.subarray(3 * i, 3 * i + 3);
    return `f ${a + 1} ${b + 1} ${c + 1}`;
  });
  writeFileSync(path, [...points, ...faces, ''].join('\n'));
  return path;
}

function writeEdge(path: string): string {
  writeFileSync(path, edge.map((point, i) => `${i + 1} 0 ${point.join(' ')} 4 ${i === 0 ? -1 : i}\n`).join(''));
  return path;
}

export interface OrbitStage extends LamellaWindow {
  readonly folder: string;
  readonly volumes: readonly Volume[];
  readonly shapes: readonly ShapeSet[];
  readonly layers: Readonly<Record<'image' | 'labels' | 'mesh' | 'skeleton', Layer>>;
}

/** `args`: more of them for the window. */
export async function withOrbit(
  use: (stage: OrbitStage) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-orbit-'));
  mkdirSync(join(folder, 'out'));
  const sources = [writeVolume(join(folder, 'grey'), 'image'), writeVolume(join(folder, 'ids'), 'segmentation')];
  const { library, volumes } = await libraryOf(folder, sources);
  const engine = createEngine({ threads: 1 });
  const shapes: ShapeSet[] = [];
  for (const source of [writeBall(join(folder, 'ball.obj')), writeEdge(join(folder, 'edge.swc'))])
    shapes.push(await engine.client().shape.add({ library, source, unitNm: 1 }));
  await engine.close();
  const [grey, ids] = volumes;
  const [mesh, skeleton] = shapes;
  if (!grey || !ids || !mesh || !skeleton) throw new Error('two volumes and two sets of shapes were added');
  const window = await startLamella({ args: [...args, '--library', library] });
  try {
    const layers = {
      image: { ...imageLayer(grey, 0, 'image'), window: [0, 255] as const },
      labels: segmentationLayer(ids, 'labels'),
      mesh: shapeLayer(mesh, []),
      skeleton: shapeLayer(skeleton, []),
    };
    await use({ ...window, folder, volumes, shapes, layers });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

/** Opens a view of layers, seen from aside where nothing else is said, and waits until it is drawn. */
export async function showOrbit(
  { page }: Pick<OrbitStage, 'page'>,
  layers: readonly Layer[],
  change: Partial<ViewDocument> = {},
): Promise<ViewDocument> {
  const document: ViewDocument = {
    ...freshDocument,
    positionNm: [403, 303, 507],
    nmPerPx: 4,
    fitted: false,
    crossHair: false,
    orbit: { yaw: -0.5, pitch: 0.6, roll: 0, zoom: 1, centreNm: null },
    layers: [...layers],
    selectedLayer: layers[0]?.id ?? null,
    ...change,
  };
  // A view is kept of a volume that it shows.
  const [lowest] = layers;
  if (lowest?.type !== 'image' && lowest?.type !== 'segmentation') throw new Error('the lowest layer is a volume');
  await openDocument(page, lowest.volume, document);
  await waitUntilSharp(page);
  return document;
}

/** Where the 3-D pane looks, and how large it is. */
export async function orbitOf(
  { page, volumes, shapes }: Pick<OrbitStage, 'page' | 'volumes' | 'shapes'>,
  { layers, orbit, ...camera }: ViewDocument,
): Promise<{ readonly view: OrbitView; readonly pxOf: (nm: Vec3) => readonly [number, number] }> {
  const pane = await boxOf(page);
  const boxes = layers.filter(({ visible }) => visible).map((layer) => layerBoundsNm(layer, { volumes, shapes }));
  const box = unionOf(boxes.filter((one) => one !== null));
  if (!box) throw new Error('something is shown');
  const view = orbitView(box, { ...camera, orbit }, pane);
  return { view, pxOf: (nm) => projectToOrbit(view, pane, nm) };
}

export async function boxOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await paneOf(page, '3d').locator('canvas.pane-image').boundingBox();
  if (!box) throw new Error('the 3-D pane is there');
  return box;
}

/** A place of the volume: the middle of a voxel. */
export const middleOf = (voxel: Vec3): Vec3 => [
  (voxel[0] + 0.5) * voxelNm[0],
  (voxel[1] + 0.5) * voxelNm[1],
  (voxel[2] + 0.5) * voxelNm[2],
];
