import type { ShotLack } from '../../state/shots.ts';
import type { SourceBricks } from './brick-plan.ts';
import type { FromStage, Mark, ShotRequest } from './messages.ts';
import type { OverlayScene } from './overlay.ts';
import type { ImageScene } from './pane-painter.ts';
import { PanePainter } from './pane-painter.ts';
import type { Tile } from './plane-view.ts';
import type { Needs, Part, PartTools } from './shot-needs.ts';
import { Lacks, bricksOf, needsOf } from './shot-needs.ts';
import { canHalve, halves, piecesOf } from './shot-pieces.ts';
import type { ShownScene } from './stage-scene.ts';

/** What pictures are made with. */
export interface ShotTools extends PartTools {
  readonly marks: readonly Mark[];
  readonly tiles: OverlayScene['tiles'];
  readonly imageOf: (shown: ShownScene) => ImageScene | null;
}

interface Shot {
  readonly id: number;
  readonly request: ShotRequest;
  readonly shown: ShownScene;
  readonly rgba: Uint8Array<ArrayBuffer>;
  /** What was drawn without. */
  readonly lacks: Lacks;
  /** Parts of the tile still to be drawn: each takes no more memory than there is. */
  pieces: readonly Tile[] | null;
  piece: Piece | null;
  drawnPx: number;
}

interface Piece extends Part {
  readonly tile: Tile;
  /** Whether its bricks have been asked for. */
  wanted: boolean;
  /** Whether all that it shows is in the textures, or will not come. */
  ready: boolean;
  /** What it lacked when that last changed, and when that was (`performance.now()`). */
  lacked: string;
  changedAt: number;
}

/** What to do next. `more`: at once again; `want`: what the picture needs has changed. */
export interface Step {
  readonly more: boolean;
  readonly want: boolean;
}

const uploadMs = 12;
/** The window is told this often how it goes; also where nothing comes any more. */
const tellEveryMs = 250;
/** A picture that need not be whole waits so long for the next thing to come. */
const patienceMs = 3_000;

