/** Numbers as a ledger keeps them: base64 of little-endian floats. */
export const packed = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? new Uint8Array()).toString('base64');

export const floatsOf = (text: string): Float32Array => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer, 0, bytes.byteLength >> 2);
};

export const f64Bytes = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);

export const f64Of = (bytes: Uint8Array | undefined): Float64Array =>
  new Float64Array((bytes ?? new Uint8Array()).slice().buffer);

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length;

/** SD over the mean; 0 for fewer than two. */
export function relativeSd(values: readonly number[]): number {
  const mean = meanOf(values);
  if (values.length < 2 || mean === 0) return 0;
  return Math.sqrt(meanOf(values.map((v) => (v - mean) ** 2))) / Math.abs(mean);
}
