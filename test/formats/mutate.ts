/** How often the mutations that CI tries are tried: LAMELLA_FUZZ=20 looks longer, as the row fuzz-volumes does. */
export const fuzzTimes = Math.max(1, Number(process.env['LAMELLA_FUZZ']) || 1);

/** Seeded randomness for the fuzz tests (mulberry32): the same seed gives the same run everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A value of a normal distribution with SD 1 (Box and Muller), of two that `random` gives. */
export const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const nasty = [
  '',
  '\u0000',
  '\uFEFF',
  '9'.repeat(400),
  '-1',
  '1e999',
  'NaN',
  'null',
  '{}',
  '[]',
  '[[[[',
  '"',
  '\\',
  ';',
  '(',
  ')',
  ',',
  '=',
  '{row}',
  '{',
  '}',
  '*',
  '..',
  '/',
  '%00',
  '\r',
  '😀',
  'specList',
  'refId',
  'constructor',
  '__proto__',
  'a'.repeat(2000),
];

/** One to eight edits: cut, repeat, swap, flip a character, insert something nasty. */
export function mutate(text: string, random: () => number): string {
  const pick = (n: number): number => Math.floor(random() * n);
  let out = text;
  for (let edits = 1 + pick(8); edits > 0; edits--) {
    const [from, to] = [pick(out.length + 1), pick(out.length + 1)].sort((a, b) => a - b) as [number, number];
    const short = out.slice(from, Math.min(to, from + 200));
    const kind = pick(5);
    if (kind === 0) out = out.slice(0, from) + out.slice(from + short.length);
    else if (kind === 1) out = out.slice(0, from) + short.repeat(1 + pick(3)) + out.slice(from);
    else if (kind === 2) out = out.slice(0, from) + String.fromCodePoint(1 + pick(255)) + out.slice(from + 1);
    else if (kind === 3) out = out.slice(0, from) + (nasty[pick(nasty.length)] ?? '') + out.slice(from);
    else out = out.slice(0, Math.max(1, from));
  }
  return out;
}
