// Regions under the pointer in a 3-D pane: of labels, of meshes and of slices, without a call and without slowing a turn.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { imageLayer, segmentationLayer, shapeLayer } from '../../renderer/state/layers.ts';
import { plus } from '../../renderer/state/rotation.ts';
import { resultOf } from '../engine/follow-job.ts';
import { seeded } from '../engine/kill-harness.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { callsMade, countCalls, countRays, raysAsked } from './messages-counted.ts';
import { boxOf, orbitOf, showOrbit } from './orbit-stage.ts';
import { toyAcronymAt, toyLabel, toySize, toyVoxelUm, writeToyAtlas } from './toy-atlas.ts';

const voxelNm = 1000 * toyVoxelUm;
const middle = toySize.map((n) => (n / 2) * voxelNm) as unknown as Vec3;

interface Toy {
  readonly library: string;
  readonly volumes: readonly Volume[];
  readonly shapes: readonly ShapeSet[];
}

/** The annotation, the template, and the meshes of all regions. */
async function toyIn(folder: string): Promise<Toy> {
  const library = join(folder, 'library');
  const { annotation, template, table: ontology } = writeToyAtlas(join(folder, 'toy'));
  const engine = createEngine({ threads: 1 });
  try {
    const client = engine.client();
    const input = { library, annotation, template, ontology, name: 'Toy mouse', orientation: 'lsa' };
    const made = await resultOf<{ atlas: string; annotation: string; template: string }>(
      client,
      library,
      client.atlas.import(input),
    );
    const { shape } = await resultOf<{ shape: string }>(
      client,
      library,
      client.atlas.meshes({ library, atlas: made.atlas }),
    );
    const volumes = [made.annotation, made.template].map(async (volume) => {
      return (await client.view.volume({ library, volume })).value;
    });
    const { shapes } = (await client.shape.list({ library })).value;
    return { library, volumes: await Promise.all(volumes), shapes: shapes.filter(({ id }) => id === shape) };
  } finally {
    await engine.close();
  }
}

/** Where a ray through a point first meets the brain, and what lies there; null where a hair beside it is another region. */
function metBy(through: Vec3, forward: Vec3): { readonly acronym: string; readonly side: string } | null {
  const labelOn = (t: number): number => {
    const [x, y, z] = plus(through, forward, t * voxelNm).map((nm) => Math.floor(nm / voxelNm)) as unknown as Vec3;
    return toyLabel(x, y, z);
  };
  let t = -80;
  while (labelOn(t) === 0 && t < 80) t += 0.05;
  const label = labelOn(t);
  const at = plus(through, forward, (t + 0.5) * voxelNm);
  if (label === 0 || [0.5, 1, 1.5, 2].some((more) => labelOn(t + more) !== label)) return null;
  if (Math.abs(at[0] - middle[0]) < 2 * voxelNm) return null;
  const [x, y, z] = plus(through, forward, (t + 0.05) * voxelNm).map((nm) => Math.floor(nm / voxelNm));
  const acronym = toyAcronymAt(x ?? 0, y ?? 0, z ?? 0) ?? '';
  return { acronym, side: at[0] < middle[0] ? 'left' : 'right' };
}

const told = (page: Page) => page.getByLabel('Region under the pointer').locator('.region-told');

interface Stage extends Toy {
  readonly page: Page;
}

const look = { positionNm: middle, nmPerPx: 11_000, alone: '3d' } as const;

/** Takes the pointer to a place of the 3-D pane, CSS pixels. */
async function pointerOver({ page }: Stage, px: readonly [number, number]): Promise<void> {
  const pane = await boxOf(page);
  await page.mouse.move(pane.x + px[0], pane.y + px[1]);
}

