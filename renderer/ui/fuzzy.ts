/**
 * How well a query fits a text: its letters in order, best at the starts of words and side by side.
 * 0 = does not fit; higher is better. O(query x text).
 */
export function fuzzyScore(query: string, text: string): number {
  const q = query.toLowerCase().replaceAll(' ', '');
  if (q === '') return 1;
  const t = text.toLowerCase();
  // best[i]: score of the query's first i letters with the last of them at the current place or before.
  let total = 0;
  let at = -1;
  for (const letter of q) {
    const next = bestPlace(t, letter, at + 1, at);
    if (next === -1) return 0;
    total += next === at + 1 && at !== -1 ? 8 : startsWord(t, next) ? 6 : 1;
    at = next;
  }
  return total / q.length + 1 / t.length;
}

const startsWord = (text: string, at: number): boolean => at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '');

/** The next place of a letter: right after the last one, else the next start of a word, else the first anywhere. */
function bestPlace(text: string, letter: string, from: number, last: number): number {
  const first = text.indexOf(letter, from);
  if (first === -1 || first === last + 1) return first;
  for (let i = first; i !== -1; i = text.indexOf(letter, i + 1)) if (startsWord(text, i)) return i;
  return first;
}
