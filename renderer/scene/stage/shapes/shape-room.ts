import type { WebGLRenderer } from 'three';
import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import type { ShapeAnswer, ShapeAsk } from '../../../state/shape-messages.ts';
import type { Caps, StageScene } from '../messages.ts';
import { GpuShelf } from './gpu-shelf.ts';
import { LineDrawer } from './line-drawer.ts';
import { MeshDrawer } from './mesh-drawer.ts';
import type { Wish } from './shape-flow.ts';
import { ShapeFlow } from './shape-flow.ts';
import { ShapeIntake } from './shape-intake.ts';
import type { ShapeLayer } from './shape-library.ts';
import { ShapeLibrary } from './shape-library.ts';
import type { ShapeLack, WhyNot } from './shape-lacks.ts';
import { shapeLacks } from './shape-lacks.ts';
import type { ShapeHit } from './shape-pick.ts';
import { pickParts } from './shape-pick.ts';
import type { ShapeView } from './shape-plan.ts';
import { meshParts, meshViewOf, planShapes } from './shape-plan.ts';
import type { Part } from './shape-store.ts';
import { SkeletonDrawer } from './skeleton-drawer.ts';
import { SliceDrawing } from './slice-drawing.ts';
import { SlicedWork } from './slices.ts';
import type { ViewFrame } from './view-frame.ts';

/** Triangles that are drawn while the view moves, where coarser levels allow it. */
const mostMoving = 200_000;

/** Of the memory that drawing may take, what shapes get where there are any. */
const shapeShare = 0.4;

export type ShapeScene = Pick<StageScene, 'layers' | 'clip'>;

/** A scene, and the panes that show it. */
export interface SeenScene {
  readonly scene: ShapeScene;
  readonly views: readonly ShapeView[];
}

/** Shares caps among bricks and shapes. */
export function capsBeside(caps: Caps, noShapes: boolean): { readonly bricks: Caps; readonly shapes: Caps } {
  const part = (share: number): Caps => ({ memory: caps.memory * share, graphics: caps.graphics * share });
  return { bricks: part(noShapes ? 1 : 1 - shapeShare), shapes: part(shapeShare) };
}

/**
 * Meshes and skeletons of the view: asks for what panes need, holds it within a cap, and draws it. After `onChange` (something
 * came or got ready), call `want` again and draw; `work` readies what came, in pieces.
 */
