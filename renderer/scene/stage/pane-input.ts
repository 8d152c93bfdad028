import { marksInWorld, placeAt, selectAnnotation, useEdits } from '../../state/edits.ts';
import { alignBy, alignTurnBy, useAlign } from '../../state/align.ts';
import { landmarksNow, setLandmarks } from '../../state/landmarks.ts';
import { moveEnd, placeLandmark, selectPair } from '../../state/landmark-tool.ts';
import { labelUnderPointer, toggleLabel } from '../../state/labels.ts';
import { session } from '../../state/session.ts';
import { toast } from '../../state/toasts.ts';
import {
  moveTo,
  orbitBy,
  panBy,
  rotatePlanes,
  stepThrough,
  toggleMaximised,
  zoomAt,
  zoomOrbit,
} from '../../state/view-moves.ts';
import type { PaneSize } from '../../state/view.ts';
import { boundsInView, cameraOf, useView } from '../../state/view.ts';
import type { Box3, Plane } from '../../state/volume-geometry.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import { orbitView, positionAt, projectToOrbit, projectToPlane } from './geometry.ts';
import { landmarkAt } from './landmark-marks.ts';
import { endOrbitHover, hoverOrbit } from './orbit-hover.ts';
import { pick, showCursor } from './stage-client.ts';

type Landmark = NonNullable<ReturnType<typeof landmarkAt>>;

const clickSlopPx = 4;
const hitPx = 9;
const radiansPerPx = 0.008;
/** Wheel travel of one section: a notch of most mice. */
const notchPx = 100;

interface Press {
  readonly x: number;
  readonly y: number;
  readonly button: number;
  /** Milliseconds, as events tell them. */
  readonly at: number;
  /** The second of a double click. */
  readonly second: boolean;
  /** What lay under the pointer when the first of a double click began: a click may move the view. */
  readonly label: ReturnType<typeof labelUnderPointer>;
  /** The end of a pair of landmarks that was pressed: it is dragged, not the view. */
  readonly landmark: Landmark | null;
  moved: boolean;
}

/** A second press within this time and `clickSlopPx` belongs to the first. */
const doubleClickMs = 500;

function pressOf(
  event: PointerEvent,
  kind: PaneSpec['kind'],
  before: Press | null,
  landmark: Press['landmark'],
): Press {
  const { offsetX: x, offsetY: y, button, timeStamp: at } = event;
  const second =
    before !== null &&
    !before.second &&
    before.button === button &&
    at - before.at < doubleClickMs &&
    Math.hypot(x - before.x, y - before.y) < clickSlopPx;
  const label = second ? before.label : kind === '3d' ? null : labelUnderPointer();
  return { x, y, button, at, second, label, landmark, moved: false };
}

/** What the pointer does over a pane. Returns the function that stops listening. */
export function listenToPane(frame: HTMLElement, pane: PaneSpec): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let press: Press | null = null;
  let last: Press | null = null;

  frame.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button > (pane.kind === '3d' ? 2 : 1) || isOnControl(event)) return;
      frame.focus({ preventScroll: true });
      frame.setPointerCapture(event.pointerId);
      const landmark = event.button === 0 ? landmarkAt(pane, sizeOf(frame), event.offsetX, event.offsetY) : null;
      press = last = pressOf(event, pane.kind, last, landmark);
      endOrbitHover();
    },
    options,
  );
  frame.addEventListener(
    'pointermove',
    (event) => {
      if (!press) return hover(frame, pane, event.offsetX, event.offsetY);
      if (!press.moved && Math.hypot(event.offsetX - press.x, event.offsetY - press.y) < clickSlopPx) return;
      if (!press.moved && pane.kind === '3d') leave();
      press.moved = true;
      if (press.landmark) dragLandmark(frame, pane, press.landmark, event);
      else drag(pane, event, press.button);
    },
    options,
  );
  frame.addEventListener(
    'pointerup',
    (event) => {
      const was = press;
      press = null;
      if (was?.landmark) return endOnLandmark(was.landmark);
      if (was?.moved) return hover(frame, pane, event.offsetX, event.offsetY);
      if (was && was.button === 0 && !was.second) void click(frame, pane, event.offsetX, event.offsetY);
    },
    options,
  );
  frame.addEventListener(
    'pointercancel',
    () => {
      press = null;
      setLandmarks({ drag: null });
    },
    options,
  );
  frame.addEventListener('pointerleave', () => leave(), options);
  // The right button pans a 3-D pane.
  frame.addEventListener('contextmenu', (event) => pane.kind === '3d' && event.preventDefault(), options);
  frame.addEventListener(
    'dblclick',
    (event) => {
      // On a label it selects it, elsewhere it shows the pane alone, or all of them.
      if (useEdits.getState().tool !== 'navigate' || isPlacing() || isOnControl(event)) return;
      if (last?.label) toggleLabel(last.label.id, last.label.layer);
      else toggleMaximised(pane.id);
    },
    options,
  );
  frame.addEventListener('wheel', wheelOf(frame, pane), { ...options, passive: false });
  return () => stop.abort();
}

/**
 * A drag moves a slice pane, and turns a 3-D one; with Shift it turns the planes, or moves the 3-D pane. With the align
 * tool it moves and turns the selected layer.
 */
function drag({ id, kind }: PaneSpec, { movementX: dx, movementY: dy, shiftKey }: PointerEvent, button: number): void {
  if (kind !== '3d' && useAlign.getState().active)
    return shiftKey ? alignTurnBy(id, dx * radiansPerPx) : alignBy(id, dx, dy);
  if (kind === '3d' && button === 0 && !shiftKey) return orbitBy(id, -dx * radiansPerPx, dy * radiansPerPx);
  if (kind === '3d' || !shiftKey) return panBy(id, -dx, -dy);
  if (dx !== 0) rotatePlanes(id, 'down', dx * radiansPerPx);
  if (dy !== 0) rotatePlanes(id, 'right', -dy * radiansPerPx);
}

