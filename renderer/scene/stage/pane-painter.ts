import { Color, Matrix3 } from 'three';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { Box3 } from '../../state/volume-geometry.ts';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import type { SourceBricks } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import { FirstPicture } from './first-picture.ts';
import { orbitView } from './geometry.ts';
import type { Graphics } from './graphics.ts';
import { background } from './graphics.ts';
import type { LabelTables } from './label-tables.ts';
import type { PaneCanvases, StageScene } from './messages.ts';
import type { OrbitPainter, OrbitScene, OrbitSurface } from './orbit.ts';
import type { OverlayScene } from './overlay.ts';
import { drawOverlay } from './overlay.ts';
import { PlaneCuts } from './plane-cuts.ts';
import type { Tile } from './plane-view.ts';
import { planeViewOf, viewThrough, wholeOf } from './plane-view.ts';
import type { DrawnLayer } from './scene-layers.ts';
import { readShiftPx } from './slice-drawer.ts';
import type { ShapeView } from './shapes/shape-plan.ts';
import type { ShapeRoom } from './shapes/shape-room.ts';
import { frameOfOrbit, frameOfPlane } from './shapes/view-frame.ts';
import type { Place } from './sources.ts';
import { orbitFrame } from './volume/orbit-frame.ts';

/** Skeletons are seen so far before and behind a slice, in pixels. */
const fadePx = 10;

/** What all panes are drawn from. */
export interface ImageScene {
  readonly scene: StageScene;
  readonly layers: readonly DrawnLayer[];
  readonly boundsNm: Box3;
  readonly store: BrickStore;
  readonly tables: LabelTables;
  readonly shapes: ShapeRoom;
  /** Whether the view was moved in the last moments. */
  readonly moving: boolean;
}

/** Where a pane looks. `size`: of the whole picture; `tile`: the part of it that this pane is. */
export interface PaneLook {
  readonly camera: PaneCamera;
  readonly size: PaneSize;
  readonly tile: Tile;
}

/** One pane: an image canvas and an overlay canvas, each drawn only when what it shows has changed. */
export class PanePainter implements OrbitSurface {
  readonly spec: PaneSpec;
  readonly key: number;
  readonly #canvases: PaneCanvases;
  readonly #image: OffscreenCanvasRenderingContext2D;
  readonly #overlay: OffscreenCanvasRenderingContext2D;
  width = 0;
  height = 0;
  #ratio = 1;
  #look: PaneLook | null = null;
  readonly #cuts = new Map<string, PlaneCuts>();
  readonly #first = new FirstPicture();
  #orbit: { readonly graphics: Graphics; readonly painter: OrbitPainter } | null = null;
  imageDirty = true;
  overlayDirty = true;
  /** Whether every voxel in view is of the right level. */
  sharp = false;
  /** Whether a part of the picture is still to be drawn. */
  busy = false;
  /** Whether a place in view had nothing to draw in the last picture. */
  blank = false;

  constructor(spec: PaneSpec, key: number, canvases: PaneCanvases) {
    const image = canvases.image.getContext('2d', { alpha: false });
    const overlay = canvases.overlay.getContext('2d');
    if (!image || !overlay) throw new Error('a 2-D canvas has no context');
    this.spec = spec;
    this.key = key;
    this.#canvases = canvases;
    this.#image = image;
    this.#overlay = overlay;
  }

  get camera(): PaneCamera | null {
    return this.#look?.camera ?? null;
  }

  resize(width: number, height: number, ratio: number): void {
    this.width = width;
    this.height = height;
    this.#ratio = ratio;
    if (this.#look) this.look(this.#look.camera);
    this.imageDirty = this.overlayDirty = true;
  }

  /** Sets where it looks, at a part of a larger picture or at a whole one. */
  look(camera: PaneCamera, size: PaneSize = { width: this.width, height: this.height }, tile = wholeOf(size)): void {
    this.#look = { camera, size, tile };
    this.#cuts.clear();
  }

  /** A canvas takes its new size, and loses its picture, only when the next picture is drawn: nothing flickers. */
  #adoptSize(canvas: OffscreenCanvas): boolean {
    if (canvas.width === this.deviceWidth && canvas.height === this.deviceHeight) return false;
    canvas.width = this.deviceWidth;
    canvas.height = this.deviceHeight;
    return true;
  }

