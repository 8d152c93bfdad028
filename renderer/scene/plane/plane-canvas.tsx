import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Rect } from '../../../preload/contract/space.ts';
import type { PlaneCamera, Size } from './camera.ts';
import { fitBox, fromScreen, panned, revealed, zoomAtPoint } from './camera.ts';
import './plane.css';

export interface Drawing {
  readonly context: CanvasRenderingContext2D;
  readonly camera: PlaneCamera;
  readonly size: Size;
}

/** What the owner of a canvas can ask of it. */
export interface PlaneHandle {
  /** Draws in the next frame; many calls, one frame. */
  invalidate(): void;
  fit(): void;
  zoom(factor: number): void;
  reveal(box: Rect): void;
}

interface PlaneCanvasProps {
  readonly label: string;
  /** What `fit` shows. Fitted by itself whenever `fitKey` changes. */
  readonly box: Rect | null;
  readonly fitKey: string;
  readonly draw: (drawing: Drawing) => void;
  readonly onClick?: (x: number, y: number, camera: PlaneCamera) => void;
  readonly onHover?: (x: number, y: number, camera: PlaneCamera) => void;
  /** Takes what lies under a press, so that dragging moves it instead of the view; false where nothing is taken. */
  readonly onTake?: (x: number, y: number, camera: PlaneCamera) => boolean;
  /** What was taken is dragged on, in plane coordinates. */
  readonly onDrag?: (dx: number, dy: number) => void;
  readonly onReady: (handle: PlaneHandle) => void;
}

/** A 2-D canvas in plane coordinates: drag pans, the wheel zooms at the pointer. Draws only when something changed. */
export function PlaneCanvas(props: PlaneCanvasProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  const view = useRef<PlaneView | null>(null);
  useEffect(() => {
    latest.current = props;
    view.current?.adopt(props.fitKey);
  });
  useEffect(() => {
    if (!frame.current || !canvas.current) return;
    const made = new PlaneView(frame.current, canvas.current, () => latest.current);
    view.current = made;
    latest.current.onReady(made);
    return () => made.stop();
  }, []);
  return (
    <div className="plane" ref={frame}>
      <canvas ref={canvas} role="img" aria-label={props.label} />
    </div>
  );
}

const clickSlopPx = 4;

class PlaneView implements PlaneHandle {
  readonly #frame: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #props: () => PlaneCanvasProps;
  readonly #observer: ResizeObserver;
  readonly #leave = new AbortController();
  #camera: PlaneCamera = { x: 0, y: 0, pxPerUnit: 1 };
  #size: Size = { width: 0, height: 0 };
  #fitted = '';
  /** Until the user moves the view, it shows everything, however the frame changes. */
  #touched = false;
  #request = 0;
  #down: { readonly x: number; readonly y: number; readonly takes: boolean; moved: boolean } | null = null;

  constructor(frame: HTMLElement, canvas: HTMLCanvasElement, props: () => PlaneCanvasProps) {
    this.#frame = frame;
    this.#canvas = canvas;
    this.#props = props;
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(frame);
    const options = { signal: this.#leave.signal };
    canvas.addEventListener('pointerdown', (event) => this.#press(event), options);
    canvas.addEventListener('pointermove', (event) => this.#move(event), options);
    canvas.addEventListener('pointerup', (event) => this.#release(event), options);
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { ...options, passive: false });
  }

  stop(): void {
    this.#observer.disconnect();
    this.#leave.abort();
    cancelAnimationFrame(this.#request);
  }

  /** Takes over new props: fits where the key says so, and draws. */
  adopt(fitKey: string): void {
    if (fitKey !== this.#fitted) this.fit();
    this.invalidate();
  }

  invalidate(): void {
    if (this.#request === 0) this.#request = requestAnimationFrame(() => this.#paint());
  }

  fit(): void {
    const { box, fitKey } = this.#props();
    if (!box || this.#size.width < 2) return;
    this.#fitted = fitKey;
    this.#touched = false;
    this.#look(fitBox(box, this.#size));
  }

  zoom(factor: number): void {
    this.#touched = true;
    this.#look(zoomAtPoint(this.#camera, this.#size, this.#size.width / 2, this.#size.height / 2, factor));
  }

  reveal(box: Rect): void {
    this.#look(revealed(this.#camera, this.#size, box));
  }

  #look(camera: PlaneCamera): void {
    this.#camera = camera;
    this.invalidate();
  }

  #measure(): void {
    const { width, height } = this.#frame.getBoundingClientRect();
    this.#size = { width, height };
    this.#canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
    this.#canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
    if (!this.#touched || this.#fitted !== this.#props().fitKey) this.fit();
    // A canvas that is resized is empty: drawn at once, it never shows that.
    this.#paint();
  }

  #paint(): void {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    const context = this.#canvas.getContext('2d');
    if (!context || this.#size.width < 2) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.#size.width, this.#size.height);
    this.#props().draw({ context, camera: this.#camera, size: this.#size });
  }

  #press(event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId);
    const [x, y] = fromScreen(this.#camera, this.#size, event.offsetX, event.offsetY);
    const takes = event.button === 0 && (this.#props().onTake?.(x, y, this.#camera) ?? false);
    this.#down = { x: event.offsetX, y: event.offsetY, takes, moved: false };
  }

  #move(event: PointerEvent): void {
    const down = this.#down;
    if (!down) {
      const [x, y] = fromScreen(this.#camera, this.#size, event.offsetX, event.offsetY);
      return this.#props().onHover?.(x, y, this.#camera);
    }
    if (!down.moved && Math.hypot(event.offsetX - down.x, event.offsetY - down.y) < clickSlopPx) return;
    // The way up to here counts too, once it is a drag.
    const [dx, dy] = down.moved ? [event.movementX, event.movementY] : [event.offsetX - down.x, event.offsetY - down.y];
    down.moved = true;
    if (down.takes) return this.#props().onDrag?.(dx / this.#camera.pxPerUnit, dy / this.#camera.pxPerUnit);
    this.#touched = true;
    this.#look(panned(this.#camera, dx, dy));
  }

  #release(event: PointerEvent): void {
    const down = this.#down;
    this.#down = null;
    if (!down || down.moved) return;
    const [x, y] = fromScreen(this.#camera, this.#size, event.offsetX, event.offsetY);
    this.#props().onClick?.(x, y, this.#camera);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    this.#touched = true;
    this.#look(zoomAtPoint(this.#camera, this.#size, event.offsetX, event.offsetY, Math.exp(-event.deltaY * 0.0015)));
  }
}
