// Clips of 3-D panes: slices, meshes and skeletons are drawn inside of them as without them, and not at all outside.
import { expect } from '@playwright/test';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Clip, Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { test } from './lamella-window.ts';
import type { OrbitStage } from './orbit-stage.ts';
import { orbitOf, showOrbit, withOrbit } from './orbit-stage.ts';
import { paneOf } from './panes.ts';

interface Drawn {
  readonly width: number;
  readonly height: number;
  /** 0xAABBGGRR. */
  readonly pixels: readonly number[];
}

async function pixelsOf({ page }: OrbitStage): Promise<Drawn> {
  return paneOf(page, '3d')
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(element as HTMLCanvasElement, 0, 0);
      const data = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      return { width, height, pixels: [...new Uint32Array(data.buffer)] };
    });
}

/** Seen straight along z, so that clips along z are lines of the picture. */
const straight: Partial<ViewDocument> = {
  slicesIn3d: true,
  orbit: { yaw: 0, pitch: 0, roll: 0, zoom: 1, centreNm: null },
};

const background = 0xff10_0e0e;

test('a clip box and a clip plane cut slices, meshes and skeletons where they should', async () => {
  test.setTimeout(120_000);
  await withOrbit(async (stage) => {
    const { image, mesh, skeleton } = stage.layers;
    const layers: readonly Layer[] = [{ ...image, volumeMode: 'off' } as Layer, mesh, skeleton];
    const document = await showOrbit(stage, layers, straight);
    const whole = await pixelsOf(stage);
    const { view } = await orbitOf(stage, document);
    const normal: Vec3 = [0.8, 0.6, 0];
    const clips: readonly Clip[] = [
      { box: { min: [230, 170, -1000], max: [610, 450, 3000] }, plane: null },
      { box: null, plane: { normal, distanceNm: 520 } },
      { box: { min: [230, 170, -1000], max: [710, 550, 3000] }, plane: { normal, distanceNm: 520 } },
    ];
    for (const clip of clips) {
      await showOrbit(stage, layers, { ...straight, clip });
      const cut = await pixelsOf(stage);
      const seen = { inside: 0, outside: 0, wrong: 0 };
      for (let i = 0; i < cut.pixels.length; i++) {
        const [px, py] = [(i % cut.width) + 0.5 - cut.width / 2, Math.floor(i / cut.width) + 0.5 - cut.height / 2];
        const at = [view.centreNm[0] + px * view.nmPerPx, view.centreNm[1] + py * view.nmPerPx] as const;
        const far = outsideNm(clip, at) / view.nmPerPx;
        if (Math.abs(far) < 1 || whole.pixels[i] === background) continue;
        seen[far < 0 ? 'inside' : 'outside'] += 1;
        if (cut.pixels[i] !== (far < 0 ? whole.pixels[i] : background)) seen.wrong += 1;
      }
      expect(seen.inside, JSON.stringify(clip)).toBeGreaterThan(3_000);
      expect(seen.outside, JSON.stringify(clip)).toBeGreaterThan(3_000);
      expect(seen.wrong, JSON.stringify({ clip, seen })).toBe(0);
    }
    expect(stage.problems).toEqual([]);
  });
});

/** How far outside of a clip a place is, nm; below 0 inside. */
function outsideNm({ box, plane }: Clip, [x, y]: readonly [number, number]): number {
  const sides = box ? [box.min[0] - x, x - box.max[0], box.min[1] - y, y - box.max[1]] : [];
  return Math.max(...sides, ...(plane ? [plane.normal[0] * x + plane.normal[1] * y - plane.distanceNm] : []));
}
