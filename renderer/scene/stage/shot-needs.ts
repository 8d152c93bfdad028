import type { ShotLack } from '../../state/shots.ts';
import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { BrickFlow } from './brick-flow.ts';
import type { SourceBricks } from './brick-plan.ts';
import { pinnedBricks } from './brick-plan.ts';
import type { Graphics } from './graphics.ts';
import type { ImageScene, PanePainter } from './pane-painter.ts';
import type { WhyNot } from './shapes/shape-lacks.ts';
import type { Source } from './sources.ts';
import { brickKey } from './sources.ts';
import type { ShownScene } from './stage-scene.ts';
import { plansOf } from './stage-scene.ts';
import type { Uploads } from './uploads.ts';

/** What a part of a picture needs before it can be drawn, and what of that is not to be had. */

/** A part of a picture that is being drawn. */
export interface Part {
  readonly pane: PanePainter;
  /** Bricks that were given to the textures. */
  readonly uploaded: Set<string>;
}

export interface PartTools {
  readonly graphics: Graphics;
  readonly flow: BrickFlow;
  readonly uploads: Uploads;
}

export interface Needs {
  /** The time was up before all that is here was in the textures. */
  readonly soon: boolean;
  readonly lacks: readonly ShotLack[];
  /** Memory would hold what a smaller part needs. */
  readonly smaller: boolean;
}

/** The right level of every place of a slice, and the pinned one in case that some of it can't be had; of a 3-D pane, what it wants. */
export function bricksOf(shown: ShownScene, { pane }: Part, graphics: Graphics, image: ImageScene) {
  if (pane.isOrbit) return pane.orbitWants(graphics, image);
  const plans = plansOf(shown.layers, (place) => [pane.cutsOf(place)].filter((cuts) => cuts !== null));
  return plans.flatMap(({ place, sources, cuts }): readonly SourceBricks[] => {
    const target = cuts.flatMap((cut) => cut.of(cut.target).map(({ address }) => address));
    const pinned = target.length > 0 ? pinnedBricks(place.volume, pinnedMostBytes) : [];
    return sources.map((source) => ({ source, bricks: [...pinned, ...target] }));
  });
}

const pinnedMostBytes = 2e6;

/** Puts what is here into the textures, until the time is up (`performance.now()`), and tells what is not. */
export function needsOf(shown: ShownScene, part: Part, image: ImageScene, tools: PartTools, until: number): Needs {
  const lacks = new Lacks();
  let [soon, smaller] = [false, false];
  for (const { source, bricks } of bricksOf(shown, part, tools.graphics, image)) {
    const layers = shown.layers.filter((drawn) => drawn.source.key === source.key).map(({ layer }) => layer.id);
    const finest = bricks.reduce((least, [level]) => Math.min(least, level), Infinity);
    for (const address of bricks) {
      const here = isHere(part, source, address, tools, until);
      soon ||= here === 'soon';
      // What is coarser only stands in for what is not here.
      if (here === true || here === 'soon' || address[0] !== finest) continue;
      for (const layer of layers) lacks.add(layer, here);
      smaller ||= here === 'memory';
    }
  }
  const view = part.pane.shapeView(image.boundsNm);
  for (const { layer, why, isDetail } of view ? image.shapes.lacksOf(shown.scene, view) : []) {
    lacks.add(layer, why);
    smaller ||= why === 'memory' && isDetail;
  }
  for (const layer of part.pane.coarseLayers(tools.graphics, image)) {
    lacks.add(layer, 'memory');
    smaller = true;
  }
  return { soon, lacks: lacks.all, smaller };
}

/** Whether a brick is in the textures, or why it is not in memory. */
function isHere(
  { uploaded }: Part,
  source: Source,
  address: BrickAddress,
  { graphics, flow, uploads }: PartTools,
  until: number,
): true | 'soon' | WhyNot {
  const key = brickKey(source.key, address);
  if (uploaded.has(key)) return true;
  if (!flow.store.has(key)) {
    if (flow.isGivenUp(key)) return 'away';
    // What is not wanted found no room in memory, even before all else.
    return flow.rankOf(key) === Infinity ? 'memory' : 'coming';
  }
  if (performance.now() > until) return 'soon';
  if (!flow.store.isEmpty(key) && !uploads.isThere(graphics.atlas, key)) uploads.upload(graphics, key);
  uploaded.add(key);
  return true;
}

/** Counts what is lacking, layer by layer. */
export class Lacks {
  readonly #of = new Map<string, ShotLack>();

  add(layer: string, why: WhyNot, parts = 1): void {
    const before = this.#of.get(layer) ?? { layer, coming: 0, away: 0, memory: 0 };
    this.#of.set(layer, { ...before, [why]: before[why] + parts });
  }

  get all(): readonly ShotLack[] {
    return [...this.#of.values()];
  }
}
