import type { Volume } from '../../../preload/contract/library.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import type { PlaneView } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import { orbitView } from './geometry.ts';
import type { Graphics } from './graphics.ts';
import type { Camera, Look, PaneCanvases } from './messages.ts';
import type { OverlayScene } from './overlay.ts';
import { drawOverlay } from './overlay.ts';

export interface ImageScene {
  readonly volume: Volume;
  readonly camera: Camera;
  readonly look: Look;
  readonly store: BrickStore;
  /** Which channel and time, as `partOf` names it. */
  readonly part: string;
  /** Whether the view was moved in the last moments: then a projection is drawn at a lower resolution. */
  readonly moving: boolean;
}

const background = '#0e0e10';
/** A projection's strip or moving frame should take about this long, so that the worker stays quick to answer. */
const stripMs = 45;
const stillSteps = 768;
const movingSteps = 192;

/** One pane: an image canvas and an overlay canvas, each drawn only when what it shows has changed. */
export class PanePainter {
  readonly id: PaneId;
  readonly key: number;
  readonly #canvases: PaneCanvases;
  readonly #image: OffscreenCanvasRenderingContext2D;
  readonly #overlay: OffscreenCanvasRenderingContext2D;
  width = 0;
  height = 0;
  #ratio = 1;
  imageDirty = true;
  overlayDirty = true;
  /** Whether every voxel in view is of the right level. */
  sharp = false;
  /** Whether a place in view had nothing to draw in the last picture. */
  blank = false;
  /** Device row up to which the still projection is drawn; null when it is done. */
  #row: number | null = null;
  #coarse = 4;
  #rowMs = 0.1;

  constructor(id: PaneId, key: number, canvases: PaneCanvases) {
    const image = canvases.image.getContext('2d', { alpha: false });
    const overlay = canvases.overlay.getContext('2d');
    if (!image || !overlay) throw new Error('a 2-D canvas has no context');
    this.id = id;
    this.key = key;
    this.#canvases = canvases;
    this.#image = image;
    this.#overlay = overlay;
  }

  resize(width: number, height: number, ratio: number): void {
    this.width = width;
    this.height = height;
    this.#ratio = ratio;
    this.imageDirty = this.overlayDirty = true;
  }

  /** A canvas takes its new size, and loses its picture, only when the next picture is drawn: nothing flickers. */
  #adoptSize(canvas: OffscreenCanvas): boolean {
    if (canvas.width === this.#deviceWidth && canvas.height === this.#deviceHeight) return false;
    canvas.width = this.#deviceWidth;
    canvas.height = this.#deviceHeight;
    return true;
  }

