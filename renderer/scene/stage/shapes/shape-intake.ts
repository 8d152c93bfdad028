import type { MeshManifest } from '../../../../preload/contract/shape.ts';
import type { ShapeAnswer, ShapeAsk } from '../../../state/shape-messages.ts';
import { boxTreeOf } from './box-tree.ts';
import { coarseMesh } from './coarse-mesh.ts';
import { trianglesOf } from './mesh-fragment.ts';
import { nodeAt, treeOf } from './mesh-tree.ts';
import type { ShapeFlow, Wish } from './shape-flow.ts';
import { idOf } from './shape-flow.ts';
import type { ShapeLibrary } from './shape-library.ts';
import type { Part } from './shape-store.ts';
import { bytesOfPart } from './shape-store.ts';
import { edgesOf, skeletonLinesOf } from './skeleton-lines.ts';
import type { Sliced, SlicedWork } from './slices.ts';

/** Parts with more get a coarse likeness, for levels of detail that the source lacks. */
const largeTriangles = 60_000;

/** Takes in what comes: checks it, readies it piece by piece, and says what of it can not be drawn. */
export class ShapeIntake {
  readonly #library: ShapeLibrary;
  readonly #flow: ShapeFlow;
  readonly #work: SlicedWork;
  readonly #post: (ask: ShapeAsk) => void;
  readonly #onChange: () => void;
  /** Here, and not ready yet. */
  readonly #inWork = new Set<string>();
  /** There was no room for it beside what is in use. */
  readonly #noRoom = new Set<string>();
  readonly #indexing = new WeakSet<Part>();

  constructor(
    library: ShapeLibrary,
    flow: ShapeFlow,
    work: SlicedWork,
    post: (ask: ShapeAsk) => void,
    onChange: () => void,
  ) {
    this.#library = library;
    this.#flow = flow;
    this.#work = work;
    this.#post = post;
    this.#onChange = onChange;
  }

  /** Whether it makes sense to ask for something. */
  wants(wish: Wish): boolean {
    const id = idOf(wish);
    return !this.#inWork.has(id) && !this.#noRoom.has(id);
  }

  /** Why something that came is not to be had; null where it did not come. */
  whyNot(wish: Wish): 'coming' | 'memory' | null {
    const id = idOf(wish);
    if (this.#inWork.has(id)) return 'coming';
    return this.#noRoom.has(id) ? 'memory' : null;
  }

  /** Room may have been made. */
  forgetNoRoom(): void {
    this.#noRoom.clear();
  }

  take(answer: ShapeAnswer): void {
    if (answer.t === 'again') return this.#flow.again(answer.shape);
    const shape = this.#flow.shapeOf(answer.ask);
    if (answer.t === 'over') {
      this.#flow.ended(answer.ask, answer.outcome);
      return;
    }
    if (shape === null) return;
    if (answer.t === 'keys') {
      this.#flow.arrived(answer.ask, { t: 'keys', shape, key: '' });
      this.#library.list(shape, answer.keys);
    } else if (answer.t === 'manifests') this.#takeManifests(shape, answer);
    else if (answer.t === 'fragment') this.#takeFragment(shape, answer);
    else this.#takeSkeleton(shape, answer);
    this.#onChange();
  }

  /** Makes what a plane or a ray is found with, by and by. */
  index(part: Part): void {
    if (part.index || this.#indexing.has(part)) return;
    this.#indexing.add(part);
    this.#work.add(part, this.#indexed(part));
    // There is work to do, even if nothing else changes.
    this.#onChange();
  }

  *#indexed(part: Part): Sliced<void> {
    const items = part.t === 'mesh' ? { ...part.triangles, corners: 3 as const } : edgesOf(part.lines);
    part.index = yield* boxTreeOf(items);
    this.#library.store.weigh(part);
    if (part.t === 'mesh') this.#library.learn(part.tree, part.node, bytesOfPart(part));
    this.#onChange();
  }

  #takeManifests(shape: string, answer: Extract<ShapeAnswer, { t: 'manifests' }>): void {
    const wish = (key: string): Wish => ({ t: 'manifests', shape, key });
    for (const key of answer.failed) this.#flow.arrived(answer.ask, wish(key), true);
    for (const manifest of answer.manifests)
      this.#flow.arrived(answer.ask, wish(manifest.key), !this.#addTree(shape, manifest));
  }

  #addTree(shape: string, manifest: MeshManifest): boolean {
    try {
      this.#library.addTree(shape, treeOf(manifest));
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#refuse(shape, manifest.key, `${error.message}. It is not drawn.`);
      return false;
    }
  }

  #takeFragment(shape: string, answer: Extract<ShapeAnswer, { t: 'fragment' }>): void {
    const { at, ask, failed } = answer;
    const tree = this.#library.tree(shape, at.key);
    const wish: Wish = { t: 'fragments', shape, at, bytes: 0 };
    this.#flow.arrived(ask, wish, failed);
    const node = tree ? nodeAt(tree, at.level, at.box) : Number.NaN;
    if (failed || !tree || !(node < tree.nodes)) return;
    const make = function* (): Sliced<Part> {
      const triangles = yield* trianglesOf(answer.positionsNm, answer.indices);
      const { originNm, indices } = triangles;
      const coarse = indices.length > 3 * largeTriangles ? yield* coarseMesh(triangles) : null;
      return { t: 'mesh', key: at.key, originNm, index: null, tree, node, triangles, coarse };
    };
    this.#ready(shape, wish, make(), (part) => this.#library.learn(tree, node, bytesOfPart(part)));
  }

  #takeSkeleton(shape: string, answer: Extract<ShapeAnswer, { t: 'skeleton' }>): void {
    const { key, ask, failed } = answer;
    const wish: Wish = { t: 'skeletons', shape, key };
    this.#flow.arrived(ask, wish, failed);
    if (failed) return;
    const make = function* (): Sliced<Part> {
      const lines = yield* skeletonLinesOf(answer.positionsNm, answer.radiiNm, answer.edges);
      return { t: 'skeleton', key, shape, originNm: lines.originNm, index: null, lines };
    };
    this.#ready(shape, wish, make(), () => undefined);
  }

  #ready(shape: string, wish: Wish, making: Sliced<Part>, onPart: (part: Part) => void): void {
    const id = idOf(wish);
    this.#inWork.add(id);
    const finishing = function* (this: ShapeIntake): Sliced<void> {
      const part = yield* making;
      this.#inWork.delete(id);
      onPart(part);
      this.#tellDropped(shape, part);
      if (!this.#library.store.put(part)) {
        this.#noRoom.add(id);
        if (part.t === 'skeleton')
          this.#refuse(
            shape,
            part.key,
            'there is no more memory for shapes. Show fewer, or raise the limit in the settings.',
          );
      }
      this.#onChange();
    };
    this.#work.add(wish, finishing.call(this));
  }

  #tellDropped(shape: string, part: Part): void {
    const { dropped } = part.t === 'mesh' ? part.triangles : part.lines;
    if (dropped === 0) return;
    const [what, count] =
      part.t === 'mesh'
        ? ['triangles', part.triangles.indices.length / 3]
        : ['nodes and edges', part.lines.edges.length / 2];
    const text = `${dropped} of ${dropped + count} ${what} name points that are not there, or that lie nowhere.`;
    this.#refuse(shape, part.key, `${text} They are left out.`);
  }

  #refuse(shape: string, key: string, message: string): void {
    this.#post({ t: 'refused', shape, key, message });
  }
}
