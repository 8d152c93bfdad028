/** Rows of each part below each other, sample by sample. */
export function joinRows(parts: readonly Uint8Array[], samples: number): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (let sample = 0; sample < samples; sample++)
    for (const part of parts) {
      const bytes = part.length / samples;
      all.set(part.subarray(sample * bytes, (sample + 1) * bytes), end);
      end += bytes;
    }
  return all;
}
