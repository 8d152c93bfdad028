import type { SourceBricks } from './brick-plan.ts';
import { pinnedBricks } from './brick-plan.ts';
import type { BrickFlow } from './brick-flow.ts';
import type { Graphics } from './graphics.ts';
import type { FromStage, Mark, ShotRequest } from './messages.ts';
import type { ImageScene } from './pane-painter.ts';
import type { OverlayScene } from './overlay.ts';
import { PanePainter } from './pane-painter.ts';
import type { Tile } from './plane-view.ts';
import { piecesOf } from './shot-pieces.ts';
import { plansOf } from './stage-scene.ts';
import type { ShownScene } from './stage-scene.ts';
import { brickKey } from './sources.ts';
import type { Uploads } from './uploads.ts';

/** What pictures are made with. */
export interface ShotTools {
  readonly graphics: Graphics;
  readonly flow: BrickFlow;
  readonly uploads: Uploads;
  readonly marks: readonly Mark[];
  readonly tiles: OverlayScene['tiles'];
  readonly imageOf: (shown: ShownScene) => ImageScene | null;
  /** Of meshes and skeletons: 0 once all that is wanted is here. */
  readonly shapesOutstanding: () => number;
}

interface Shot {
  readonly id: number;
  readonly request: ShotRequest;
  readonly shown: ShownScene;
  readonly rgba: Uint8Array<ArrayBuffer>;
  /** Parts of the tile still to be drawn: each takes no more memory than there is. */
  pieces: readonly Tile[] | null;
  piece: Piece | null;
}

interface Piece {
  readonly tile: Tile;
  readonly pane: PanePainter;
  /** Bricks that were given to the textures, or that found no room there. */
  readonly uploaded: Set<string>;
  /** Whether its bricks have been asked for. */
  wanted: boolean;
}

const uploadMs = 12;

/** Makes pictures of panes that are not on the screen, one after the other, with the code that draws the panes. */
export class ShotDesk {
  readonly #post: (message: FromStage) => void;
  #shots: readonly Shot[] = [];

  constructor(post: (message: FromStage) => void) {
    this.#post = post;
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
    this.#shots = [...this.#shots, { id, request, shown, rgba, pieces: null, piece: null }];
  }

  cancel(id: number): void {
    this.#shots.find((shot) => shot.id === id)?.piece?.pane.dispose();
    this.#shots = this.#shots.filter((shot) => shot.id !== id);
  }

  /** Pictures can't be made at all. */
  fail(): void {
    const message = 'This computer offers no WebGL 2, so nothing can be drawn.';
    for (const { id } of this.#shots) this.#post({ t: 'shot-failed', id, message });
    this.#shots = [];
  }

  /** After the context was lost the piece is drawn anew. */
  loseGraphics(): void {
    const [shot] = this.#shots;
    if (!shot?.piece) return;
    shot.piece.pane.dispose();
    shot.pieces = [shot.piece.tile, ...(shot.pieces ?? [])];
    shot.piece = null;
  }

  /** What the picture needs, before all else. */
  wants(tools: ShotTools): readonly SourceBricks[] {
    const [shot] = this.#shots;
    const piece = shot && this.#pieceOf(shot, tools);
    if (!shot || !piece) return [];
    piece.wanted = true;
    return bricksOf(shot, piece, tools);
  }

  /** Goes on with the picture; `more`: at once again; `want`: what it needs has changed. */
  step(tools: ShotTools): { readonly more: boolean; readonly want: boolean } {
    const [shot] = this.#shots;
    if (!shot) return { more: false, want: false };
    const image = tools.imageOf(shot.shown);
    const piece = this.#pieceOf(shot, tools);
    if (!piece) return this.#finish(shot);
    if (image && !piece.wanted) return { more: false, want: true };
    const ready = !image || this.#makeReady(shot, piece, tools);
    if (ready !== true) return { more: ready === 'soon', want: false };
    if (image && piece.pane.paintImage(tools.graphics, image)) return { more: true, want: false };
    this.#take(shot, piece, image, tools);
    return { more: true, want: true };
  }

  /** True once all that the piece shows is in the textures; 'soon' while it is put there; false while it is awaited. */
  #makeReady(shot: Shot, piece: Piece, { graphics, flow, uploads, ...tools }: ShotTools): boolean | 'soon' {
    const until = performance.now() + uploadMs;
    let here = tools.shapesOutstanding() === 0;
    for (const { source, bricks } of bricksOf(shot, piece, { graphics, flow, uploads, ...tools })) {
      for (const address of bricks) {
        const key = brickKey(source.key, address);
        if (piece.uploaded.has(key)) continue;
        const isHere = flow.store.has(key);
        // What is not wanted found no room in memory, even before all else.
        if (!isHere && !flow.isGivenUp(key) && flow.rankOf(key) !== Infinity) here = false;
        if (!isHere) continue;
        if (performance.now() > until) return 'soon';
        if (!flow.store.isEmpty(key) && !uploads.isThere(graphics.atlas, key)) uploads.upload(graphics, key);
        piece.uploaded.add(key);
      }
    }
    return here;
  }

