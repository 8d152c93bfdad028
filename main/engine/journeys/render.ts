import type { LamellaClient } from '../../../preload/contract/api.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { encodePicture, type PictureFormat } from '../stacks/picture.ts';
import { type BoxPixels, renderBox } from '../stacks/render-box.ts';
import { writeFileDurably } from '../targets/folder.ts';
import type { Call, HandlersOf } from './call.ts';
import { askedStack } from './render/asked-stack.ts';
import { serveRender } from './render/service.ts';
import { tileNamed, tilePicture } from './render/tile-picture.ts';

const endings: Readonly<Record<PictureFormat, readonly string[]>> = {
  png: ['.png'],
  jpeg: ['.jpg', '.jpeg'],
  tiff: ['.tif', '.tiff'],
  raw: ['.raw'],
};

/** `client`: of this process, by which the server that others reach does what other journeys do. */
export const renderHandlers = (client: () => LamellaClient): HandlersOf<'render'> => ({
  box: async (input, call) => {
    const library = call.library(input.library);
    const out = outOf(library, input, call);
    const { section, x, y, width, height, scale, levels, blend } = input;
    const placed = askedStack(library, input.stack, input.channel);
    const rect = { minX: x, minY: y, maxX: x + width, maxY: y + height };
    const rendered = await renderBox(library, placed, { section, rect, scale, levels, blend }, call);
    return answer(rendered, out, input, call);
  },

  tile: async (input, call) => {
    const library = call.library(input.library);
    const out = outOf(library, input, call);
    const placed = askedStack(library, input.stack, input.channel);
    const tile = tileNamed(library, placed, input.tile);
    const rendered = await tilePicture(library, placed, tile, input.part, input, call);
    return answer(rendered, out, input, call);
  },

  serve: (input, call) => serveRender(input, call, client()),
});

interface Asked {
  readonly format: PictureFormat;
  readonly quality: number;
  readonly out?: string | undefined;
}

/** Where the picture goes; looked at before it is made. */
function outOf(library: LibraryStore, { out, format }: Asked, call: Call): string | null {
  if (out === undefined) return null;
  const path = call.path(out);
  const ending = endings[format].find((one) => path.toLowerCase().endsWith(one));
  if (ending === undefined)
    throw new LamellaError('invalid-input', `"${out}" is no name for a picture in ${format}.`, {
      hint: `Let it end with ${endings[format].join(' or ')}, or choose another --format.`,
      fields: { out, format },
    });
  refuseToOverwrite(library, path, ending);
  return path;
}

async function answer({ pixels, ...about }: BoxPixels, out: string | null, asked: Asked, call: Call) {
  const bytes = await encodePicture({ ...about, pixels }, asked, call);
  if (out !== null) await writeFileDurably(out, [bytes]);
  return { value: { ...about, problems: [...about.problems], file: out === null ? null : call.refer(out) }, bytes };
}
