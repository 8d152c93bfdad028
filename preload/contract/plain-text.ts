/** Texts of datasets, tables and states come from anywhere, and stand between Lamella's own words. */

/** Printable, without two blanks in a row: most are. */
const plain = /^(?:[!-~]| (?! ))*$/;
/** Turn the letters around them, in the rest of the line too. */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Take no room: two names that differ in them look alike. Joiners stay, which scripts and emoji need between letters. */
const unseen = /[\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const blanks = /[\s\p{Cc}]+/gu;
const outerJoiners = /^[\u200c\u200d\s]+|[\u200c\u200d\s]+$/g;
/** Heaped on one letter they cover the lines around. */
const heaped = /(\p{M}{4})\p{M}+/gu;

/** A text as it is, but for what can't be seen or turns its neighbours: that is written `\\u202e`. */
export const withEscapes = (text: string): string =>
  text.replaceAll(new RegExp(`${turns.source}|${unseen.source}`, 'gu'), (letter) =>
    [...Array(letter.length).keys()].map((i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );

/**
 * One line of a text that can be shown: at most `most` UTF-16 units, without what can't be seen, turns what stands beside
 * it, or covers it. O(most), however long the text is.
 */
export function plainText(text: string, most: number): string {
  const cut = text.length > 4 * most ? text.slice(0, 4 * most) : text;
  if (plain.test(cut)) return cut.trim().slice(0, most);
  const shown = cut
    .replaceAll(turns, '')
    .replaceAll(unseen, '')
    .replaceAll(blanks, ' ')
    .replaceAll(heaped, '$1')
    .replaceAll(/\p{Cs}/gu, '\ufffd')
    .replaceAll(outerJoiners, '');
  // No half of a letter at the end.
  return shown.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
