// Slices inside 3-D panes, against pixels that are worked out one by one.
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { drawSlice } from '../renderer/reference/slice.ts';
import { test } from './lamella-window.ts';
import type { Shown, Stage } from './slice-stage.ts';
import {
  documentOf,
  expectPicture,
  knownLayers,
  labelsIn,
  layersIn,
  planes,
  show,
  withVolumes,
} from './slice-stage.ts';

/** How a 3-D pane looks straight at each plane. */
const facing = {
  xy: { yaw: 0, pitch: 0, roll: 0 },
  xz: { yaw: 0, pitch: -Math.PI / 2, roll: 0 },
  yz: { yaw: Math.PI / 2, pitch: 0, roll: Math.PI / 2 },
} as const;

test('slices in 3-D are blended as in their panes, layer by layer, wherever volumes reach', async () => {
  test.setTimeout(240_000);
  await withVolumes(async (stage) => {
    const [a, b] = layersIn(stage).map((layer) => ({ ...layer, volumeMode: 'off' as const }));
    if (!a || !b) throw new Error('there are two images');
    const labels = { ...labelsIn(stage), outlines: true, opacity: 0.7 };
    const tinted = { ...b, opacity: 0.6, colour: { tint: '#ffbf40' } };
    const many: readonly (readonly Shown[])[] = [
      [a, { ...tinted, blend: 'over' }, labels],
      [a, { ...tinted, blend: 'additive' }, { ...labels, outlines: false, opacity: 0.3 }],
      [tinted, { ...a, blend: 'difference', gamma: 0.6 }],
      [
        { ...a, checker: 'even' },
        { ...tinted, checker: 'odd' },
      ],
    ];
    for (const [i, layers] of many.entries()) {
      const plane = planes[i % 3] ?? 'xy';
      await expectStraight(stage, documentOf(layers, { slicesIn3d: true, checkerPx: 24 }), plane);
    }
  });
});

/** Looks straight at a plane from in front, so that it hides nothing of itself: no other plane is seen but as a line. */
async function expectStraight(stage: Stage, document: ViewDocument, plane: 'xy' | 'xz' | 'yz'): Promise<void> {
  const orbit = { ...facing[plane], zoom: 1, centreNm: document.positionNm };
  const looking = { ...document, orbit };
  await show(stage, looking);
  const layers = knownLayers(stage, document);
  const boxes = layers.map(({ volume: { size, voxelSizeNm, originNm } }) => ({
    min: originNm,
    max: [0, 1, 2].map((a) => (originNm[a] ?? 0) + (size[a] ?? 0) * (voxelSizeNm[a] ?? 0)),
  }));
  const extent = [0, 1, 2].map(
    (a) => Math.max(...boxes.map(({ max }) => max[a] ?? 0)) - Math.min(...boxes.map(({ min }) => min[a] ?? 0)),
  );
  // At zoom 1 the diagonal of all that is shown takes 0.92 of the pane's shorter side.
  await expectPicture(stage, '3d', (width, height, off) => {
    const nmPerPx = Math.hypot(...extent) / (0.92 * Math.min(width, height));
    return drawSlice(layers, { ...document, nmPerPx }, plane, width, height, off);
  });
}
