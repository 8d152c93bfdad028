/** Header of a block: big-endian u16 mode, u16 axes, u32 size of each axis, and with mode 1 u32 number of elements. */
export interface BlockHeader {
  readonly dimensions: readonly number[];
  /** Where the data begin. */
  readonly bytes: number;
}

const maxAxes = 5;
export const maxHeaderBytes = 8 + 4 * maxAxes;

/** Gives why it can't be read, or the header. `rank`: how many axes the dataset has. */
export function parseBlockHeader(stored: Uint8Array, rank: number): BlockHeader | string {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  if (stored.byteLength < 4) return 'it ends inside its header';
  const [mode, axes] = [view.getUint16(0), view.getUint16(2)];
  if (mode === 2) return 'it holds objects (mode 2), not voxels';
  if (mode > 2) return `its header says mode ${mode}; N5 has 0, 1 and 2`;
  if (axes !== rank) return `its header has ${axes} axes, not ${rank}`;
  const bytes = 4 + 4 * axes + (mode === 1 ? 4 : 0);
  if (stored.byteLength < bytes) return 'it ends inside its header';
  const dimensions = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const elements = dimensions.reduce((a, b) => a * b, 1);
  const said = mode === 1 ? view.getUint32(4 + 4 * axes) : elements;
  return said === elements ? { dimensions, bytes } : `it says ${said} elements, not the ${elements} of its size`;
}

export function blockHeader(dimensions: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  view.setUint16(2, dimensions.length);
  for (const [i, size] of dimensions.entries()) view.setUint32(4 + 4 * i, size);
  return new Uint8Array(view.buffer);
}
