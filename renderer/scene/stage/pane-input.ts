import { placeAt, selectAnnotation, useEdits } from '../../state/edits.ts';
import { session } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import {
  moveTo,
  orbitBy,
  panBy,
  setView,
  stepThrough,
  toggleMaximised,
  useView,
  zoomAt,
  zoomOrbit,
} from '../../state/view.ts';
import type { PaneId, Plane } from '../../state/volume-geometry.ts';
import { isInVolume } from '../../state/volume-geometry.ts';
import { orbitView, positionAt, projectToOrbit, projectToPlane } from './geometry.ts';
import type { PaneSize } from './geometry.ts';
import { stageClient } from './stage-client.ts';

const clickSlopPx = 4;
const hitPx = 9;
const radiansPerPx = 0.008;
/** Wheel travel of one section: a notch of most mice. */
const notchPx = 100;

interface Press {
  readonly x: number;
  readonly y: number;
  readonly button: number;
  moved: boolean;
}

/** What the pointer does over a pane. Returns the function that stops listening. */
export function listenToPane(frame: HTMLElement, pane: PaneId): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let press: Press | null = null;
  let travel = 0;

  frame.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button > 1 || isOnControl(event)) return;
      frame.focus({ preventScroll: true });
      frame.setPointerCapture(event.pointerId);
      press = { x: event.offsetX, y: event.offsetY, button: event.button, moved: false };
    },
    options,
  );
  frame.addEventListener(
    'pointermove',
    (event) => {
      if (!press) return hover(frame, pane, event.offsetX, event.offsetY);
      if (!press.moved && Math.hypot(event.offsetX - press.x, event.offsetY - press.y) < clickSlopPx) return;
      press.moved = true;
      if (pane === '3d') orbitBy(-event.movementX * radiansPerPx, event.movementY * radiansPerPx);
      else panBy(pane, -event.movementX, -event.movementY);
    },
    options,
  );
  frame.addEventListener(
    'pointerup',
    (event) => {
      const was = press;
      press = null;
      if (was && !was.moved && was.button === 0 && event.detail < 2) click(frame, pane, event.offsetX, event.offsetY);
    },
    options,
  );
  frame.addEventListener('pointercancel', () => (press = null), options);
  frame.addEventListener('pointerleave', () => leave(), options);
  frame.addEventListener(
    'dblclick',
    (event) => {
      if (useEdits.getState().tool === 'navigate' && !isOnControl(event)) toggleMaximised(pane);
    },
    options,
  );
  frame.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (pane === '3d') return zoomOrbit(Math.exp(-event.deltaY * 0.0015));
      if (!event.ctrlKey)
        return zoomAt(
          pane,
          Math.exp(event.deltaY * 0.0015),
          event.offsetX - frame.clientWidth / 2,
          event.offsetY - frame.clientHeight / 2,
        );
      travel += event.deltaY;
      const steps =
        Math.trunc(travel / notchPx) || (Math.abs(event.deltaY) >= notchPx / 2 ? Math.sign(event.deltaY) : 0);
      if (steps === 0) return;
      travel = 0;
      stepThrough(pane, steps);
    },
    { ...options, passive: false },
  );
  return () => stop.abort();
}

/** Buttons over the picture are their own. */
const isOnControl = ({ target }: Event): boolean => target instanceof Element && target.closest('button') !== null;

const sizeOf = (frame: HTMLElement): PaneSize => ({ width: frame.clientWidth, height: frame.clientHeight });

let pending = 0;

/** At most one readout a frame, however fast the pointer is. */
function hover(frame: HTMLElement, pane: PaneId, px: number, py: number): void {
  if (pane === '3d' || pending !== 0) return;
  pending = requestAnimationFrame(() => {
    pending = 0;
    readOut(frame, pane, px, py);
  });
}

function readOut(frame: HTMLElement, plane: Plane, px: number, py: number): void {
  const { volume, ...camera } = useView.getState();
  if (!volume) return;
  const positionNm = positionAt(plane, camera, sizeOf(frame), px, py);
  if (!isInVolume(volume, positionNm)) return leave();
  const { stored = null, value = null } = camera.cursor ?? {};
  setView({ cursor: { positionNm, stored, value, exact: null } });
  stageClient().post({ t: 'pointer', positionNm, pane: plane });
}

function leave(): void {
  if (useView.getState().cursor) setView({ cursor: null });
  stageClient().post({ t: 'pointer', positionNm: null, pane: null });
}

function click(frame: HTMLElement, pane: PaneId, px: number, py: number): void {
  const view = useView.getState();
  if (!view.volume) return;
  const annotating = session().room === 'annotate';
  const tool = annotating ? useEdits.getState().tool : 'navigate';
  const hit = tool === 'navigate' && annotating ? annotationAt(frame, pane, px, py) : null;
  if (hit !== null) return selectAnnotation(hit);
  if (pane === '3d') return;
  const positionNm = positionAt(pane, view, sizeOf(frame), px, py);
  if (tool === 'navigate') moveTo(positionNm);
  else if (isInVolume(view.volume, positionNm)) void placeAt(positionNm);
  else
    toast({
      tone: 'info',
      topic: 'outside',
      title: 'That is outside the volume',
      detail: 'Click on the picture itself.',
    });
}

/** The annotation drawn nearest to a point, within a few pixels. */
function annotationAt(frame: HTMLElement, pane: PaneId, px: number, py: number): string | null {
  const { volume, ...camera } = useView.getState();
  if (!volume) return null;
  const size = sizeOf(frame);
  const orbit = orbitView(volume, camera, size);
  const place = (point: readonly [number, number, number]): readonly number[] =>
    pane === '3d' ? projectToOrbit(orbit, size, point) : projectToPlane(pane, camera, size, point);
  const near = useEdits.getState().annotations.map(({ id, pointsNm }) => {
    const distances = pointsNm.map((point) => {
      const [x = 0, y = 0] = place(point);
      return Math.hypot(x - px, y - py);
    });
    return { id, distance: Math.min(...distances) };
  });
  return near.filter(({ distance }) => distance <= hitPx).toSorted((a, b) => a.distance - b.distance)[0]?.id ?? null;
}
