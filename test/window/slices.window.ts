// Slices at any angle and in any blend, against pixels that are worked out one by one.
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Blend, LayerOf } from '../../preload/contract/view-state.ts';
import { seededRandom } from '../formats/mutate.ts';
import { test } from './lamella-window.ts';
import { documentOf, expectPictures, labelsIn, layersIn, randomTurn, withVolumes } from './slice-stage.ts';

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

test('outlines of labels are closed where bricks meet, straight and at an angle', async () => {
  await withVolumes(async (stage) => {
    const labels = { ...labelsIn(stage), outlines: true };
    await expectPictures(stage, documentOf([labels]));
    const random = seededRandom(11);
    const [a] = layersIn(stage);
    const over = documentOf([a, { ...labels, opacity: 0.6 }], { rotation: randomTurn(random) });
    await expectPictures(stage, over);
    await expectPictures(stage, documentOf([a, { ...labels, blend: 'difference', opacity: 0.8 }]));
  });
});
