import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import type { End } from '../../state/landmark-pairs.ts';
import { beginsInWorld, endsInWorld, landmarksNow, pairsOf } from '../../state/landmarks.ts';
import type { PaneSize } from '../../state/view.ts';
import { cameraOf, useView } from '../../state/view.ts';
import { frameOf } from '../../state/rotation.ts';
import { markColours } from '../../ui/colour-maps.ts';
import { projectToPlane } from './geometry.ts';
import type { Mark } from './messages.ts';
import { fadeOff, voxelAlongNm } from './overlay.ts';

/** The landmarks that are being placed, over the panes. */

const hitPx = 10;
/** Both ends of a pair lie at one place where the layer is drawn through it, but for rounding: there the fixed one is meant. */
const lessPx = 2;

export function landmarkMarks(): readonly Mark[] {
  const { active, alignment, selected, drag, begun } = landmarksNow();
  if (!active || !alignment) return [];
  const marks = pairsOf(landmarksNow()).flatMap(({ id, on }, i): Mark[] => {
    const ends = endsInWorld(alignment, id);
    const at = (end: End): Vec3 | null => (drag?.id === id && drag.end === end ? drag.nm : ends[end]);
    return [markOf(at('source'), at('target'), i, { selected: id === selected, on, draft: false })];
  });
  const from = begun && beginsInWorld(alignment, begun);
  return from ? [...marks, markOf(from, null, marks.length, { selected: false, on: true, draft: true })] : marks;
}

interface MarkState {
  readonly selected: boolean;
  readonly on: boolean;
  readonly draft: boolean;
}

function markOf(moving: Vec3 | null, fixed: Vec3 | null, i: number, { selected, on, draft }: MarkState): Mark {
  return {
    pointsNm: [moving, fixed].filter((nm) => nm !== null),
    colour: markColours[i % markColours.length] ?? '#ffffff',
    selected,
    draft,
    pair: { number: String(i + 1), on, moving: moving !== null, fixed: fixed !== null },
  };
}

/** The end of a pair under the pointer in a slice pane, the fixed one first; null where there is none. */
export function landmarkAt(
  { id: pane, kind }: PaneSpec,
  size: PaneSize,
  px: number,
  py: number,
): { readonly id: string; readonly end: End } | null {
  const { active, alignment } = landmarksNow();
  if (!active || !alignment || kind === '3d') return null;
  const s = useView.getState();
  const camera = cameraOf(s, pane);
  const voxelNm = voxelAlongNm(s, frameOf(kind, camera.rotation).normal);
  const near = pairsOf(landmarksNow()).flatMap(({ id }) => {
    const ends = endsInWorld(alignment, id);
    return (['target', 'source'] as const).flatMap((end) => {
      const nm = ends[end];
      if (!nm) return [];
      const [x, y, offNm] = projectToPlane(kind, camera, size, nm);
      const px2 = Math.hypot(x - px, y - py);
      return px2 <= hitPx && fadeOff(offNm, voxelNm) > 0
        ? [{ id, end, px: px2 + (end === 'source' ? lessPx : 0) }]
        : [];
    });
  });
  return near.toSorted((a, b) => a.px - b.px)[0] ?? null;
}