  get deviceWidth(): number {
    return Math.max(1, Math.round(this.width * this.#ratio));
  }

  get deviceHeight(): number {
    return Math.max(1, Math.round(this.height * this.#ratio));
  }

  /** Whether there is nothing of it to draw. */
  get hidden(): boolean {
    return this.width < 2 || this.height < 2 || !this.#look;
  }

  get isOrbit(): boolean {
    return this.spec.kind === '3d';
  }

  /** What this slice pane cuts of a place; null of a 3-D pane. */
  cutsOf(place: Place): PlaneCuts | null {
    const { kind } = this.spec;
    if (kind === '3d' || !this.#look || this.hidden) return null;
    const known = this.#cuts.get(place.key);
    if (known?.volume === place.volume) return known;
    const { camera, size, tile } = this.#look;
    const view = viewThrough(place.layerFromWorld, planeViewOf(kind, camera, size, tile));
    const cuts = new PlaneCuts(place.volume, view);
    this.#cuts.set(place.key, cuts);
    return cuts;
  }

  #clear(): void {
    this.#image.fillStyle = background;
    this.#image.fillRect(0, 0, this.deviceWidth, this.deviceHeight);
  }

  paintNothing(): void {
    this.#adoptSize(this.#canvases.image);
    this.#adoptSize(this.#canvases.overlay);
    this.#clear();
    this.#overlay.clearRect(0, 0, this.deviceWidth, this.deviceHeight);
    this.imageDirty = this.overlayDirty = this.busy = false;
    this.sharp = true;
  }

  paintOverlay(scene: OverlayScene): void {
    const look = this.#look;
    if (!look) return;
    this.#adoptSize(this.#canvases.overlay);
    this.#overlay.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    this.#overlay.clearRect(0, 0, this.width, this.height);
    this.#overlay.translate(-look.tile.x, -look.tile.y);
    drawOverlay(this.#overlay, this.spec.kind, look, scene);
    this.overlayDirty = false;
  }

  /** Draws the image, or a part of it; true while there is more to draw in the next frame. */
  paintImage(graphics: Graphics, scene: ImageScene): boolean {
    graphics.reserve(this.deviceWidth, this.deviceHeight);
    const emptied = this.#adoptSize(this.#canvases.image);
    const fresh = this.imageDirty || emptied;
    this.imageDirty = false;
    if (!this.isOrbit) return fresh && this.#paintSlice(graphics, scene, emptied);
    const orbit = this.orbitScene({ ...scene, moving: scene.moving || emptied });
    if (!orbit) return false;
    const painter = this.orbitPainter(graphics);
    const more = painter.paint(graphics, orbit, this, fresh);
    this.sharp = painter.sharp;
    this.busy = more;
    return more;
  }

  /** True where it was put off. */
  #paintSlice(
    graphics: Graphics,
    { layers, store, tables, scene, shapes, boundsNm }: ImageScene,
    emptied: boolean,
  ): boolean {
    const look = this.#look;
    if (!look) return false;
    const { deviceWidth: width, deviceHeight: height } = this;
    const { renderer, atlas, colourMaps } = graphics;
    if (this.#first.waits(layers, atlas.version, performance.now()) && !emptied) return (this.imageDirty = true);
    const clear = renderer.getClearColor(new Color());
    renderer.setClearColor(0x000000, 1);
    this.begin(graphics, width, height, 0, height);
    renderer.setClearColor(clear, 1);
    const drawn = graphics.slices.draw(
      renderer,
      atlas,
      colourMaps,
      { layers, cutsOf: (at) => this.cutsOf(at) as PlaneCuts, store, tables, checkerPx: scene.checkerPx },
      {
        clipOf: (k, n) => this.#clipOf(k, n),
        paneFromDevice: this.#paneFromDevice(),
        board: [look.tile.x + this.width / 2, look.tile.y + this.height / 2],
        ratio: this.#ratio,
        device: { width, height },
      },
    );
    graphics.background.draw(renderer);
    const view = this.shapeView(boundsNm);
    for (const { id, type } of scene.layers)
      if (view && (type === 'mesh' || type === 'skeleton')) shapes.drawSlice(renderer, view.frame, id);
    this.sharp = drawn.sharp;
    this.blank = drawn.blank;
    if (drawn.empty && !emptied && this.#first.skips(atlas.version, performance.now())) return (this.imageDirty = true);
    this.show(graphics, 0, height);
    return false;
  }

  /** Pixels from the middle to clip space; layer k of n lies nearer the higher it is. */
  #clipOf(k: number, n: number): Matrix3 {
    const depth = 1 - (k + 1) / (n + 1);
    return new Matrix3(2 / this.width, 0, 0, 0, -2 / this.height, 0, 0, 0, 2 * depth - 1);
  }

  #paneFromDevice(): Matrix3 {
    const [x, y] = [this.width / this.deviceWidth, this.height / this.deviceHeight];
    const shift = readShiftPx / this.#ratio;
    return new Matrix3(x, 0, shift - this.width / 2, 0, -y, shift + this.height / 2, 0, 0, 1);
  }

  /** What a 3-D pane is drawn from; null of a slice pane. */
  orbitScene({ scene, layers, boundsNm, moving, store, tables, shapes }: ImageScene): OrbitScene | null {
    if (!this.isOrbit || !this.#look || this.hidden) return null;
    const { camera, size, tile } = this.#look;
    const view = orbitView(boundsNm, camera, size, tile);
    const drawn = { width: this.width, height: this.height };
    const board = [tile.x + this.width / 2, tile.y + this.height / 2] as const;
    const look = { camera, view, boundsNm, size: drawn, ratio: this.#ratio, board, moving };
    return { scene, layers, ...look, store, tables, shapes };
  }

  /** What this pane shows of meshes and skeletons. */
  shapeView(boundsNm: Box3): ShapeView | null {
    if (!this.#look || this.hidden) return null;
    const { camera, size, tile } = this.#look;
    const { kind } = this.spec;
    const drawn = { width: this.width, height: this.height };
    if (kind === '3d') {
      const orbit = orbitFrame(orbitView(boundsNm, camera, size, tile), boundsNm, drawn);
      return { kind, frame: frameOfOrbit(orbit, this.#ratio) };
    }
    const plane = planeViewOf(kind, camera, size, tile);
    return { kind: 'slice', frame: frameOfPlane(plane, this.#ratio, fadePx * camera.nmPerPx) };
  }

  orbitPainter(graphics: Graphics): OrbitPainter {
    if (this.#orbit?.graphics !== graphics) {
      this.#orbit?.painter.dispose();
      this.#orbit = { graphics, painter: graphics.orbitPainter() };
    }
    return this.#orbit.painter;
  }

  /** What this pane needs, where it is a 3-D one. */
  orbitWants(graphics: Graphics, image: ImageScene): readonly SourceBricks[] {
    const orbit = this.orbitScene(image);
    return orbit ? this.orbitPainter(graphics).wants(graphics, orbit) : [];
  }

  begin({ renderer }: Graphics, width: number, height: number, bottom: number, rows: number): void {
    renderer.setViewport(0, 0, width, height);
    renderer.setScissor(0, bottom, width, rows);
    renderer.setScissorTest(true);
    renderer.clear();
  }

  show({ canvas }: Graphics, top: number, rows: number): void {
    const width = this.deviceWidth;
    const from = canvas.height - this.deviceHeight + top;
    this.#image.drawImage(canvas, 0, from, width, rows, 0, top, width, rows);
  }

  stretch({ canvas }: Graphics, width: number, height: number): void {
    this.#image.imageSmoothingEnabled = true;
    const from = canvas.height - height;
    this.#image.drawImage(canvas, 0, from, width, height, 0, 0, this.deviceWidth, this.deviceHeight);
  }

  /** The image with what lies over it, where that is wanted: RGBA, rows from the top. */
  pixels(withOverlay: boolean): Uint8Array<ArrayBuffer> {
    if (withOverlay) this.#image.drawImage(this.#canvases.overlay, 0, 0);
    const { data } = this.#image.getImageData(0, 0, this.deviceWidth, this.deviceHeight);
    return new Uint8Array(data.buffer as ArrayBuffer);
  }

  dispose(): void {
    this.#orbit?.painter.dispose();
    this.#orbit = null;
  }
}
