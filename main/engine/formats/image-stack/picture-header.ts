import type { VoxelType } from '../../../../preload/contract/space.ts';

/** What the first bytes of a PNG or JPEG say of it, as it will be once decoded. */
export interface PictureHeader {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha. */
  readonly samples: number;
  readonly dtype: VoxelType;
  /** A whole sentence, or ''. */
  readonly warning: string;
}

/** Undefined where the header is not sound; a text where it is of a kind that is not read. */
export function pngHeader(head: Uint8Array): PictureHeader | string | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 33 || view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== 0x49484452) return undefined;
  const [width, height, bits = 0, colour = 0] = [view.getUint32(16), view.getUint32(20), head[24], head[25]];
  const samples = [1, 0, 3, 3, 2, 0, 4][colour] ?? 0;
  if (samples === 0 || ![1, 2, 4, 8, 16].includes(bits) || !isSide(width) || !isSide(height)) return undefined;
  const isPalette = colour === 3;
  return {
    ...{ width, height, dtype: bits === 16 ? 'uint16' : 'uint8' },
    samples: samples + (colour < 4 && hasTransparency(head, view) ? 1 : 0),
    warning: isPalette
      ? 'Pictures have a palette: they are read as colours.'
      : bits < 8
        ? `Pictures have ${bits} ${bits === 1 ? 'bit' : 'bits'} to a pixel: their values are stretched to 0 to 255.`
        : '',
  };
}

const isSide = (px: number): boolean => px >= 1 && px < 2 ** 31;

/** Whether a tRNS chunk, which becomes an alpha channel, comes before the picture. */
function hasTransparency(head: Uint8Array, view: DataView): boolean {
  for (let at = 8; at + 8 <= head.length;) {
    const kind = view.getUint32(at + 4);
    if (kind === 0x74524e53) return true;
    if (kind === 0x49444154) return false;
    at += 12 + view.getUint32(at);
  }
  return false;
}

/** Frames of JPEG that differ in how they are coded, not in how they begin; DHT, JPG and DAC are none. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Undefined where no frame begins in `head`. */
export function jpegHeader(head: Uint8Array): PictureHeader | string | undefined {
  if (head[0] !== 0xff || head[1] !== 0xd8) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 2; at + 10 <= head.length;) {
    if (head[at] !== 0xff) return undefined;
    const marker = head[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (!isFrame(marker)) at += 2 + view.getUint16(at + 2);
    else return frameOf(view, at);
  }
  return undefined;
}

function frameOf(view: DataView, at: number): PictureHeader | string | undefined {
  const [bits, height, width, samples] = [
    view.getUint8(at + 4),
    view.getUint16(at + 5),
    view.getUint16(at + 7),
    view.getUint8(at + 9),
  ];
  if (bits !== 8) return `it is a JPEG of ${bits} bits a sample`;
  if (samples !== 1 && samples !== 3) return `it is a JPEG of ${samples} colours`;
  return width > 0 && height > 0 ? { width, height, samples, dtype: 'uint8', warning: '' } : undefined;
}
