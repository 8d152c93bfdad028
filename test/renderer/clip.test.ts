import { describe, expect, it } from 'vitest';
import {
  boxWithSide,
  clearClip,
  cutAtCrossHair,
  flipCut,
  isClipped,
  setBoxSide,
  shareOfSide,
} from '../../renderer/state/clip.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { setView, useView } from '../../renderer/state/view.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { thinVolume } from './volume.ts';

const bounds = { min: [0, 10, 20], max: [100, 110, 220] } as const;

describe('the box', () => {
  it('starts from what is shown, and its sides never pass each other', () => {
    const left = boxWithSide(bounds, null, 0, 'min', 0.25);
    expect(left).toEqual({ min: [25, 10, 20], max: [100, 110, 220] });
    expect(boxWithSide(bounds, left, 0, 'max', 0.1).max[0]).toBe(25);
    expect(boxWithSide(bounds, null, 2, 'max', 7).max[2]).toBe(220);
    for (const share of [0, 0.3, 1])
      expect(shareOfSide(bounds, boxWithSide(bounds, null, 2, 'min', share), 2, 'min')).toBeCloseTo(share, 12);
  });
});

describe('the cut', () => {
  it('faces the viewer at the cross-hair, and turns round', () => {
    const volume = thinVolume();
    setView({
      ...freshDocument,
      volumes: [volume],
      layers: [imageLayer(volume, 0, 'a')],
      positionNm: [40, 50, 60],
      orbit: { yaw: 0, pitch: 0, roll: 0, zoom: 1, centreNm: null },
    });
    cutAtCrossHair();
    // The viewer looks along z: what is not drawn has n·x > d, the side before the cross-hair.
    const { plane } = useView.getState().clip;
    expect(plane?.normal.map((n) => n + 0)).toEqual([0, 0, -1]);
    expect(plane?.distanceNm).toBeCloseTo(-60);
    flipCut();
    expect(useView.getState().clip.plane?.distanceNm).toBeCloseTo(60);
    setBoxSide(1, 'max', 0.5);
    expect(isClipped(useView.getState().clip)).toBe(true);
    clearClip();
    expect(isClipped(useView.getState().clip)).toBe(false);
  });
});
