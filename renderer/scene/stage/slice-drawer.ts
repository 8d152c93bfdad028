import type { DataTexture, Matrix3, WebGLRenderer } from 'three';
import { FramebufferTexture, Vector2, Vector3 } from 'three';
import type { Blend } from '../../../preload/contract/view-state.ts';
import type { PaneSize } from '../../state/view.ts';
import { map3 } from '../../state/volume-geometry.ts';
import type { BrickAtlas } from './brick-atlas.ts';
import { bricksOver } from './brick-plan.ts';
import type { BrickPool, Slot } from './brick-pool.ts';
import type { BrickStore } from './brick-store.ts';
import type { LabelTables, Page } from './label-tables.ts';
import { setLook, setUniforms } from './look.ts';
import type { Cut, PlaneCuts, Ramps } from './plane-cuts.ts';
import { rampsOf } from './plane-cuts.ts';
import type { DrawnLayer } from './scene-layers.ts';
import { setBlend, sliceMaterial } from './slice-material.ts';
import { SliceMesh } from './slice-mesh.ts';
import type { Place, Source } from './sources.ts';

/** What a slice is drawn from. */
export interface SliceScene {
  /** Bottom first. */
  readonly layers: readonly DrawnLayer[];
  readonly cutsOf: (place: Place) => PlaneCuts;
  readonly store: BrickStore;
  readonly tables: LabelTables;
  readonly checkerPx: number;
}

/** Where it is drawn. */
export interface SlicePlace {
  /** Pixels of the pane (from its middle, with 1) to x, y and depth of clip space; layer k of n. */
  readonly clipOf: (k: number, n: number) => Matrix3;
  /** gl_FragCoord (with 1) to pixels of the pane from its middle. */
  readonly paneFromDevice: Matrix3;
  /** From the middle of what is drawn to the upper left corner of the pane that the checkerboard is fixed to. */
  readonly board: readonly [x: number, y: number];
  /** Device pixels for a CSS pixel. */
  readonly ratio: number;
  /** Of the drawing buffer, for layers that look at what is below. */
  readonly device: PaneSize;
}

export interface SliceState {
  /** Whether every voxel in view is of the level that the scale asks for. */
  readonly sharp: boolean;
  /** Whether a place in view had no brick of any level to draw. */
  readonly blank: boolean;
}

/** One draw call: bricks of one level of a layer. */
interface Run {
  readonly pool: BrickPool;
  readonly ramps: Ramps;
  readonly from: number;
  readonly to: number;
}

/**
 * A voxel's edge often falls on the very middle of a pixel. It then belongs to the voxel that begins there, on every card:
 * voxels are read a hair right of and below the middle. Device pixels.
 */
export const readShiftPx = 1 / 2048;

/** Of a brick that is empty all through. */
const noSlot = [-1, -1, -1] as const;

/** Draws planes of volumes from the atlas: a polygon for each brick. */
export class SliceDrawer {
  readonly #material = sliceMaterial();
  readonly #mesh = new SliceMesh(this.#material);
  #below: FramebufferTexture | null = null;

