import type { WebGLRenderer } from 'three';
import type { SourceBricks } from '../brick-plan.ts';
import type { Graphics } from '../graphics.ts';
import type { Picked } from '../messages.ts';
import type { OrbitPainter, OrbitScene, OrbitSurface } from '../orbit.ts';
import { showsShapes } from '../shapes/shape-room.ts';
import { frameOfOrbit, magnify } from '../shapes/view-frame.ts';
import type { Divisor } from './frame-budget.ts';
import { FrameBudget } from './frame-budget.ts';
import { OpaquePass } from './opaque-pass.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { orbitFrame } from './orbit-frame.ts';
import { pickOnPlanes } from './pick-planes.ts';
import { pickInVolumes } from './pick-ray.ts';
import { PlaneDrawer } from './plane-drawer.ts';
import { isRayed, RayLayers } from './ray-layers.ts';
import { Refresh } from './refresh.ts';
import type { RayLayer } from './layer-table.ts';
import { LayerShelf } from './layer-textures.ts';
import { VolumeDrawer } from './volume-drawer.ts';

/**
 * Draws a 3-D pane: what is opaque first, then each volume over it, lowest first. While the view moves, and while bricks
 * come, the picture is small and quick; at rest it is drawn whole, strip by strip.
 */
export class VolumePainter implements OrbitPainter {
  readonly #shelf = new LayerShelf();
  readonly #drawer = new VolumeDrawer(this.#shelf);
  readonly #planes = new PlaneDrawer(this.#shelf);
  readonly #opaque = new OpaquePass();
  readonly #layers = new RayLayers();
  readonly #budget = new FrameBudget();
  readonly #refresh = new Refresh();
  /** What the costs were learned of. */
  #drawn = '';
  /** The frame that the opaque things were last drawn for. */
  #opaqueFor: OrbitFrame | null = null;
  #row: number | null = null;
  sharp = false;

  wants(graphics: Graphics, orbit: OrbitScene): readonly SourceBricks[] {
    const frame = frameAtRest(orbit);
    return orbit.layers.flatMap((drawn) => {
      const need = this.#layers.needOf(graphics, orbit, drawn, frame);
      return need ? [{ source: drawn.source, bricks: need.bricks }] : [];
    });
  }

  coarse(graphics: Graphics, orbit: OrbitScene): readonly string[] {
    const frame = frameAtRest(orbit);
    const { layers } = orbit;
    return layers.filter((drawn) => this.#layers.isCoarse(graphics, orbit, drawn, frame)).map(({ layer }) => layer.id);
  }

  paint(graphics: Graphics, orbit: OrbitScene, surface: OrbitSurface, fresh: boolean): boolean {
    this.#adopt(orbit);
    const now = performance.now();
    const step = this.#refresh.step({
      now,
      fresh,
      moving: orbit.moving,
      version: graphics.atlas.version,
      whole: () => this.#isWhole(graphics, orbit),
    });
    if (fresh) this.sharp = false;
    if (step === 'quick') this.#paintQuick(graphics, orbit, surface);
    if (step === 'start') this.#row = 0;
    if (step === 'start') this.#opaqueFor = null;
    if (this.#row !== null && step !== 'quick') this.#paintStrip(graphics, orbit, surface);
    return this.#row !== null || this.#refresh.waits;
  }