/** Regions of the labels in 3-D, seen from aside, at random places of the picture. */
async function overLabels(stage: Stage, labels: Layer): Promise<void> {
  const document = await showOrbit(stage, [labels], look);
  const { view, pxOf } = await orbitOf(stage, document);
  await countCalls(stage.page);
  await countRays(stage.page);
  const random = seeded(5);
  const met = new Map<string, number>();
  for (let i = 0; i < 50; i++) {
    const at = plus(middle, [random() - 0.5, random() - 0.5, random() - 0.5], 60 * voxelNm);
    const truth = metBy(at, view.forward);
    if (!truth) continue;
    await pointerOver(stage, pxOf(at));
    await expect(told(stage.page), `${at.join()} ${truth.acronym}`).toHaveText(
      new RegExp(`^${truth.acronym}\\D.*${truth.side}`),
    );
    met.set(truth.acronym, (met.get(truth.acronym) ?? 0) + 1);
  }
  expect([...met.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(10);
  expect(met.size).toBeGreaterThan(1);
  expect(await callsMade(stage.page)).toEqual([]);
}

/** No ray while the view turns; what lies under the pointer is told again afterwards. */
async function whileTurning(stage: Stage): Promise<void> {
  const { page } = stage;
  const { x, y, width, height } = await boxOf(page);
  await page.mouse.move(x + width / 2, y + height / 2);
  await expect(told(page)).toHaveCount(1);
  await expect.poll(async () => (await raysAsked(page)).open).toBe(0);
  const before = await raysAsked(page);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 60, y + height / 2 + 10, { steps: 20 });
  await expect(page.getByLabel('Region at the cross-hair')).toBeVisible();
  expect((await raysAsked(page)).asked).toBe(before.asked);
  await page.mouse.up();
  await expect(told(page)).toHaveCount(1);
  expect(await raysAsked(page)).toMatchObject({ asked: before.asked + 1, most: 1 });
  // Beside the brain there is nothing.
  await page.mouse.move(x + 5, y + height / 2);
  await expect(page.getByLabel('Region at the cross-hair')).toBeVisible();
}

/** A mesh says of which region it is: the cortex, whose voxels are of the areas within it. */
async function overMesh(stage: Stage, labels: Layer, mesh: Layer): Promise<void> {
  const selected = { ...labels, selected: ['688'], volumeMode: 'off' } as Layer;
  const document = await showOrbit(stage, [selected, { ...mesh, follows: labels.id, shown: [] } as Layer], look);
  const { view, pxOf } = await orbitOf(stage, document);
  await countCalls(stage.page);
  for (const aside of [-14, 14]) {
    const at = plus(middle, [aside, 0, 0], voxelNm);
    await pointerOver(stage, pxOf(at));
    await expect(told(stage.page)).toHaveText(new RegExp(`^CTXCerebral cortex${metBy(at, view.forward)?.side}`));
  }
  expect(await callsMade(stage.page)).toEqual([]);
}

test('the region under the pointer in 3-D is that of the label, the mesh or the slice that is seen there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-atlas-3d-'));
  const toy = await toyIn(folder);
  const window = await startLamella({ args: ['--library', toy.library] });
  try {
    const stage: Stage = { ...toy, page: window.page };
    const [annotation, template] = toy.volumes;
    const [set] = toy.shapes;
    if (!annotation || !template || !set) throw new Error('the atlas has volumes and meshes');
    const labels = segmentationLayer(annotation, 'labels');
    await overLabels(stage, labels);
    await whileTurning(stage);
    await overMesh(stage, labels, shapeLayer(set, []));
    await shoot(window, 'check-atlas-in-3d');
    // A slice in 3-D, of a picture that has no labels: through the map of its space.
    const image = { ...imageLayer(template, 0, 'image'), volumeMode: 'off' } as Layer;
    const onSlice: Vec3 = [middle[0] + 12.5 * voxelNm, middle[1] + 2.5 * voxelNm, middle[2]];
    const document = await showOrbit(stage, [image], {
      ...look,
      slicesIn3d: true,
      orbit: { yaw: 0, pitch: 0, roll: 0, zoom: 1, centreNm: null },
    });
    const { pxOf } = await orbitOf(stage, document);
    await pointerOver(stage, pxOf(onSlice));
    const [x, y, z] = onSlice.map((nm) => Math.floor(nm / voxelNm));
    await expect(told(stage.page)).toHaveText(new RegExp(`^${toyAcronymAt(x ?? 0, y ?? 0, z ?? 0)}.*right`));
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
