import { describe, expect, it } from 'vitest';
import { differenceOf, windowOf } from '../../renderer/scene/compare/grey-window.ts';
import { wantedBox } from '../../renderer/scene/compare/wanted-box.ts';

const rect = { minX: 0, minY: 0, maxX: 4, maxY: 2 };
const picture = (levels: readonly number[], minX = 0): Parameters<typeof windowOf>[0][number] => ({
  rect: { ...rect, minX },
  widthPx: 4,
  heightPx: 2,
  levels: Uint8Array.from(levels),
  problems: [],
});

describe('two versions of a section', () => {
  it('are shown with one window, of what is not empty', () => {
    expect(windowOf([picture([0, 0, 0, 10, 20, 30, 40, 0])])).toEqual([10, 40]);
    expect(windowOf([picture([0, 0, 0, 0, 0, 0, 0, 0])])).toEqual([0, 255]);
  });

  it('differ where both have a tile, by so much', () => {
    const a = picture([10, 20, 30, 40, 0, 0, 7, 7]);
    expect(differenceOf(a, a)).toEqual({ mean: 0, most: 0 });
    expect(differenceOf(a, picture([10, 20, 30, 46, 99, 0, 0, 7]))).toEqual({ mean: 6 / 5, most: 6 });
    expect(differenceOf(a, picture([10, 20, 30, 46, 99, 0, 0, 7], 1))).toBeNull();
  });
});

describe('what is asked for', () => {
  const box = { minX: 0, minY: 0, maxX: 1000, maxY: 800 };

  it('is the part in view, on whole pixels of the picture, never finer than the tiles', () => {
    const camera = { x: 500, y: 400, pxPerUnit: 4 };
    const wanted = wantedBox(camera, { width: 400, height: 200 }, box, 2);
    expect(wanted).toEqual({ rect: { minX: 450, minY: 375, maxX: 550, maxY: 425 }, scale: 1 });
  });

  it('is all of a section that is seen from afar, and nothing beside it', () => {
    const size = { width: 400, height: 400 };
    const far = wantedBox({ x: 500, y: 400, pxPerUnit: 0.25 }, size, box, 1);
    expect(far).toEqual({ rect: box, scale: 0.25 });
    expect(wantedBox({ x: 9000, y: 400, pxPerUnit: 1 }, size, box, 1)).toBeNull();
  });
});
