import { DataTexture, NearestFilter, RGBAFormat, UnsignedByteType } from 'three';

const width = 2048;
const firstRows = 16;
/** Rows that are uploaded one by one; of more, the whole texture at once. */
const mostRowCalls = 64;

/** A texture of pixels (RGBA8, 2048 wide) that grows by rows and uploads those that changed. */
export class ColourRows {
  /** Pixels that fit at most. */
  readonly most: number;
  #texture = textureOf(firstRows);
  #pixels = pixelsOf(this.#texture);
  /** Changed since the last commit, and since the last upload. */
  readonly #changed = new Set<number>();
  readonly #waiting = new Set<number>();
  #whole = true;

  constructor(most: number) {
    this.most = most;
    this.#watchUploads();
  }

  get texture(): DataTexture {
    return this.#texture;
  }

  /** `index` below `most`; 0xAABBGGRR. */
  set(index: number, pixel: number): void {
    if (index >= this.#pixels.length) this.#grow();
    if (this.#pixels[index] === pixel) return;
    this.#pixels[index] = pixel;
    if (!this.#whole) this.#changed.add(index >> 11);
  }

  /** Gives all pixels but the first, up to `count`, other opacities. */
  fade(count: number, alphaOf: (index: number) => number): void {
    for (let i = 1; i < count; i++) this.#pixels[i] = (((this.#pixels[i] ?? 0) & 0xff_ffff) | (alphaOf(i) << 24)) >>> 0;
    this.uploadAgain();
  }

  /** Has what was set uploaded with the next frame. */
  commit(): void {
    for (const row of this.#changed) this.#wait(row);
    if (this.#changed.size > 0 || this.#whole) this.#texture.needsUpdate = true;
    this.#changed.clear();
  }

  uploadAgain(): void {
    this.#whole = true;
    this.#texture.clearUpdateRanges();
    this.#texture.needsUpdate = true;
  }

  dispose(): void {
    this.#texture.dispose();
  }

  #wait(row: number): void {
    if (this.#whole || this.#waiting.has(row)) return;
    this.#waiting.add(row);
    if (this.#waiting.size > mostRowCalls) this.uploadAgain();
    else this.#texture.addUpdateRange(row * width * 4, width * 4);
  }

  /** three uploads only the ranges even of a texture that the card never saw: it gets none until then. */
  #watchUploads(): void {
    this.#texture.onUpdate = () => {
      this.#whole = false;
      this.#waiting.clear();
    };
  }

  #grow(): void {
    const before = this.#texture;
    this.#texture = textureOf((before.image.height ?? firstRows) * 2);
    const pixels = pixelsOf(this.#texture);
    pixels.set(this.#pixels);
    this.#pixels = pixels;
    this.#whole = true;
    this.#watchUploads();
    before.dispose();
  }
}

function textureOf(rows: number): DataTexture {
  const texture = new DataTexture(new Uint8Array(width * rows * 4), width, rows, RGBAFormat, UnsignedByteType);
  texture.internalFormat = 'RGBA8';
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.generateMipmaps = false;
  texture.needsUpdate = true;
  return texture;
}

/** The same bytes as whole pixels; every machine that runs this is little-endian. */
function pixelsOf({ image }: DataTexture): Uint32Array {
  const bytes = image.data as Uint8Array;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
}