  /**
   * Draws into the current viewport and target, which has a depth buffer. A higher layer is nearer; of a layer the finest
   * bricks come first and coarser ones only fill gaps, so that each pixel of it is shaded once. What hides all below it is
   * drawn before it, top first.
   */
  draw(
    renderer: WebGLRenderer,
    atlas: BrickAtlas,
    colourMaps: DataTexture,
    scene: SliceScene,
    place: SlicePlace,
  ): SliceState {
    this.#mesh.restart();
    const drawn = scene.layers.map((layer, k) => {
      const page = scene.tables.pageOf(layer, layer.source);
      const blend = k === 0 ? onBackground(layer.layer.blend) : layer.layer.blend;
      return { layer, k, page, blend, ...this.#addLayer(scene, atlas, layer) };
    });
    this.#mesh.commit();
    const hides = ({ layer, blend }: (typeof drawn)[number]): boolean => isOpaque(layer, blend);
    for (const one of [...drawn.filter(hides).toReversed(), ...drawn.filter((each) => !hides(each))]) {
      if (one.runs.length === 0) continue;
      this.#setLayer(one.layer, one.page, one.blend, colourMaps, scene.checkerPx, place);
      setUniforms(this.#material, { uClip: place.clipOf(one.k, drawn.length) });
      if (one.blend === 'difference') this.#copyBelow(renderer, place.device);
      for (const run of one.runs) this.#drawRun(renderer, run);
    }
    return { sharp: drawn.every(({ sharp }) => sharp), blank: drawn.some(({ blank }) => blank) };
  }

  /** Has the card make the program ready for a texture: draws a triangle without an area. */
  warm(renderer: WebGLRenderer, { texture }: BrickPool): void {
    setUniforms(this.#material, { uAtlas: texture });
    this.#mesh.restart();
    this.#mesh.add([0, 0, 0, 0, 0, 0], [0, 0, 0], noSlot, [0, 0, 0]);
    this.#mesh.commit();
    this.#mesh.draw(renderer, 0, this.#mesh.mark);
  }

  #drawRun(renderer: WebGLRenderer, { pool, ramps, from, to }: Run): void {
    setUniforms(this.#material, {
      uAtlas: pool.texture,
      uPerX: new Vector3(...map3((a) => ramps[a].perX)),
      uPerY: new Vector3(...map3((a) => ramps[a].perY)),
    });
    this.#mesh.draw(renderer, from, to);
  }

  #setLayer(
    { layer, look }: DrawnLayer,
    { table }: Page,
    blend: Blend,
    colourMaps: DataTexture,
    checkerPx: number,
    { board, ratio, paneFromDevice }: SlicePlace,
  ): void {
    if (table && look.kind === 'labels') table.setLook(look.labels);
    setLook(this.#material, look, { colourMaps, labelColours: table?.texture ?? null });
    const checker = layer.type === 'image' ? layer.checker : 'all';
    setUniforms(this.#material, {
      uLabels: look.kind === 'labels',
      uOutlinePx: look.kind === 'labels' && look.outlines ? Math.max(1, Math.round(ratio)) / ratio : 0,
      uPane: paneFromDevice,
      uBlend: setBlend(this.#material, blend),
      uChecker: { all: 0, even: 1, odd: 2 }[checker],
      uCheckerPx: checkerPx,
      uBoard: new Vector2(board[0], board[1]),
      uBelow: this.#below,
    });
  }

  #copyBelow(renderer: WebGLRenderer, { width, height }: PaneSize): void {
    if (this.#below?.image.width !== width || this.#below.image.height !== height) {
      this.#below?.dispose();
      this.#below = new FramebufferTexture(width, height);
    }
    renderer.copyFramebufferToTexture(this.#below, new Vector2(0, 0));
    setUniforms(this.#material, { uBelow: this.#below });
  }

  /** Adds the bricks of a layer; where nothing of it is here yet, of the picture that it showed before. */
  #addLayer(scene: SliceScene, atlas: BrickAtlas, layer: DrawnLayer): SliceState & { readonly runs: readonly Run[] } {
    const cuts = scene.cutsOf(layer.place);
    const state = stateOf(scene, atlas, layer, layer.source, cuts);
    const source = state.blank && layer.before ? layer.before : layer.source;
    const coarsest = state.sharp ? cuts.target : cuts.volume.levels.length - 1;
    const page = scene.tables.pageOf(layer, source).key;
    const runs: Run[] = [];
    for (let level = cuts.target; level <= coarsest; level++) {
      const from = this.#mesh.mark;
      const pool = atlas.poolOf(cuts.volume, level);
      const found = cuts.volume.levels[level];
      const ramps = found && rampsOf(found, cuts.view);
      if (!pool || !ramps) continue;
      for (const cut of cuts.of(level)) {
        const slot = atlas.use(`${page}|${cut.tail}`);
        if (slot ?? scene.store.isEmpty(`${source.key}|${cut.tail}`)) this.#addBrick(found, ramps, cut, slot);
      }
      if (this.#mesh.mark > from) runs.push({ pool, ramps, from, to: this.#mesh.mark });
    }
    return { ...state, runs };
  }

  #addBrick(
    { brick, size }: PlaneCuts['volume']['levels'][number],
    ramps: Ramps,
    { address: [, ...at], polygon }: Cut,
    slot: Slot | undefined,
  ): void {
    const start = map3((a) => at[a] * brick[a]);
    const voxels = map3((a) => Math.min(brick[a], size[a] - start[a]));
    const origin = map3((a) => ramps[a].at - start[a]);
    this.#mesh.add(polygon, origin, slot ?? noSlot, voxels);
  }

  dispose(): void {
    this.#mesh.dispose();
    this.#material.dispose();
    this.#below?.dispose();
  }
}

/** Over the background, min and multiply are over. */
const onBackground = (blend: Blend): Blend => (blend === 'min' || blend === 'multiply' ? 'over' : blend);

const isOpaque = ({ layer }: DrawnLayer, blend: Blend): boolean =>
  layer.type === 'image' && blend === 'over' && layer.opacity === 1 && layer.checker === 'all';

/** Whether what a pane needs of a layer can be drawn: a brick is in the texture, or empty all through. */
function stateOf(
  { store, tables }: SliceScene,
  atlas: BrickAtlas,
  layer: DrawnLayer,
  source: Source,
  cuts: PlaneCuts,
): SliceState {
  const page = tables.pageOf(layer, source).key;
  const isDrawable = (tail: string): boolean => atlas.has(`${page}|${tail}`) || store.isEmpty(`${source.key}|${tail}`);
  const missing = cuts.of(cuts.target).filter(({ tail }) => !isDrawable(tail));
  return { sharp: missing.length === 0, blank: missing.some((cut) => !isCovered(cuts, cut, isDrawable)) };
}

/** Whether some coarser level has every brick in view that lies over one that is missing. */
function isCovered(cuts: PlaneCuts, { address }: Cut, isDrawable: (tail: string) => boolean): boolean {
  for (let level = cuts.volume.levels.length - 1; level > cuts.target; level--) {
    const over = bricksOver(cuts.volume, address, level).filter((tail) => cuts.shows(level, tail));
    if (over.length > 0 && over.every(isDrawable)) return true;
  }
  return false;
}
