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

/** Renders a box; a file that is gone or damaged leaves its place to the other tiles, or dark. */
export async function renderTiles(
  tiles: readonly DrawnTile[],
  box: OutputBox,
  look: Look,
  { kernels, signal, lane = 'interactive' }: RenderEnv,
): Promise<RenderedTiles> {
  let [there, problem] = [tiles, undefined as LamellaError | undefined];
  for (let tries = 0; ; tries++) {
    try {
      const { header, inputs } = regionCall(there, box, look);
      const rendered = await kernels.run('render-region', header, { inputs, signal, lane });
      const pixels = rendered.outputs[0] ?? new Uint8Array();
      return { pixels, coveredPx: rendered.header.coveredPx, problem, lost: tiles.length - there.length };
    } catch (error) {
      const left = isLamellaError(error, 'not-found', 'bad-source') ? there.filter(isNotOf(error)) : there;
      if (left.length === there.length || tries >= mostLost || !isLamellaError(error)) throw error;
      [there, problem] = [left, problem ?? error];
    }
  }
}

const isNotOf =
  ({ fields: { file } }: LamellaError) =>
  ({ image, mask }: DrawnTile): boolean =>
    image.path !== file && mask?.path !== file;