  #pieceOf(shot: Shot, { graphics, flow }: ShotTools): Piece | null {
    if (shot.piece) return shot.piece;
    const { request, shown } = shot;
    shot.pieces ??= piecesOf(request, shown.layers, graphics.atlas, flow.store.capBytes);
    const [tile, ...rest] = shot.pieces;
    shot.pieces = rest;
    if (!tile) return null;
    const canvas = (): OffscreenCanvas => new OffscreenCanvas(tile.width, tile.height);
    const pane = new PanePainter(request.pane, 0, { image: canvas(), overlay: canvas() });
    pane.resize(tile.width, tile.height, 1);
    pane.look(request.camera, request.size, tile);
    shot.piece = { tile, pane, uploaded: new Set(), wanted: false };
    return shot.piece;
  }

  #take(shot: Shot, { tile, pane }: Piece, image: ImageScene | null, { marks, tiles }: ShotTools): void {
    const { overlay, tile: whole } = shot.request;
    if (image && overlay)
      pane.paintOverlay({ scene: image.scene, boundsNm: image.boundsNm, marks, tiles, pointerNm: null });
    if (!image) pane.paintNothing();
    const rgba = pane.pixels(image !== null && overlay);
    for (let row = 0; row < tile.height; row++) {
      const at = ((tile.y - whole.y + row) * whole.width + (tile.x - whole.x)) * 4;
      shot.rgba.set(rgba.subarray(row * tile.width * 4, (row + 1) * tile.width * 4), at);
    }
    pane.dispose();
    shot.piece = null;
  }

  #finish(shot: Shot): { readonly more: boolean; readonly want: boolean } {
    this.#shots = this.#shots.filter((one) => one !== shot);
    this.#post({ t: 'shot', id: shot.id, rgba: shot.rgba });
    return { more: this.#shots.length > 0, want: true };
  }
}

/** The right level of every place of a slice, and the pinned one in case that some of it can't be had. */
function bricksOf({ shown }: Shot, { pane }: Piece, { graphics, imageOf }: ShotTools): readonly SourceBricks[] {
  const image = imageOf(shown);
  if (!image) return [];
  if (pane.isOrbit) return pane.orbitWants(graphics, image);
  const plans = plansOf(shown.layers, (place) => [pane.cutsOf(place)].filter((cuts) => cuts !== null));
  return plans.flatMap(({ place, sources, cuts }) => {
    const target = cuts.flatMap((cut) => cut.of(cut.target).map(({ address }) => address));
    const pinned = target.length > 0 ? pinnedBricks(place.volume, pinnedMostBytes) : [];
    return sources.map((source) => ({ source, bricks: [...pinned, ...target] }));
  });
}

const pinnedMostBytes = 2e6;
