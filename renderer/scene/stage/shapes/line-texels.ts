import { DataTexture, NearestFilter, RGBAIntegerFormat, UnsignedIntType } from 'three';

/** Texels in a row of a texture of lines: every WebGL 2 has textures so wide. */
const rowTexels = 2048;
/** float32 or uint32 of a line: from x y z, width; to x y z, colour. */
export const lineWords = 8;

/**
 * Lines as the shader reads them, two texels each: x y z of the start and a width, x y z of the end and a colour (bytes R, G,
 * B, A). Positions are nm from the origin that they are drawn at; a width is times the style's in pixels or, below zero, in nm.
 * A texture is read faster than instances are drawn where a processor does the GPU's work.
 */
export class LineTexels {
  readonly count: number;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;

  constructor(count: number) {
    this.count = count;
    const rows = Math.max(1, Math.ceil((count * 2) / rowTexels));
    this.words = new Uint32Array(rows * rowTexels * 4);
    this.#floats = new Float32Array(this.words.buffer);
  }

  /** `from` and `to`: lists of x y z and where in them the point begins. */
  set(line: number, from: ArrayLike<number>, fromAt: number, to: ArrayLike<number>, toAt: number): void {
    const at = line * lineWords;
    for (let a = 0; a < 3; a++) {
      this.#floats[at + a] = from[fromAt + a]!;
      this.#floats[at + 4 + a] = to[toAt + a]!;
    }
    this.style(line, 1, 0xffff_ffff);
  }

  /** `pixel`: 0xAABBGGRR. */
  style(line: number, width: number, pixel: number): void {
    this.#floats[line * lineWords + 3] = width;
    this.words[line * lineWords + 7] = pixel;
  }

  texture(): DataTexture {
    const texture = new DataTexture(
      this.words,
      rowTexels,
      this.words.length / (4 * rowTexels),
      RGBAIntegerFormat,
      UnsignedIntType,
    );
    texture.internalFormat = 'RGBA32UI';
    texture.minFilter = texture.magFilter = NearestFilter;
    texture.generateMipmaps = false;
    texture.needsUpdate = true;
    return texture;
  }
}