  #adopt({ layers, scene }: OrbitScene): void {
    const drawn = layers.map(({ layer }) => `${layer.id} ${layer.volumeMode}`).join() + String(scene.slicesIn3d);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#budget.forget();
    const ids = new Set(layers.map(({ layer }) => layer.id));
    this.#layers.keepOnly(ids);
    this.#shelf.keepOnly(ids);
  }

  #isWhole(graphics: Graphics, orbit: OrbitScene): boolean {
    const frame = frameAtRest(orbit);
    return orbit.layers.every((drawn) => {
      const need = this.#layers.needOf(graphics, orbit, drawn, frame);
      return !need || this.#layers.isWhole(graphics, orbit, drawn, need);
    });
  }

  #paintQuick(graphics: Graphics, orbit: OrbitScene, surface: OrbitSurface): void {
    const pixels = surface.deviceWidth * surface.deviceHeight;
    const divisor = this.#budget.divisorFor(pixels);
    const width = Math.max(1, Math.ceil(surface.deviceWidth / divisor));
    const height = Math.max(1, Math.ceil(surface.deviceHeight / divisor));
    this.#row = null;
    this.#timed(graphics.renderer, divisor, width * height, () => {
      const frame = this.#frame(orbit, width, height);
      const layers = this.#rayLayers(graphics, orbit, divisor);
      const hasOpaque = this.#paintOpaque(graphics, orbit, frame, layers);
      surface.begin(graphics, width, height, 0, height);
      this.#paintVolumes(graphics, orbit, frame, layers, hasOpaque);
    });
    surface.stretch(graphics, width, height);
  }

  #paintStrip(graphics: Graphics, orbit: OrbitScene, surface: OrbitSurface): void {
    const { deviceWidth: width, deviceHeight: height } = surface;
    const from = this.#row ?? 0;
    const rows = Math.min(height - from, this.#budget.rowsFor(width));
    const frame = this.#frame(orbit, width, height);
    const layers = this.#rayLayers(graphics, orbit, 1);
    // The picture of what is opaque is whole, and serves all strips.
    if (!this.#opaqueFor && this.#paintOpaque(graphics, orbit, frame, layers)) this.#opaqueFor = frame;
    this.#timed(graphics.renderer, 1, width * rows, () => {
      surface.begin(graphics, width, height, height - from - rows, rows);
      this.#paintVolumes(graphics, orbit, frame, layers, this.#opaqueFor !== null);
    });
    surface.show(graphics, from, rows);
    this.#row = from + rows >= height ? null : from + rows;
    if (this.#row === null) this.sharp = this.#isWhole(graphics, orbit);
  }

  /** Waits for the GPU, so that what is timed is the drawing itself. */
  #timed(renderer: WebGLRenderer, divisor: Divisor, pixels: number, draw: () => void): void {
    const started = performance.now();
    draw();
    const gl = renderer.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, onePixel);
    this.#budget.note(divisor, pixels, performance.now() - started);
  }

  #frame(orbit: OrbitScene, width: number, height: number): OrbitFrame {
    const frame = orbitFrame(orbit.view, orbit.boundsNm, orbit.size, width / orbit.size.width);
    return { ...frame, width, height };
  }

  #rayLayers(graphics: Graphics, orbit: OrbitScene, divisor: Divisor): readonly RayLayer[] {
    return orbit.layers
      .map((drawn) => this.#layers.rayLayer(graphics, orbit, drawn, divisor))
      .filter((layer) => layer !== null);
  }

  /** Slices inside, meshes and skeletons. False where there is nothing of that. */
  #paintOpaque(graphics: Graphics, orbit: OrbitScene, frame: OrbitFrame, layers: readonly RayLayer[]): boolean {
    const { scene, shapes, boundsNm, moving, magnified } = orbit;
    const hasShapes = shapes !== undefined && showsShapes(scene);
    if (!scene.slicesIn3d && !hasShapes) return false;
    this.#opaque.paint(graphics.renderer, frame.width, frame.height, () => {
      if (scene.slicesIn3d) this.#planes.draw(graphics, orbit, frame, layers);
      const ratio = frame.width / orbit.size.width;
      const seen = frameOfOrbit(orbitFrame(orbit.view, boundsNm, orbit.size), ratio);
      if (hasShapes) shapes.draw3d(graphics.renderer, magnify(seen, magnified), scene, moving);
    });
    return true;
  }

  #paintVolumes(
    { renderer }: Graphics,
    { scene }: OrbitScene,
    frame: OrbitFrame,
    layers: readonly RayLayer[],
    hasOpaque: boolean,
  ): void {
    if (hasOpaque) this.#opaque.copy(renderer);
    const depth = hasOpaque ? this.#opaque.depth : null;
    const rayed = layers.filter(({ layer }) => layer.volumeMode !== 'off');
    rayed.forEach((layer, i) => this.#drawer.draw(renderer, { frame, clip: scene.clip, depth }, layer, i === 0));
  }

  pick(graphics: Graphics, orbit: OrbitScene, px: number, py: number): Picked | null {
    const frame = orbitFrame(orbit.view, orbit.boundsNm, orbit.size);
    const shape = orbit.shapes?.pick3d(frameOfOrbit(frame), orbit.scene, [px, py]) ?? null;
    const layers = orbit.layers.filter(isRayed).flatMap((drawn) => {
      const ray = this.#layers.rayLayer(graphics, orbit, drawn, 1);
      return ray ? [{ drawn, table: ray.table }] : [];
    });
    const plane = pickOnPlanes(orbit, frame, [px, py]);
    const depthNm = Math.min(shape?.depthNm ?? Infinity, plane?.depthNm ?? Infinity);
    const hit = pickInVolumes(orbit, frame, layers, [px, py], depthNm);
    if (hit) return hit;
    if (plane?.depthNm === depthNm) return { positionNm: plane.positionNm, layer: plane.layer, key: null };
    return shape && { positionNm: shape.positionNm, layer: shape.layer, key: shape.key };
  }

  dispose(): void {
    this.#shelf.keepOnly(new Set());
    this.#drawer.dispose();
    this.#planes.dispose();
    this.#opaque.dispose();
  }
}

const onePixel = new Uint8Array(4);

const frameAtRest = (orbit: OrbitScene): OrbitFrame => orbitFrame(orbit.view, orbit.boundsNm, orbit.size, orbit.ratio);
