import { LamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Dtype } from '../../../preload/contract/space.ts';
import type { RenderEnv } from './render-tiles.ts';

/** Grey pixels, little-endian, rows from the top. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly dtype: Dtype;
  readonly pixels: Uint8Array;
}

export const pictureFormats = ['png', 'jpeg', 'tiff', 'raw'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

/** A picture as a file; `raw`: its pixels. 'invalid-input' for a JPEG of 16 bits. `quality`: of a JPEG, 1 to 100. */
export async function encodePicture(
  picture: Picture,
  { format, quality }: { readonly format: PictureFormat; readonly quality: number },
  { kernels, signal, lane = 'interactive' }: RenderEnv,
): Promise<Uint8Array> {
  const { widthPx, heightPx, dtype, pixels } = picture;
  if (format === 'raw') return pixels;
  if (format === 'tiff') return tiffOf(picture);
  if (format === 'jpeg' && dtype !== 'uint8')
    throw new LamellaError('invalid-input', 'A JPEG holds 8 bits a pixel, and these levels have 16.', {
      hint: 'Ask for png, tiff or raw; or for levels as they are shown.',
      fields: { dtype },
    });
  const size = [widthPx, heightPx, 1, 1, 1] as const;
  const codec = format === 'png' ? ({ name: 'png', level: 1 } as const) : ({ name: 'jpeg', quality } as const);
  const header = { dtype, size, chunk: size, edges: 'cut' as const, codecs: [codec] };
  const { outputs } = await kernels.run('encode-block', header, { inputs: [pixels], signal, lane });
  return outputs[0] ?? new Uint8Array();
}

/** TIFF 6.0, section 4: one uncompressed strip. */
function tiffOf({ widthPx, heightPx, dtype, pixels }: Picture): Uint8Array {
  const [short, long] = [3, 4];
  const fields = [
    [256, long, widthPx],
    [257, long, heightPx],
    [258, short, 8 * bytesPerVoxel[dtype]],
    // No compression; black is 0; the strip; samples a pixel; rows of the strip; its bytes.
    [259, short, 1],
    [262, short, 1],
    [273, long, 0],
    [277, short, 1],
    [278, long, heightPx],
    [279, long, pixels.byteLength],
  ] as const;
  const start = 8 + 2 + 12 * fields.length + 4;
  const bytes = new Uint8Array(start + pixels.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, fields.length, 0]);
  for (const [i, [tag, type, value]] of fields.entries()) {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, tag === 273 ? start : value, true);
  }
  bytes.set(pixels, start);
  return bytes;
}
