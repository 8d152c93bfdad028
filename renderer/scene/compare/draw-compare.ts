import type { Rect } from '../../../preload/contract/space.ts';
import type { CompareMode } from '../../state/compare.ts';
import { toScreen } from '../plane/camera.ts';
import type { Drawing } from '../plane/plane-canvas.tsx';

export interface Painted {
  readonly rect: Rect;
  readonly canvas: OffscreenCanvas;
}

export interface CompareLook {
  readonly mode: CompareMode;
  readonly at: number;
  readonly showsOther: boolean;
}

/** The other version left of the slider, the session's right of it; or what differs; or one of them. */
export function drawCompare(drawing: Drawing, other: Painted | null, own: Painted | null, look: CompareLook): void {
  const { context, size } = drawing;
  context.fillStyle = '#0e0e10';
  context.fillRect(0, 0, size.width, size.height);
  if (look.mode === 'blink') return drawPainted(drawing, look.showsOther ? other : own);
  if (look.mode === 'difference') return drawDifference(drawing, other, own);
  drawPainted(drawing, own);
  const x = look.at * size.width;
  context.save();
  context.beginPath();
  context.rect(0, 0, x, size.height);
  context.clip();
  context.fillRect(0, 0, x, size.height);
  drawPainted(drawing, other);
  context.restore();
  context.fillStyle = '#3fb6a8';
  context.fillRect(Math.round(x) - 1, 0, 2, size.height);
}

function drawDifference(drawing: Drawing, other: Painted | null, own: Painted | null): void {
  drawPainted(drawing, other);
  drawing.context.globalCompositeOperation = 'difference';
  drawPainted(drawing, own);
  drawing.context.globalCompositeOperation = 'source-over';
}

function drawPainted({ context, camera, size }: Drawing, painted: Painted | null): void {
  if (!painted) return;
  const { rect, canvas } = painted;
  const [x, y] = toScreen(camera, size, rect.minX, rect.minY);
  const [right, below] = toScreen(camera, size, rect.maxX, rect.maxY);
  context.imageSmoothingEnabled = (right - x) / canvas.width < 2;
  context.drawImage(canvas, x, y, right - x, below - y);
}