/** Whether clicks place landmarks. */
const isPlacing = (): boolean => landmarksNow().active && session().room === 'view';

function dragLandmark(frame: HTMLElement, { id: pane, kind }: PaneSpec, what: Landmark, event: PointerEvent): void {
  if (kind === '3d') return;
  const camera = cameraOf(useView.getState(), pane);
  const nm = positionAt(kind, camera, sizeOf(frame), event.offsetX, event.offsetY);
  setLandmarks({ selected: what.id, drag: { ...what, nm } });
}

/** A press on a landmark selects it; where it was dragged, it stays there. */
function endOnLandmark({ id, end }: Landmark): void {
  const { drag: dragged } = landmarksNow();
  selectPair(id);
  if (dragged) void moveEnd(id, end, dragged.nm).finally(() => setLandmarks({ drag: null }));
}

/** The wheel zooms; with Ctrl it goes through the sections. */
function wheelOf(frame: HTMLElement, { id, kind }: PaneSpec): (event: WheelEvent) => void {
  let travel = 0;
  return (event) => {
    event.preventDefault();
    if (kind === '3d') {
      zoomOrbit(id, Math.exp(-event.deltaY * 0.0015));
      return hoverOrbit({ pane: id, px: event.offsetX, py: event.offsetY });
    }
    const { width, height } = sizeOf(frame);
    const [dx, dy] = [event.offsetX - width / 2, event.offsetY - height / 2];
    if (!event.ctrlKey) return zoomAt(id, Math.exp(event.deltaY * 0.0015), dx, dy);
    travel += event.deltaY;
    const steps = Math.trunc(travel / notchPx) || (Math.abs(event.deltaY) >= notchPx / 2 ? Math.sign(event.deltaY) : 0);
    if (steps === 0) return;
    travel = 0;
    stepThrough(id, steps);
  };
}

/** Buttons over the picture are their own. */
const isOnControl = ({ target }: Event): boolean => target instanceof Element && target.closest('button') !== null;

/** As the pane is drawn: the pixels of the screen may end within a CSS pixel. */
const sizeOf = (frame: HTMLElement): PaneSize =>
  useView.getState().paneSizes[frame.dataset['pane'] ?? ''] ?? { width: frame.clientWidth, height: frame.clientHeight };

const isInside = ({ min, max }: Box3, positionNm: Vec3): boolean =>
  ([0, 1, 2] as const).every((a) => positionNm[a] >= min[a] && positionNm[a] < max[a]);

let pending = 0;

/** At most one readout a frame, however fast the pointer is. */
function hover(frame: HTMLElement, pane: PaneSpec, px: number, py: number): void {
  const { id, kind } = pane;
  if (kind === '3d') return hoverOrbit({ pane: id, px, py });
  if (pending !== 0) return;
  pending = requestAnimationFrame(() => {
    pending = 0;
    readOut(frame, id, kind, px, py);
  });
}

function readOut(frame: HTMLElement, pane: string, plane: Plane, px: number, py: number): void {
  const view = useView.getState();
  const box = boundsInView(view);
  const positionNm = positionAt(plane, cameraOf(view, pane), sizeOf(frame), px, py);
  if (!box || !isInside(box, positionNm)) return leave();
  showCursor({ positionNm, pane });
}

function leave(): void {
  cancelAnimationFrame(pending);
  pending = 0;
  endOrbitHover();
  showCursor(null);
}

async function click(frame: HTMLElement, { id, kind }: PaneSpec, px: number, py: number): Promise<void> {
  const view = useView.getState();
  const box = boundsInView(view);
  if (!box) return;
  const annotating = session().room === 'annotate';
  const tool = annotating ? useEdits.getState().tool : 'navigate';
  const hit = tool === 'navigate' && annotating ? annotationAt(frame, { id, kind }, px, py) : null;
  if (hit !== null) return selectAnnotation(hit);
  const positionNm =
    kind === '3d' ? (await pick(id, px, py))?.positionNm : positionAt(kind, cameraOf(view, id), sizeOf(frame), px, py);
  if (!positionNm) return;
  if (kind !== '3d' && isPlacing()) return placeLandmark(positionNm);
  if (tool === 'navigate') moveTo(positionNm);
  else if (isInside(box, positionNm)) void placeAt(positionNm);
  else
    toast({
      tone: 'info',
      topic: 'outside',
      title: 'That is outside the volume',
      detail: 'Click on the picture itself.',
    });
}

/** The annotation drawn nearest to a point, within a few pixels. */
function annotationAt(
  frame: HTMLElement,
  { id: pane, kind }: Pick<PaneSpec, 'id' | 'kind'>,
  px: number,
  py: number,
): string | null {
  const view = useView.getState();
  const box = boundsInView(view);
  if (!box) return null;
  const size = sizeOf(frame);
  const camera = cameraOf(view, pane);
  const orbit = orbitView(box, camera, size);
  const place = (point: Vec3): readonly number[] =>
    kind === '3d' ? projectToOrbit(orbit, size, point) : projectToPlane(kind, camera, size, point);
  const near = useEdits.getState().annotations.map(({ id, pointsNm }) => {
    const distances = marksInWorld(pointsNm).map((point) => {
      const [x = 0, y = 0] = place(point);
      return Math.hypot(x - px, y - py);
    });
    return { id, distance: Math.min(...distances) };
  });
  return near.filter(({ distance }) => distance <= hitPx).toSorted((a, b) => a.distance - b.distance)[0]?.id ?? null;
}
