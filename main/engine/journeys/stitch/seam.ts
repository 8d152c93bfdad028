import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { seamSchema } from '../../../../preload/contract/registration.ts';
import type { Rect } from '../../../../preload/contract/space.ts';
import { boundsOfDrawn } from '../../stacks/drawn-tile.ts';
import { placedStack } from '../../stacks/placed-stack.ts';
import { type BoxPixels, renderBox } from '../../stacks/render-box.ts';
import type { RenderEnv } from '../../stacks/render-tiles.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import type { LibraryStore } from '../../store/library-store.ts';

export interface SeamRequest {
  readonly stack: string;
  readonly tileA: number;
  readonly tileB: number;
  /** Where along the longer side of the overlap, 0 to 1. */
  readonly along: number;
  /** All of the overlap, smaller where it must be; else the part that fits at full size. */
  readonly whole: boolean;
}

export interface Seam {
  readonly about: z.output<typeof seamSchema>;
  /** Tile a, tile b and their difference, 8 bit each. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly difference: Uint8Array;
}

/** Longest side of the picture of a seam, pixels. */
export const seamSidePx = 512;
/** Grey levels of a difference of one standard deviation, about the middle grey. */
const differenceStep = 48;
const middleGrey = 128;
/** Standard deviations from black to white. */
const shownSpread = 5;

/**
 * What two tiles show of their overlap, each as the stack places it, brought to one mean and contrast so that what is
 * left of a difference is place or tissue. 'invalid-input' where they do not overlap.
 */
export async function seamOf(library: LibraryStore, request: SeamRequest, env: RenderEnv): Promise<Seam> {
  const { stack, tileA, tileB } = request;
  const { dataset } = stackRow(library.read, stack);
  const placed = placedStack(library, { dataset, stack, channel: '' });
  const [a, b] = [tileA, tileB].map((id) => placed.tilesAt(placed.numbersOf([id]))[0]);
  const overlap = a && b ? both(boundsOfDrawn(a), boundsOfDrawn(b)) : null;
  const section = library.read.get<{ section: number }>('SELECT section FROM tile WHERE id = ?', tileA)?.section;
  if (!overlap || section === undefined) throw noOverlap(tileA, tileB);
  const { rect, scale } = windowOf(overlap, request);
  const pictureOf = (id: number): Promise<BoxPixels> =>
    renderBox(library, placed, { section, rect, scale, blend: 'nearest-centre', levels: 'stored', only: [id] }, env);
  const pictures = await Promise.all([pictureOf(tileA), pictureOf(tileB)]);
  const compared = compare(levelsOf(pictures[0]), levelsOf(pictures[1]));
  const { widthPx, heightPx } = pictures[0];
  return { ...compared, about: { widthPx, heightPx, scale, ncc: compared.ncc, overlap, shown: rect } };
}

function both(p: Rect, q: Rect): Rect | null {
  const rect = {
    minX: Math.max(p.minX, q.minX),
    minY: Math.max(p.minY, q.minY),
    maxX: Math.min(p.maxX, q.maxX),
    maxY: Math.min(p.maxY, q.maxY),
  };
  return rect.maxX - rect.minX >= 1 && rect.maxY - rect.minY >= 1 ? rect : null;
}

/** The part of the overlap that is shown, on whole pixels. */
function windowOf(overlap: Rect, { along, whole }: SeamRequest): { readonly rect: Rect; readonly scale: number } {
  const rect = {
    minX: Math.ceil(overlap.minX),
    minY: Math.ceil(overlap.minY),
    maxX: Math.max(Math.floor(overlap.maxX), Math.ceil(overlap.minX) + 1),
    maxY: Math.max(Math.floor(overlap.maxY), Math.ceil(overlap.minY) + 1),
  };
  const [width, height] = [rect.maxX - rect.minX, rect.maxY - rect.minY];
  if (whole) return { rect, scale: Math.min(1, seamSidePx / Math.max(width, height)) };
  const from = (length: number): number => Math.round(Math.max(0, length - seamSidePx) * along);
  const [x, y] = [rect.minX + from(width), rect.minY + from(height)];
  const shown = { minX: x, minY: y, maxX: x + Math.min(width, seamSidePx), maxY: y + Math.min(height, seamSidePx) };
  return { rect: shown, scale: 1 };
}

const levelsOf = ({ pixels, dtype }: BoxPixels): Uint8Array | Uint16Array =>
  dtype === 'uint8' ? pixels : new Uint16Array(pixels.slice().buffer);

type Levels = Uint8Array | Uint16Array;

/** Both brought to mean 0 and SD 1 over what both cover; 0 is what no tile covers. */
function compare(a: Levels, b: Levels): Pick<Seam, 'a' | 'b' | 'difference'> & { readonly ncc: number } {
  const sums = { n: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] ?? 0, b[i] ?? 0];
    if (p === 0 || q === 0) continue;
    sums.n += 1;
    sums.a += p;
    sums.b += q;
    sums.aa += p * p;
    sums.bb += q * q;
    sums.ab += p * q;
  }
  const n = Math.max(1, sums.n);
  const [meanA, meanB] = [sums.a / n, sums.b / n];
  const sd = (squares: number, mean: number): number => Math.sqrt(Math.max(0, squares / n - mean * mean)) || 1;
  const [sdA, sdB] = [sd(sums.aa, meanA), sd(sums.bb, meanB)];
  const shown = (v: number, mean: number, spread: number): number =>
    v === 0 ? 0 : clamped(middleGrey + ((v - mean) / spread) * (255 / shownSpread));
  const difference = (p: number, q: number): number =>
    p === 0 || q === 0 ? 0 : clamped(middleGrey + differenceStep * ((p - meanA) / sdA - (q - meanB) / sdB));
  return {
    ncc: (sums.ab / n - meanA * meanB) / (sdA * sdB),
    a: Uint8Array.from(a, (v) => shown(v, meanA, sdA)),
    b: Uint8Array.from(b, (v) => shown(v, meanB, sdB)),
    difference: Uint8Array.from(a, (p, i) => difference(p, b[i] ?? 0)),
  };
}

const clamped = (v: number): number => Math.max(1, Math.min(255, Math.round(v)));

const noOverlap = (tileA: number, tileB: number): LamellaError =>
  new LamellaError('invalid-input', `The tiles ${tileA} and ${tileB} do not overlap in this stack version.`, {
    hint: 'Name the two tiles of a link: stitch links lists them.',
    fields: { tileA, tileB },
  });
