import { isLamellaError, type LamellaError } from '../../../preload/contract/errors.ts';
import type { Dtype } from '../../../preload/contract/space.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import { type Blend, type DrawnTile, regionCall } from './drawn-tile.ts';
import type { OutputBox } from './lattice.ts';

/** How tiles become pixels. */
export interface Look {
  readonly dtype: Dtype;
  readonly blend?: Blend;
  /** Whether the tiles' own ranges of grey levels become black to white. */
  readonly intensity: boolean;
}

export interface RenderedTiles {
  readonly pixels: Uint8Array;
  readonly coveredPx: number;
  /** Why some tile is missing. */
  readonly problem: LamellaError | undefined;
  /** Tiles that are missing. */
  readonly lost: number;
}

export interface RenderEnv {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  readonly lane?: Lane;
}

/** Tiles of a box that may be lost before it is given up. */
const mostLost = 64;

/** Rows of a piece of a box: pieces are rendered side by side on the threads. The same whatever their number. */
const pieceRows = 512;

/** Renders a box; a file that is gone or damaged leaves its place to the other tiles, or dark. */
export async function renderTiles(
  tiles: readonly DrawnTile[],
  box: OutputBox,
  look: Look,
  env: RenderEnv,
): Promise<RenderedTiles> {
  let [there, problem] = [tiles, undefined as LamellaError | undefined];
  for (let tries = 0; ; tries++) {
    try {
      return { ...(await renderPieces(there, box, look, env)), problem, lost: tiles.length - there.length };
    } catch (error) {
      const left = isLamellaError(error, 'not-found', 'bad-source') ? there.filter(isNotOf(error)) : there;
      if (left.length === there.length || tries >= mostLost || !isLamellaError(error)) throw error;
      [there, problem] = [left, problem ?? error];
    }
  }
}

type Pixels = Pick<RenderedTiles, 'pixels' | 'coveredPx'>;

async function renderPieces(
  tiles: readonly DrawnTile[],
  { originPx: [x, y], sizePx: [width, height], stepPx }: OutputBox,
  look: Look,
  { kernels, signal, lane = 'interactive' }: RenderEnv,
): Promise<Pixels> {
  const rows = Array.from({ length: Math.ceil(height / pieceRows) }, (_, i) => i * pieceRows);
  const pieces = await Promise.all(
    rows.map(async (first): Promise<Pixels> => {
      const sizePx = [width, Math.min(pieceRows, height - first)] as const;
      const { header, inputs } = regionCall(tiles, { originPx: [x, y + first * stepPx], sizePx, stepPx }, look);
      const rendered = await kernels.run('render-region', header, { inputs, signal, lane });
      return { pixels: rendered.outputs[0] ?? new Uint8Array(), coveredPx: rendered.header.coveredPx };
    }),
  );
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  return {
    pixels: Buffer.concat(pieces.map(({ pixels }) => pixels)),
    coveredPx: pieces.reduce((sum, { coveredPx }) => sum + coveredPx, 0),
  };
}

const isNotOf =
  ({ fields: { file } }: LamellaError) =>
  ({ image, mask }: DrawnTile): boolean =>
    image.path !== file && mask?.path !== file;