export class ShapeRoom {
  readonly #work = new SlicedWork();
  readonly #shelf: GpuShelf;
  readonly #library: ShapeLibrary;
  readonly #flow: ShapeFlow;
  readonly #intake: ShapeIntake;
  readonly #meshes: MeshDrawer;
  readonly #lines = new LineDrawer();
  readonly #skeletons: SkeletonDrawer;
  readonly #slices: SliceDrawing;
  #isEmpty = true;
  /** What is here has changed since it was last said what is wanted. */
  #stale = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (ask: ShapeAsk) => void, changed: () => void, caps: Caps) {
    const onChange = (): void => {
      this.#stale = true;
      changed();
    };
    this.#shelf = new GpuShelf(caps.graphics);
    this.#library = new ShapeLibrary(caps.memory, (part) => this.#letGo(part));
    this.#flow = new ShapeFlow(post);
    this.#intake = new ShapeIntake(this.#library, this.#flow, this.#work, post, onChange);
    this.#meshes = new MeshDrawer(this.#shelf);
    this.#skeletons = new SkeletonDrawer(this.#shelf, this.#lines);
    this.#slices = new SliceDrawing(this.#shelf, this.#lines, (part) => this.#intake.index(part));
  }

  /** Bytes of shapes in memory and on the GPU: never above the caps by more than what is drawn at once. */
  get bytes(): number {
    return this.#library.store.bytes;
  }

  get graphicsBytes(): number {
    return this.#shelf.bytes;
  }

  /** What is asked for or being readied: 0 once all that the panes want is here. */
  get outstanding(): number {
    return this.#flow.outstanding + this.#work.waiting;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  setCaps({ memory, graphics }: Caps): void {
    this.#library.store.capBytes = memory;
    this.#shelf.capBytes = graphics;
    this.#intake.forgetNoRoom();
  }

  /** What is shown, on the screen and in pictures that are made. */
  adopt(scenes: readonly ShapeScene[]): void {
    this.#isEmpty = !scenes.some(showsShapes);
    this.#stale = true;
    this.#intake.forgetNoRoom();
  }

  /** Asks for what panes lack, and lets go of what none of them needs. */
  want(scenes: readonly SeenScene[]): void {
    const seen = scenes.map(({ scene, views }) => ({ layers: shapeLayersOf(scene), clip: scene.clip, views }));
    const { wishes, kept } = planShapes(this.#library, seen);
    this.#library.store.keep(kept);
    this.#flow.update(wishes.filter((wish) => this.#intake.wants(wish)));
    this.#stale = false;
  }

  /** What a pane lacks of each layer, after it was wanted; what a slice pane finds lines with is made ready. */
  lacksOf(scene: ShapeScene, view: ShapeView): readonly ShapeLack[] {
    return shapeLacks(this.#library, shapeLayersOf(scene), view, scene.clip, {
      whyNot: (wish) => this.#whyNot(wish),
      isReady: (part) => {
        if (view.kind === 'slice' && !part.index) this.#intake.index(part);
        return view.kind === '3d' || part.index !== null;
      },
    });
  }

  #whyNot(wish: Wish): WhyNot {
    const known = this.#intake.whyNot(wish) ?? this.#flow.whyNot(wish);
    return known ?? (this.#stale ? 'coming' : 'memory');
  }

  take(answer: ShapeAnswer): void {
    this.#intake.take(answer);
    const until = this.#flow.pausedUntil;
    if (until === null || this.#retry !== undefined) return;
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.#flow.start();
      },
      Math.max(0, until - performance.now()) + 10,
    );
  }

  /** Asks again for all that could not be had. */
  retry(): void {
    this.#flow.again(null);
  }

  /** Readies what came until the time is up (`performance.now()`); true while there is more. */
  work(until: number): boolean {
    return this.#work.run(until);
  }

  /**
   * Draws into the current target of a 3-D pane, which is cleared and has a depth buffer: colour multiplied by opacity,
   * depth linear from the frame's near to its far. `moving`: less detail will do.
   */
  draw3d(renderer: WebGLRenderer, frame: ViewFrame, scene: ShapeScene, moving: boolean): void {
    const { clip } = scene;
    // What can be seen through comes after all that can not.
    const order = shapeLayersOf(scene).toSorted((a, b) => Number(a.opacity < 1) - Number(b.opacity < 1));
    const { coarser, likeness } = moving ? this.#detailFor(frame, scene) : { coarser: 1, likeness: false };
    for (const layer of order)
      if (layer.type === 'mesh') {
        const parts = meshParts(this.#library, layer, meshViewOf({ kind: '3d', frame }, layer, clip, coarser));
        this.#meshes.draw(renderer, frame, clip, layer, parts, likeness);
      } else this.#skeletons.draw(renderer, frame, clip, layer, this.#library.skeletonsOf(layer), moving);
    this.#shelf.endTurn();
  }

  /** Draws outlines of a mesh layer, or edges near the plane of a skeleton layer, over what is in the current target. */
  drawSlice(renderer: WebGLRenderer, frame: ViewFrame, scene: ShapeScene, layerId: string): void {
    const layer = shapeLayersOf(scene).find(({ id }) => id === layerId);
    if (!layer || (layer.type === 'mesh' && !layer.outlines)) return;
    this.#slices.draw(renderer, frame, layer, this.#partsOf(layer, { kind: 'slice', frame }, scene.clip));
    this.#shelf.endTurn();
  }

  /** The nearest mesh or skeleton under a point of a 3-D pane, pixels of the frame. */
  pick3d(frame: ViewFrame, scene: ShapeScene, at: readonly [px: number, py: number]): ShapeHit | null {
    const { clip } = scene;
    const hits = shapeLayersOf(scene)
      .filter(({ opacity }) => opacity > 0)
      .map((layer) => pickParts(frame, clip, layer, this.#partsOf(layer, { kind: '3d', frame }, clip), at));
    return hits.filter((hit) => hit !== null).toSorted((a, b) => a.depthNm - b.depthNm)[0] ?? null;
  }

  /** After the context was lost: all is made again from memory as it is drawn. */
  loseGraphics(): void {
    this.#shelf.clear();
    this.#slices.forget();
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.loseGraphics();
    this.#meshes.dispose();
    this.#lines.dispose();
  }

  #partsOf(layer: ShapeLayer, view: ShapeView, clip: Clip): readonly Part[] {
    if (layer.type === 'skeleton') return this.#library.skeletonsOf(layer);
    return meshParts(this.#library, layer, meshViewOf(view, layer, clip));
  }

  /**
   * How many times less detail keeps the triangles within what can be drawn smoothly; where levels do not go so far, likenesses
   * of large parts are drawn.
   */
  #detailFor(frame: ViewFrame, scene: ShapeScene): { readonly coarser: number; readonly likeness: boolean } {
    const meshes = shapeLayersOf(scene).filter((layer) => layer.type === 'mesh');
    const fits = (coarser: number): boolean =>
      meshes
        .flatMap((layer) =>
          meshParts(this.#library, layer, meshViewOf({ kind: '3d', frame }, layer, scene.clip, coarser)),
        )
        .reduce((sum, part) => sum + part.triangles.indices.length / 3, 0) <= mostMoving;
    const coarser = [1, 4, 16].find(fits);
    return { coarser: coarser ?? 16, likeness: coarser === undefined };
  }

  #letGo(part: Part): void {
    this.#shelf.drop(part);
    this.#work.drop((key) => key === part);
  }
}

const shapeLayersOf = ({ layers }: ShapeScene): readonly ShapeLayer[] =>
  layers.filter(isShapeLayer).filter(({ visible }) => visible);

/** Whether a scene has meshes or skeletons to draw. */
export const showsShapes = (scene: ShapeScene): boolean => shapeLayersOf(scene).length > 0;

const isShapeLayer = (layer: StageScene['layers'][number]): layer is LayerOf<'mesh'> | LayerOf<'skeleton'> =>
  layer.type === 'mesh' || layer.type === 'skeleton';
