import { BrickFlow } from './brick-flow.ts';
import { BrickLine } from './brick-line.ts';
import { Graphics } from './graphics.ts';
import { LabelTables } from './label-tables.ts';
import type { Caps, FromStage, StageScene } from './messages.ts';
import { usualCaps } from './messages.ts';
import type { ImageScene } from './pane-painter.ts';
import type { DrawnLayer } from './scene-layers.ts';
import { capsBeside, ShapeRoom } from './shapes/shape-room.ts';
import type { ShownScene } from './stage-scene.ts';
import { Uploads } from './uploads.ts';

export interface ResourceNews {
  /** Bricks came, or will not come. */
  readonly onBricks: () => void;
  /** Shapes came, or there is more or less memory: everything is drawn anew, and wanted anew. */
  readonly onChange: () => void;
  /** The context is lost, or there is none at all. */
  readonly onLost: (state: 'lost' | 'none') => void;
  readonly onBack: () => void;
}

const backAfterMs = 300;
/** Nothing was drawn for so long: there is time for what may be needed later. */
const idleMs = 400;

/** What drawing is done with: the GPU, bricks in memory and in textures, labels, shapes; and the caps of all that. */
export class Resources {
  readonly line: BrickLine;
  readonly flow: BrickFlow;
  readonly uploads: Uploads;
  readonly tables = new LabelTables();
  readonly shapes: ShapeRoom;
  /** Null while the context is lost. */
  graphics: Graphics | null = null;
  readonly #news: ResourceNews;
  #caps = usualCaps;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #layers: readonly DrawnLayer[] = [];

  constructor(post: (message: FromStage) => void, news: ResourceNews) {
    this.#news = news;
    this.line = new BrickLine({
      onBatch: (lane, batch) => {
        this.uploads.add(this.flow.take(lane, batch));
        news.onBricks();
      },
      onOver: (lane, outcome) => {
        this.flow.ended(lane, outcome);
        news.onBricks();
      },
      onNews: (of) => post({ t: 'news', news: of }),
    });
    this.flow = new BrickFlow((order) => this.line.obey(order), usualCaps.memory);
    this.uploads = new Uploads(this.flow);
    this.shapes = new ShapeRoom((ask) => post({ t: 'shape-ask', ask }), news.onChange, usualCaps);
    this.#makeGraphics();
  }

  get memoryBytes(): number {
    return this.flow.store.bytes + this.shapes.bytes;
  }

  get graphicsBytes(): number {
    return (this.graphics?.atlas.residentBytes ?? 0) + this.shapes.graphicsBytes;
  }

  get outstanding(): number {
    return this.flow.outstanding + this.shapes.outstanding;
  }

  /** What panes are drawn from; null where nothing is shown. */
  imageOf({ scene, layers, boundsNm }: ShownScene, moving = false): ImageScene | null {
    const { store } = this.flow;
    return boundsNm && { scene, layers, boundsNm, store, tables: this.tables, shapes: this.shapes, moving };
  }

  /** Makes ready for layers: labels numbered, textures shared among their volumes. */
  adoptLayers(layers: readonly DrawnLayer[], scenes: readonly StageScene[]): void {
    this.#layers = layers;
    this.tables.adopt(layers);
    this.uploads.adopt(layers, this.tables);
    const before = this.shapes.isEmpty;
    this.shapes.adopt(scenes);
    // Shapes take their part of the memory once there are any.
    if (before === this.shapes.isEmpty) this.#shareTextures();
    else this.adoptCaps(this.#caps);
  }

  /** Volumes have other voxels than before. */
  forget(volumes: readonly string[]): void {
    if (volumes.length === 0) return;
    this.flow.forget(volumes);
    this.graphics?.atlas.forget((page) => volumes.some((id) => page.startsWith(`${id}/`)));
  }

  adoptCaps(caps: Caps): void {
    this.#caps = caps;
    const { bricks, shapes } = capsBeside(caps, this.shapes.isEmpty);
    this.shapes.setCaps(shapes);
    this.flow.setCap(bricks.memory);
    this.graphics?.setCap(bricks.graphics);
    this.#shareTextures();
    this.refill();
    this.#news.onChange();
  }

  /** Uploads what is in view and in memory, from now on. */
  refill(): void {
    if (this.graphics) this.uploads.refill(this.graphics.atlas);
  }

  /** Has the card make itself ready for what was asked for. */
  warm(): void {
    const { graphics } = this;
    const fresh = graphics?.atlas.warm(graphics.renderer) ?? [];
    for (const pool of fresh) graphics?.slices.warm(graphics.renderer, pool, this.#layers);
    // What is only queued here would begin with the first frame.
    if (fresh.length > 0) graphics?.renderer.getContext().flush();
  }

  /** Nothing is to be drawn: has the card give more memory soon, so that no later frame waits for it. */
  spreadSoon(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const { graphics } = this;
      if (graphics && this.outstanding === 0 && graphics.atlas.spread(graphics.renderer)) this.spreadSoon();
    }, idleMs);
  }

  /** Fills textures until the time is up; says whether anything came, and whether there is more. */
  upload(until: number): { readonly came: boolean; readonly more: boolean } {
    if (!this.graphics) return { came: false, more: false };
    const came = this.uploads.step(this.graphics, until);
    return { came, more: this.uploads.left > 0 };
  }

  #shareTextures(): void {
    const volumes = new Set(this.#layers.map(({ place }) => place.volume));
    if (this.graphics?.atlas.show([...volumes])) this.refill();
  }

  #makeGraphics(): void {
    try {
      const { bricks } = capsBeside(this.#caps, this.shapes.isEmpty);
      this.graphics = new Graphics(bricks.graphics, () => this.#onLost());
      this.#shareTextures();
    } catch {
      this.graphics = null;
      this.#news.onLost('none');
    }
  }

  /** The textures are gone; the bricks are still in memory, so a new context shows the same picture. */
  #onLost(): void {
    this.graphics = null;
    this.shapes.loseGraphics();
    this.#news.onLost('lost');
    setTimeout(() => {
      this.#makeGraphics();
      if (!this.graphics) return;
      this.tables.uploadAgain();
      this.refill();
      this.#news.onBack();
    }, backAfterMs);
  }
}