  get #deviceWidth(): number {
    return Math.max(1, Math.round(this.width * this.#ratio));
  }

  get #deviceHeight(): number {
    return Math.max(1, Math.round(this.height * this.#ratio));
  }

  get hidden(): boolean {
    return this.width < 2 || this.height < 2;
  }

  #clear(): void {
    this.#image.fillStyle = background;
    this.#image.fillRect(0, 0, this.#deviceWidth, this.#deviceHeight);
  }

  paintNothing(): void {
    this.#adoptSize(this.#canvases.image);
    this.#adoptSize(this.#canvases.overlay);
    this.#clear();
    this.#overlay.clearRect(0, 0, this.#deviceWidth, this.#deviceHeight);
    this.imageDirty = this.overlayDirty = false;
  }

  paintOverlay(scene: OverlayScene): void {
    this.#adoptSize(this.#canvases.overlay);
    this.#overlay.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    this.#overlay.clearRect(0, 0, this.width, this.height);
    drawOverlay(this.#overlay, this.id, this, scene);
    this.overlayDirty = false;
  }

  /** Draws the image, or a part of it; true while there is more to draw in the next frame. */
  paintImage(graphics: Graphics, scene: ImageScene): boolean {
    graphics.reserve(this.#deviceWidth, this.#deviceHeight);
    const emptied = this.#adoptSize(this.#canvases.image);
    if (this.id !== '3d') {
      this.#paintSlice(graphics, scene, this.id);
      this.imageDirty = false;
      return false;
    }
    if (this.imageDirty) this.#row = 0;
    this.imageDirty = false;
    if (scene.moving || emptied) {
      this.#paintMoving(graphics, scene);
      this.#row = 0;
      return true;
    }
    return this.#paintStrip(graphics, scene);
  }

  #paintSlice(graphics: Graphics, scene: ImageScene, plane: Exclude<PaneId, '3d'>): void {
    const { atlas } = graphics;
    if (!atlas) return;
    this.#viewport(graphics, this.#deviceWidth, this.#deviceHeight, 0, this.#deviceHeight);
    const drawn = graphics.slices.draw(graphics.renderer, { ...scene, atlas }, plane, this);
    this.sharp = drawn.sharp;
    this.blank = drawn.blank;
    this.#copy(graphics, this.#deviceHeight, 0, this.#deviceHeight);
  }

  #paintMoving(graphics: Graphics, scene: ImageScene): void {
    const dense = graphics.shown;
    if (!dense) return;
    const ratio = this.#ratio / this.#coarse;
    const [w, h] = [Math.max(1, Math.ceil(this.width * ratio)), Math.max(1, Math.ceil(this.height * ratio))];
    const started = performance.now();
    this.#viewport(graphics, w, h, 0, h);
    graphics.projection.draw(
      graphics.renderer,
      scene.volume,
      dense,
      orbitView(scene.volume, scene.camera, this),
      scene.camera,
      this,
      ratio,
      scene.look,
      movingSteps,
    );
    this.#clear();
    this.#image.imageSmoothingEnabled = true;
    this.#image.drawImage(
      graphics.canvas,
      0,
      graphics.canvas.height - h,
      w,
      h,
      0,
      0,
      (w / ratio) * this.#ratio,
      (h / ratio) * this.#ratio,
    );
    const took = performance.now() - started;
    if (took > stripMs * 1.3) this.#coarse = Math.min(8, this.#coarse * 1.4);
    else if (took < stripMs / 3) this.#coarse = Math.max(1, this.#coarse / 1.2);
  }

  #paintStrip(graphics: Graphics, scene: ImageScene): boolean {
    const dense = graphics.shown;
    const from = this.#row;
    if (!dense || from === null) return false;
    const rows = Math.min(this.#deviceHeight - from, Math.max(8, Math.floor(stripMs / this.#rowMs)));
    const started = performance.now();
    this.#viewport(graphics, this.#deviceWidth, this.#deviceHeight, this.#deviceHeight - from - rows, rows);
    graphics.projection.draw(
      graphics.renderer,
      scene.volume,
      dense,
      orbitView(scene.volume, scene.camera, this),
      scene.camera,
      this,
      this.#ratio,
      scene.look,
      stillSteps,
    );
    this.#copy(graphics, this.#deviceHeight, from, rows);
    this.#rowMs = Math.max(0.005, (performance.now() - started) / rows);
    this.#row = from + rows >= this.#deviceHeight ? null : from + rows;
    this.sharp = this.#row === null && dense === graphics.dense;
    return this.#row !== null;
  }

  /** Viewport at the lower left of the drawing buffer, of which `rows` from `bottom` on are cleared and drawn. */
  #viewport({ renderer }: Graphics, width: number, height: number, bottom: number, rows: number): void {
    renderer.setViewport(0, 0, width, height);
    renderer.setScissor(0, bottom, width, rows);
    renderer.setScissorTest(true);
    renderer.clear();
  }

  #copy(graphics: Graphics, height: number, top: number, rows: number): void {
    const width = this.#deviceWidth;
    const context = this.#image;
    context.fillStyle = background;
    context.fillRect(0, top, width, rows);
    context.drawImage(graphics.canvas, 0, graphics.canvas.height - height + top, width, rows, 0, top, width, rows);
  }
}

/** The slice panes that are shown. */
export const planesOf = (panes: ReadonlyMap<PaneId, PanePainter>): readonly PlaneView[] =>
  [...panes.values()].flatMap(({ id, hidden, width, height }): PlaneView[] =>
    hidden || id === '3d' ? [] : [{ plane: id, size: { width, height } }],
  );
