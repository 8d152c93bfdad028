import { DecodedChunks } from '../../formats/decoded-chunks.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import type { VectorField } from '../../transforms/vector-field.ts';
import { bytesOf } from './waiting-steps.ts';

/** Fields that are small enough are kept whole, and lent to all kernels at once. */
const wholeFields = new DecodedChunks(192 * 2 ** 20);
const mostWholeBytes = 64 * 2 ** 20;
let fieldsSeen = 0;
const fieldTokens = new WeakMap<VectorField, string>();

export const isSmallField = ({ sizeXyz }: Pick<VectorField, 'sizeXyz'>): boolean =>
  voxelsIn(sizeXyz) * 24 <= mostWholeBytes;

/** All vectors of a field that is small: all x, then all y, then all z, as kernels take them. */
export const wholeField = (field: VectorField, signal: AbortSignal): Promise<Uint8Array> =>
  wholeFields.get(tokenOf(field), 24 * voxelsIn(field.sizeXyz), async () =>
    shared(bytesOf(await field.read([0, 0, 0], field.sizeXyz, signal))),
  );

function tokenOf(field: VectorField): string {
  const token = fieldTokens.get(field) ?? String((fieldsSeen += 1));
  fieldTokens.set(field, token);
  return token;
}

/** The same bytes where every thread reads them. */
export function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer || bytes.byteLength === 0) return bytes;
  const out = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  out.set(bytes);
  return out;
}
