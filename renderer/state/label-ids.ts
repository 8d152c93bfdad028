/** Labels that one layer can have selected. */
export const mostSelected = 100_000;

/** The id that a text writes, without zeros before it; null where it is none that a label can have. */
export function labelIdOf(text: string): string | null {
  const id = /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
  return id > 0n && id < 2n ** 64n ? String(id) : null;
}

/** Each of the ids that texts write, once; as many as can be selected. The same list where nothing is wrong with it. */
export function labelIdsOf(texts: readonly string[]): readonly string[] {
  const ids = [...new Set(texts.map(labelIdOf))].filter((id) => id !== null).slice(0, mostSelected);
  return ids.length === texts.length && ids.every((id, i) => id === texts[i]) ? texts : ids;
}
