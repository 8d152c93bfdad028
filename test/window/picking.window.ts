// A click in a 3-D pane goes to what it hits: voxels, labels, slices, meshes and skeletons, clipped or not.
import { expect } from '@playwright/test';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Clip, Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { dot, plus } from '../../renderer/state/rotation.ts';
import { test } from './lamella-window.ts';
import type { OrbitStage } from './orbit-stage.ts';
import {
  ball,
  boxOf,
  bright,
  edge,
  labelsFrom,
  middleOf,
  orbitOf,
  showOrbit,
  size,
  voxelNm,
  withOrbit,
} from './orbit-stage.ts';

/** Clicks where a place is seen in the 3-D pane: the view must go to `goal`, within half a voxel. */
async function expectPick(
  stage: OrbitStage,
  layers: readonly Layer[],
  change: Partial<ViewDocument>,
  at: Vec3,
  goalOf: (forward: Vec3) => Vec3 = () => at,
): Promise<void> {
  const { page } = stage;
  const document = await showOrbit(stage, layers, change);
  const { view, pxOf } = await orbitOf(stage, document);
  const [pane, [px, py]] = [await boxOf(page), pxOf(at)];
  await page.mouse.click(pane.x + px, pane.y + py);
  const goal = goalOf(view.forward);
  const about = `${layers.map(({ type }) => type).join()} ${JSON.stringify(change)}: ${goal.join()}`;
  for (const [a, name] of (['x', 'y', 'z'] as const).entries()) {
    const field = page.getByLabel(`${name}, nm`, { exact: true });
    const off = async (): Promise<number> => Math.abs(Number(await field.inputValue()) - (goal[a] ?? 0));
    await expect.poll(off, { message: `${about}, ${name}` }).toBeLessThanOrEqual((voxelNm[a] ?? 0) / 2 + 0.5);
  }
}

/** Where a ray through a place on its way from the viewer meets the plane n · x = d. */
const onPlane = (at: Vec3, forward: Vec3, normal: Vec3, distanceNm: number): Vec3 =>
  plus(at, forward, (distanceNm - dot(normal, at)) / dot(normal, forward));

test('a click in 3-D goes to the voxel, the label, the slice, the mesh or the skeleton that it hits', async () => {
  test.setTimeout(120_000);
  await withOrbit(async (stage) => {
    const { image, labels, mesh, skeleton } = stage.layers;
    await expectPick(stage, [image], {}, middleOf(bright));
    const face = labelsFrom * voxelNm[2];
    await expectPick(stage, [labels], {}, [410, 310, face]);
    const hidden = { ...image, volumeMode: 'off' } as Layer;
    await expectPick(stage, [hidden], { slicesIn3d: true, positionNm: [403, 303, 107] }, [333, 222, 107]);
    const front = (forward: Vec3): Vec3 => plus(ball.centreNm, forward, -ball.radiusNm);
    await expectPick(stage, [hidden, mesh], {}, ball.centreNm, front);
    await expectPick(stage, [hidden, skeleton], {}, plus(edge[0], plus(edge[1], edge[0], -1), 0.3));
    // A mesh inside of a projection is hit before it.
    await expectPick(stage, [image, mesh], {}, ball.centreNm, front);
    expect(stage.problems).toEqual([]);
  });
});

test('what is clipped away is not hit', async () => {
  test.setTimeout(120_000);
  await withOrbit(async (stage) => {
    const { image, labels, mesh } = stage.layers;
    const hidden = { ...image, volumeMode: 'off' } as Layer;
    const end: Vec3 = [size[0] * voxelNm[0], size[1] * voxelNm[1], size[2] * voxelNm[2]];
    // The box begins within the labels: its face is what is seen.
    const box: Clip = { box: { min: [0, 0, 600], max: end }, plane: null };
    await expectPick(stage, [labels], { clip: box }, [410, 310, 600]);
    // A plane through the middle of the ball, all before it cut off: its far wall is seen from inside.
    const normal: Vec3 = [0, 0, -1];
    const plane: Clip = { box: null, plane: { normal, distanceNm: -ball.centreNm[2] } };
    const back = (forward: Vec3): Vec3 => plus(ball.centreNm, forward, ball.radiusNm);
    await expectPick(stage, [hidden, mesh], { clip: plane }, ball.centreNm, back);
    // The nearer slice is cut off where it is clicked, and the one behind it is hit.
    const slices = { slicesIn3d: true, positionNm: [403, 303, 107] as const, clip: box };
    await expectPick(stage, [hidden], slices, [333, 303, 700], (forward) =>
      onPlane([333, 303, 700], forward, [0, 1, 0], 303),
    );
    expect(stage.problems).toEqual([]);
  });
});
