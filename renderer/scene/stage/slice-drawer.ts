import type { DataTexture, Matrix3, RawShaderMaterial, WebGLRenderer } from 'three';
import { FramebufferTexture, Vector2, Vector3 } from 'three';
import type { Blend } from '../../../preload/contract/view-state.ts';
import type { PaneSize } from '../../state/view.ts';
import { map3 } from '../../state/volume-geometry.ts';
import type { BrickAtlas } from './brick-atlas.ts';
import type { BrickPool, Slot } from './brick-pool.ts';
import type { BrickStore } from './brick-store.ts';
import type { LabelTables, Page } from './label-tables.ts';
import { OutlinePass } from './labels/outline-pass.ts';
import { setLook, setUniforms } from './look.ts';
import type { Cut, PlaneCuts, Ramps } from './plane-cuts.ts';
import { rampsOf } from './plane-cuts.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { Cover } from './slice-cover.ts';
import { coverOf } from './slice-cover.ts';
import type { SliceKind } from './slice-material.ts';
import { sliceMaterial } from './slice-material.ts';
import { SliceMesh } from './slice-mesh.ts';
import type { Place, Source } from './sources.ts';
import { bitsOf } from './sources.ts';

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
  /** Device pixels for a pixel of the window: outlines are so wide. */
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

/** What was drawn of a pane. */
interface Drawn extends SliceState {
  /** Whether there was nothing to draw: of no layer is anything here. */
  readonly empty: boolean;
}

/** What is about to be drawn. */
export interface ToDraw extends Drawn {
  /** Pixels of the pane that the smallest voxel measures. */
  readonly voxelPx: number;
}

/** One draw call: bricks of one level of a layer. */
interface Run {
  readonly pool: BrickPool;
  readonly ramps: Ramps;
  readonly from: number;
  readonly to: number;
}

/** A layer, and what of it is here to be drawn. */
interface DrawnSlice {
  readonly layer: DrawnLayer;
  readonly page: Page;
  readonly blend: Blend;
  readonly runs: readonly Run[];
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
  /** One for each kind of layer that was drawn. */
  readonly #materials = new Map<string, RawShaderMaterial>();
  readonly #mesh = new SliceMesh();
  readonly #outlines = new OutlinePass();
  #below: FramebufferTexture | null = null;