/** Makes pictures of panes that are not on the screen, one after the other, with the code that draws the panes. */
export class ShotDesk {
  readonly #post: (message: FromStage) => void;
  /** Has `step` be called soon. */
  readonly #again: () => void;
  #shots: readonly Shot[] = [];
  #cannot = false;
  #toldAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (message: FromStage) => void, again: () => void) {
    this.#post = post;
    this.#again = again;
  }

  /** The scene of the picture that is being made. */
  get shown(): ShownScene | null {
    return this.#shots[0]?.shown ?? null;
  }

  /** The pane that is being drawn. */
  get pane(): PanePainter | null {
    return this.#shots[0]?.piece?.pane ?? null;
  }

  add(id: number, request: ShotRequest, shown: ShownScene): void {
    const { width, height } = request.tile;
    const rgba = new Uint8Array(width * height * 4);
    const shot = { id, request, shown, rgba, lacks: new Lacks(), pieces: null, piece: null, drawnPx: 0 };
    this.#shots = [...this.#shots, shot];
    if (this.#cannot) this.fail();
  }

  cancel(id: number): void {
    this.#shots.find((shot) => shot.id === id)?.piece?.pane.dispose();
    this.#shots = this.#shots.filter((shot) => shot.id !== id);
  }

  /** Pictures can't be made at all, now and later. */
  fail(): void {
    this.#cannot = true;
    const message = 'This computer offers no WebGL 2, so nothing can be drawn.';
    for (const { id } of this.#shots) this.#post({ t: 'shot-failed', id, message });
    this.#shots = [];
  }

  /** After the context was lost the piece is drawn anew. */
  loseGraphics(): void {
    const [shot] = this.#shots;
    if (shot?.piece) this.#replace(shot, [shot.piece.tile]);
  }

  /** What the picture needs, before all else. */
  wants(tools: ShotTools): readonly SourceBricks[] {
    const [shot] = this.#shots;
    const piece = shot && this.#pieceOf(shot, tools);
    const image = shot && tools.imageOf(shot.shown);
    if (!shot || !piece || !image) return [];
    piece.wanted = true;
    return bricksOf(shot.shown, piece, tools.graphics, image);
  }

  /** Goes on with the picture. */
  step(tools: ShotTools): Step {
    const [shot] = this.#shots;
    if (!shot) return { more: false, want: false };
    const image = tools.imageOf(shot.shown);
    const piece = this.#pieceOf(shot, tools);
    if (!piece) return this.#finish(shot);
    if (!image) return this.#take(shot, piece, null, tools);
    if (!piece.wanted) return { more: false, want: true };
    const next = piece.ready ? null : this.#prepare(shot, piece, image, tools);
    if (next) return next;
    if (piece.pane.paintImage(tools.graphics, image)) return { more: true, want: false };
    return this.#take(shot, piece, image, tools);
  }

  /** Null once the piece can be drawn. */
  #prepare(shot: Shot, piece: Piece, image: ImageScene, tools: ShotTools): Step | null {
    const now = performance.now();
    const needs = needsOf(shot.shown, piece, image, tools, now + uploadMs);
    if (needs.soon) return { more: true, want: false };
    if (this.#waits(shot, piece, needs, now)) {
      this.#tell(shot, needs.lacks, now);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#again, tellEveryMs);
      return { more: false, want: false };
    }
    if (needs.smaller && canHalve(piece.tile, piece.pane.isOrbit)) {
      this.#replace(shot, halves(piece.tile));
      return { more: false, want: true };
    }
    for (const { layer, coming, away, memory } of needs.lacks) {
      shot.lacks.add(layer, 'away', coming + away);
      shot.lacks.add(layer, 'memory', memory);
    }
    piece.ready = true;
    return null;
  }

  #waits({ request: { whole } }: Shot, piece: Piece, { lacks }: Needs, now: number): boolean {
    const lacked = JSON.stringify(lacks);
    if (lacked !== piece.lacked) [piece.lacked, piece.changedAt] = [lacked, now];
    if (lacks.some(({ coming }) => coming > 0)) return whole || now - piece.changedAt < patienceMs;
    return whole && lacks.some(({ away }) => away > 0);
  }

  #tell({ id, request: { tile }, drawnPx }: Shot, lacks: readonly ShotLack[], now: number): void {
    if (now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.#post({ t: 'shot-goes', id, done: drawnPx / (tile.width * tile.height), lacks });
  }

  #replace(shot: Shot, by: readonly Tile[]): void {
    shot.piece?.pane.dispose();
    shot.pieces = [...by, ...(shot.pieces ?? [])];
    shot.piece = null;
  }

  #pieceOf(shot: Shot, { graphics, flow }: ShotTools): Piece | null {
    if (shot.piece) return shot.piece;
    const { request, shown } = shot;
    shot.pieces ??= piecesOf(request, shown.layers, graphics.atlas, flow.store.capBytes);
    const [tile, ...rest] = shot.pieces;
    shot.pieces = rest;
    if (!tile) return null;
    const canvas = (): OffscreenCanvas => new OffscreenCanvas(tile.width, tile.height);
    const pane = new PanePainter(request.pane, 0, { image: canvas(), overlay: canvas() }, true);
    pane.resize(tile.width, tile.height, 1);
    pane.look(request.camera, request.size, tile, request.magnified);
    const since = { lacked: '', changedAt: performance.now() };
    shot.piece = { tile, pane, uploaded: new Set(), wanted: false, ready: false, ...since };
    return shot.piece;
  }

  #take(shot: Shot, { tile, pane }: Piece, image: ImageScene | null, { marks, tiles }: ShotTools): Step {
    const { overlay, tile: whole } = shot.request;
    if (image && overlay) {
      const placed = marks.filter(({ draft }) => !draft);
      pane.paintOverlay({ scene: image.scene, boundsNm: image.boundsNm, marks: placed, tiles, pointerNm: null });
    }
    if (!image) pane.paintNothing();
    const rgba = pane.pixels(image !== null && overlay);
    for (let row = 0; row < tile.height; row++) {
      const at = ((tile.y - whole.y + row) * whole.width + (tile.x - whole.x)) * 4;
      shot.rgba.set(rgba.subarray(row * tile.width * 4, (row + 1) * tile.width * 4), at);
    }
    pane.dispose();
    shot.piece = null;
    shot.drawnPx += tile.width * tile.height;
    this.#tell(shot, [], performance.now());
    return { more: true, want: true };
  }

  #finish(shot: Shot): Step {
    this.#shots = this.#shots.filter((one) => one !== shot);
    this.#post({ t: 'shot', id: shot.id, shot: { rgba: shot.rgba, lacks: shot.lacks.all } });
    return { more: this.#shots.length > 0, want: true };
  }
}
