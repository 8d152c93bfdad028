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
import type { PaneLook } from './pane-look.ts';
import { inWindowPx, shapeViewOf } from './pane-look.ts';
import { PlaneCuts } from './plane-cuts.ts';
import { around, planeViewOf, viewThrough, wholeOf } from './plane-view.ts';
import type { DrawnLayer } from './scene-layers.ts';
import { onBlack, slicePlace } from './slice-place.ts';
import { SoftPicture } from './soft-picture.ts';
import type { ShapeView } from './shapes/shape-plan.ts';
import type { ShapeRoom } from './shapes/shape-room.ts';
import type { Place } from './sources.ts';
import { stripOf } from './strip.ts';

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

/** One pane: an image canvas and an overlay canvas, each drawn only when what it shows has changed. */
export class PanePainter implements OrbitSurface {
  readonly spec: PaneSpec;
  readonly key: number;
  readonly #isShot: boolean;
  readonly #canvases: PaneCanvases;
  readonly #image: OffscreenCanvasRenderingContext2D;
  readonly #overlay: OffscreenCanvasRenderingContext2D;
  width = 0;
  height = 0;
  #ratio = 1;
  #look: PaneLook | null = null;
  readonly #cuts = new Map<string, PlaneCuts>();
  readonly #first = new FirstPicture();
  readonly #soft = new SoftPicture();
  #orbit: { readonly graphics: Graphics; readonly painter: OrbitPainter } | null = null;
  imageDirty = true;
  overlayDirty = true;
  /** Whether every voxel in view is of the right level. */
  sharp = false;
  /** Whether a part of the picture is still to be drawn. */
  busy = false;
  /** Whether a place in view had nothing to draw in the last picture. */
  blank = false;

  /** `isShot`: a picture for a file, drawn once, and as well as it can be. */
  constructor(spec: PaneSpec, key: number, canvases: PaneCanvases, isShot = false) {
    const image = canvases.image.getContext('2d', { alpha: false });
    const overlay = canvases.overlay.getContext('2d');
    if (!image || !overlay) throw new Error('a 2-D canvas has no context');
    this.spec = spec;
    this.key = key;
    this.#isShot = isShot;
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
  look(
    camera: PaneCamera,
    size: PaneSize = { width: this.width, height: this.height },
    tile = wholeOf(size),
    magnified = 1,
  ): void {
    this.#look = { camera, size, tile, magnified };
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
    const { camera, size, tile, magnified } = this.#look;
    // Outlines know what is beyond the edge, as far as they are wide.
    const seen = around(tile, Math.max(0, Math.round(magnified) - 1));
    const view = viewThrough(place.layerFromWorld, planeViewOf(kind, camera, size, seen));
    const cuts = new PlaneCuts(place.volume, view, this.#ratio);
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
    const scale = this.#ratio * look.magnified;
    this.#overlay.resetTransform();
    this.#overlay.clearRect(0, 0, this.deviceWidth, this.deviceHeight);
    this.#overlay.setTransform(scale, 0, 0, scale, -look.tile.x * this.#ratio, -look.tile.y * this.#ratio);
    drawOverlay(this.#overlay, this.spec.kind, inWindowPx(look), scene);
    this.overlayDirty = false;
  }

  /** Draws the image, or a part of it; true while there is more to draw in the next frame. */
  paintImage(graphics: Graphics, scene: ImageScene): boolean {
    graphics.reserve(this.deviceWidth, this.deviceHeight);
    const emptied = this.#adoptSize(this.#canvases.image);
    const fresh = emptied || this.imageDirty || this.#soft.isDue;
    this.imageDirty = false;
    if (!this.isOrbit) return fresh && this.#paintSlice(graphics, scene, emptied);
    const orbit = this.orbitScene({ ...scene, moving: !this.#isShot && (scene.moving || emptied) });
    if (!orbit) return false;
    const painter = this.orbitPainter(graphics);
    const more = painter.paint(graphics, orbit, this, fresh);
    this.sharp = painter.sharp;
    this.busy = more;
    return more;
  }

  /** True where there is more to draw: it was put off, or drawn with fewer pixels. */
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
    const checkerPx = scene.checkerPx * look.magnified;
    let [device, skipped] = [{ width, height }, false];
    const drawn = graphics.slices.draw(
      renderer,
      atlas,
      colourMaps,
      { layers, cutsOf: (at) => this.cutsOf(at) as PlaneCuts, store, tables, checkerPx },
      (what) => {
        skipped = what.empty && !emptied && this.#first.skips(atlas.version, performance.now());
        if (skipped) return null;
        if (!this.#isShot && shapes.isEmpty) device = this.#soft.sizeOf(device, this.#ratio, layers, what);
        onBlack(renderer, () => this.begin(graphics, device.width, device.height, 0, device.height));
        return slicePlace(this, look.tile, device, look.magnified);
      },
    );
    this.sharp = drawn.sharp;
    this.blank = drawn.blank;
    if (skipped) return (this.imageDirty = true);
    graphics.background.draw(renderer);
    const view = this.shapeView(boundsNm);
    for (const { id, type } of scene.layers)
      if (view && (type === 'mesh' || type === 'skeleton')) shapes.drawSlice(renderer, view.frame, scene, id);
    if (device.width < width) this.stretch(graphics, device.width, device.height);
    else this.show(graphics, 0, height);
    return (this.busy = this.#soft.isSoft);
  }

  /** Whether there is another slice to draw than the one that is shown. */
  get wantsSlice(): boolean {
    return !this.isOrbit && (this.imageDirty || this.#soft.isDue);
  }

  /** What a 3-D pane is drawn from; null of a slice pane. */
  orbitScene({ scene, layers, boundsNm, moving, store, tables, shapes }: ImageScene): OrbitScene | null {
    if (!this.isOrbit || !this.#look || this.hidden) return null;
    const { camera, size, tile, magnified } = this.#look;
    const view = orbitView(boundsNm, camera, size, tile);
    const drawn = { width: this.width, height: this.height };
    const board = [tile.x + this.width / 2, tile.y + this.height / 2] as const;
    const isPart = tile.width < size.width || tile.height < size.height;
    const look = { camera, view, boundsNm, size: drawn, ratio: this.#ratio, board, moving, magnified, isPart };
    return { scene, layers, ...look, store, tables, shapes };
  }

  /** What this pane shows of meshes and skeletons. */
  shapeView(boundsNm: Box3): ShapeView | null {
    if (!this.#look || this.hidden) return null;
    const drawn = { width: this.width, height: this.height };
    return shapeViewOf(this.spec.kind, this.#look, drawn, this.#ratio, boundsNm);
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

  /** Layers of which memory does not hold as much as this pane could show, where it is a 3-D one. */
  coarseLayers(graphics: Graphics, image: ImageScene): readonly string[] {
    const orbit = this.orbitScene(image);
    return orbit ? this.orbitPainter(graphics).coarse(graphics, orbit) : [];
  }

  begin({ renderer }: Graphics, width: number, height: number, bottom: number, rows: number): void {
    renderer.setViewport(0, 0, width, height);
    renderer.setScissor(0, bottom, width, rows);
    renderer.setScissorTest(true);
    renderer.clear();
  }

  show({ canvas, renderer }: Graphics, top: number, rows: number): void {
    const width = this.deviceWidth;
    const bottom = this.deviceHeight - top - rows;
    // Large pictures have many strips: each is read by itself, where a canvas would be copied whole.
    if (this.#isShot) return this.#image.putImageData(stripOf(renderer, width, rows, bottom), 0, top);
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