  /**
   * Draws into the current viewport and target, which has a depth buffer. A higher layer is nearer; of a layer the finest
   * bricks come first, and where bricks overlap by a hair the first one stays. What hides all below it is drawn before it,
   * top first. `begin` is told what is about to be drawn, and says where; null: not at all.
   */
  draw(
    renderer: WebGLRenderer,
    atlas: BrickAtlas,
    colourMaps: DataTexture,
    scene: SliceScene,
    begin: (what: ToDraw) => SlicePlace | null,
  ): ToDraw {
    this.#mesh.restart();
    const drawn = scene.layers.map((layer, k) => {
      const page = scene.tables.pageOf(layer, layer.source);
      return { layer, k, page, blend: blendOf(layer, k), ...this.#addLayer(scene, atlas, layer) };
    });
    this.#mesh.commit();
    const what: ToDraw = {
      sharp: drawn.every(({ sharp }) => sharp),
      blank: drawn.some(({ blank }) => blank),
      empty: drawn.length > 0 && drawn.every(({ blank, runs }) => blank && runs.length === 0),
      voxelPx: Math.min(...drawn.flatMap(({ runs }) => runs.map(({ ramps }) => voxelPxOf(ramps)))),
    };
    const place = begin(what);
    if (!place) return what;
    const hides = ({ layer, blend }: (typeof drawn)[number]): boolean => isOpaque(layer, blend);
    for (const one of [...drawn.filter(hides).toReversed(), ...drawn.filter((each) => !hides(each))]) {
      if (one.runs.length === 0) continue;
      const kind = kindOf(one.layer, one.blend);
      const material = this.#materialOf(kind);
      setLayer(material, one.layer, one.page, colourMaps, scene.checkerPx, place);
      const clip = place.clipOf(one.k, drawn.length);
      setUniforms(material, { uClip: clip });
      if (kind.blend === 'difference') this.#copyBelow(renderer, material, place.device);
      if (kind.outlines) this.#drawOutlines(renderer, material, colourMaps, place, clip, one);
      else for (const run of one.runs) this.#drawRun(renderer, material, run);
    }
    return what;
  }

  /** Has the card make the programs of layers ready for a texture: draws a triangle without an area. */
  warm(renderer: WebGLRenderer, { texture }: BrickPool, layers: readonly DrawnLayer[]): void {
    this.#mesh.restart();
    this.#mesh.add([0, 0, 0, 0, 0, 0], [0, 0, 0], noSlot, [0, 0, 0]);
    this.#mesh.commit();
    const materials = layers.map((layer, k) => this.#materialOf(kindOf(layer, blendOf(layer, k))));
    for (const material of new Set(materials)) {
      setUniforms(material, { uAtlas: texture });
      this.#mesh.draw(renderer, material, 0, this.#mesh.mark);
    }
  }

  #materialOf(kind: SliceKind): RawShaderMaterial {
    const name = JSON.stringify(kind);
    const material = this.#materials.get(name) ?? sliceMaterial(kind);
    this.#materials.set(name, material);
    return material;
  }

  #drawOutlines(
    renderer: WebGLRenderer,
    material: RawShaderMaterial,
    colourMaps: DataTexture,
    { device, ratio, paneFromDevice }: SlicePlace,
    clip: Matrix3,
    { layer: { look }, page, blend, runs }: DrawnSlice,
  ): void {
    if (look.kind !== 'labels') return;
    const marginPx = Math.max(1, Math.round(ratio));
    const around = OutlinePass.around(device, marginPx);
    setUniforms(material, { uClip: around.clip.multiply(clip), uPane: around.pane.premultiply(paneFromDevice) });
    const labelColours = page.table?.texture ?? null;
    const perPx = runs.flatMap(({ ramps }) => ramps.flatMap(({ perX, perY }) => [Math.abs(perX), Math.abs(perY)]));
    const voxelPx = 1 / (Math.max(...perPx) * Math.abs(paneFromDevice.elements[0]));
    const depth = clip.elements[8];
    const below = blend === 'difference' ? this.#below : null;
    this.#outlines.draw(
      renderer,
      device,
      marginPx,
      { look, blend, depth, colourMaps, labelColours, below, voxelPx },
      () => {
        for (const run of runs) this.#drawRun(renderer, material, run);
      },
    );
  }

  #drawRun(renderer: WebGLRenderer, material: RawShaderMaterial, { pool, ramps, from, to }: Run): void {
    setUniforms(material, {
      uAtlas: pool.texture,
      uPerX: new Vector3(...map3((a) => ramps[a].perX)),
      uPerY: new Vector3(...map3((a) => ramps[a].perY)),
    });
    this.#mesh.draw(renderer, material, from, to);
  }

  #copyBelow(renderer: WebGLRenderer, material: RawShaderMaterial, { width, height }: PaneSize): void {
    if (this.#below?.image.width !== width || this.#below.image.height !== height) {
      this.#below?.dispose();
      this.#below = new FramebufferTexture(width, height);
    }
    renderer.copyFramebufferToTexture(this.#below, new Vector2(0, 0));
    setUniforms(material, { uBelow: this.#below });
  }

  /** Adds the bricks of a layer; where some of it is not here yet, of the picture that it showed before. */
  #addLayer(scene: SliceScene, atlas: BrickAtlas, layer: DrawnLayer): SliceState & { readonly runs: readonly Run[] } {
    const cuts = scene.cutsOf(layer.place);
    const coverBy = (source: Source): Cover<Slot> => {
      const page = scene.tables.pageOf(layer, source).key;
      return coverOf(
        cuts,
        (tail) => atlas.use(`${page}|${tail}`) ?? (scene.store.isEmpty(`${source.key}|${tail}`) ? noSlot : undefined),
      );
    };
    const own = coverBy(layer.source);
    const { levels } = own.blank && layer.before ? coverBy(layer.before) : own;
    return { sharp: own.sharp, blank: own.blank, runs: levels.flatMap((one) => this.#addLevel(atlas, cuts, one)) };
  }

  #addLevel(
    atlas: BrickAtlas,
    { volume, view }: PlaneCuts,
    { level, parts }: Cover<Slot>['levels'][number],
  ): readonly Run[] {
    const from = this.#mesh.mark;
    const pool = atlas.poolOf(volume, level);
    const found = volume.levels[level];
    const ramps = found && rampsOf(found, view);
    if (!pool || !ramps) return [];
    for (const { cut, found: slot } of parts) this.#addBrick(found, ramps, cut, slot);
    return [{ pool, ramps, from, to: this.#mesh.mark }];
  }

  #addBrick(
    { brick, size }: PlaneCuts['volume']['levels'][number],
    ramps: Ramps,
    { address: [, ...at], polygon }: Cut,
    slot: Slot,
  ): void {
    const start = map3((a) => at[a] * brick[a]);
    const voxels = map3((a) => Math.min(brick[a], size[a] - start[a]));
    const origin = map3((a) => ramps[a].at - start[a]);
    this.#mesh.add(polygon, origin, slot, voxels);
  }

  dispose(): void {
    this.#mesh.dispose();
    this.#outlines.dispose();
    for (const material of this.#materials.values()) material.dispose();
    this.#below?.dispose();
  }
}

/** Of the shortest way through a voxel of the plane. */
const voxelPxOf = (ramps: Ramps): number =>
  1 / Math.max(...ramps.flatMap(({ perX, perY }) => [Math.abs(perX), Math.abs(perY)]));

export const kindOf = ({ layer, look, place }: DrawnLayer, blend: Blend): SliceKind => ({
  blend,
  bits: bitsOf(place.volume),
  labels: look.kind === 'labels',
  outlines: look.kind === 'labels' && look.outlines,
  checker: layer.type === 'image' && layer.checker !== 'all',
  gamma: look.kind === 'image' && look.gamma !== 1,
  mapped: look.kind === 'image' && look.mapRow >= 0,
});

function setLayer(
  material: RawShaderMaterial,
  { layer, look }: DrawnLayer,
  { table }: Page,
  colourMaps: DataTexture,
  checkerPx: number,
  { board, paneFromDevice }: SlicePlace,
): void {
  if (table && look.kind === 'labels') table.setLook(look.labels);
  setLook(material, look, { colourMaps, labelColours: table?.texture ?? null });
  setUniforms(material, {
    uPane: paneFromDevice,
    uOdd: layer.type === 'image' && layer.checker === 'odd' ? 1 : 0,
    uCheckerPx: checkerPx,
    uBoard: new Vector2(board[0], board[1]),
  });
}

/** Of layer k; over the background, min and multiply are over. */
export const blendOf = ({ layer: { blend } }: DrawnLayer, k: number): Blend =>
  k === 0 && (blend === 'min' || blend === 'multiply') ? 'over' : blend;

const isOpaque = ({ layer }: DrawnLayer, blend: Blend): boolean =>
  layer.type === 'image' && blend === 'over' && layer.opacity === 1 && layer.checker === 'all';
