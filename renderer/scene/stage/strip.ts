import type { WebGLRenderer } from 'three';

/** Rows of the drawing buffer from `bottom` on, as they look over black: the top row first. */
export function stripOf(renderer: WebGLRenderer, width: number, rows: number, bottom: number): ImageData {
  const gl = renderer.getContext();
  const read = new Uint32Array(width * rows);
  gl.readPixels(0, bottom, width, rows, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(read.buffer));
  const out = new Uint32Array(width * rows);
  for (let row = 0; row < rows; row++)
    out.set(read.subarray((rows - 1 - row) * width, (rows - row) * width), row * width);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) | opaque;
  return new ImageData(new Uint8ClampedArray(out.buffer), width, rows);
}

/** The alpha of a pixel whose bytes are red, green, blue, alpha in memory. */
const opaque = 0xff000000;
