import { LamellaError } from '../../../preload/contract/errors.ts';
import { quoteLargeIntegers } from '../../../preload/contract/large-integers.ts';
import { plainText } from '../../../preload/contract/plain-text.ts';
import { mostAddress, mostText } from './limits.ts';

/** Links to views: the part after `#!`, as Neuroglancer's url_hash_binding.ts and util/json.ts read and write it. */

export const usualViewer = 'https://neuroglancer-demo.appspot.com/';

/** A link that opens a state in a Neuroglancer. */
export const linkOf = (state: object, viewer = usualViewer): string =>
  `${viewer}#!${encodeURI(JSON.stringify(state)).replace(
    /[!'()*;,]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )}`;

/**
 * The JSON of what a user pasted: JSON itself, a link, or the part of it from `#!` or `{` on; percent-encoded or not, in
 * JSON or in its spelling for addresses (`{'a':1_'b':2}`). Throws 'invalid-input'.
 */
export function stateOfText(text: string): unknown {
  if (text.length > mostText)
    throw new LamellaError('invalid-input', `This text has ${text.length} characters; no view is that large.`, {
      hint: `Up to ${mostText} are read. Copy the address or the JSON of the state anew.`,
      fields: { characters: text.length },
    });
  const given = text.trim();
  const hash = given.indexOf('#!');
  const fragment = hash >= 0 ? given.slice(hash + 2).replace(/^\+/, '') : given;
  if (scheme.test(fragment)) throw elsewhere(fragment);
  const decoded = fragment.startsWith('{') && hash < 0 ? fragment : unescaped(fragment);
  const state = parsed(decoded) ?? parsed(unescaped(decoded)) ?? parsed(jsonOfUrlSafe(decoded));
  if (typeof state === 'object' && state !== null && !Array.isArray(state)) return state;
  throw new LamellaError('invalid-input', `This is no Neuroglancer link or state: ${excerpt(given)}`, {
    hint: 'Paste the whole address from the browser, with all that comes after #!, or the JSON of the state.',
    fields: { characters: given.length },
  });
}

/**
 * Neuroglancer's spelling for addresses: ' delimits strings, and _ or & stands for a comma outside of them. Text that is
 * JSON already stays as it is.
 */
export function jsonOfUrlSafe(text: string): string {
  const parts: string[] = [];
  const quotes = /['"]/g;
  for (let at = 0; at < text.length;) {
    quotes.lastIndex = at;
    const quote = quotes.exec(text)?.index ?? text.length;
    parts.push(text.slice(at, quote).replace(/[&_]/g, ','));
    at = endOfLiteral(text, quote);
    if (at > quote) parts.push(doubleQuoted(text.slice(quote, at)));
  }
  return parts.join('');
}

/** Behind the quote that ends what begins with one; the end of a text where none does. A pattern would look again from each quote. */
function endOfLiteral(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at + 1;
  }
  return text.length;
}

function doubleQuoted(literal: string): string {
  if (literal.startsWith('"')) return literal;
  const inner = literal.slice(1, -1).replace(/\\'|\\.|"/gs, (part) => {
    if (part === "\\'") return "'";
    return part === '"' ? '\\"' : part;
  });
  return `"${inner}"`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsed(text: string): unknown {
  try {
    // Ids of segments are written as numbers by some, and end beyond what a double holds.
    return JSON.parse(quoteLargeIntegers(text));
  } catch {
    return undefined;
  }
}

const excerpt = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const scheme = /^([a-z][a-z\d+.-]*):\/\//i;

/** Where a state can be read without signing in. */
const publicSchemes: ReadonlySet<string> = new Set(['http', 'https', 'gs', 's3']);

/**
 * Where the state of a link lies, or of an address alone: `#!gs://bucket/state.json`; null where the text holds the state
 * itself. Throws 'invalid-input' for one that wants a sign-in (`middleauth+https://`), or is of a kind that is not known.
 */
export function addressOfText(text: string): string | null {
  const given = text.slice(0, mostAddress + 2048).trim();
  const hash = given.indexOf('#!');
  const fragment = hash >= 0 ? given.slice(hash + 2).replace(/^\+/, '') : given;
  const address = scheme.test(fragment) ? fragment : unescaped(fragment);
  const name = scheme.exec(address)?.[1]?.toLowerCase();
  if (name === undefined) return null;
  if (!publicSchemes.has(name) || /\s/.test(address) || address.length > mostAddress) throw elsewhere(address);
  return address;
}

const elsewhere = (address: string): LamellaError =>
  new LamellaError('invalid-input', `The state lies elsewhere, at ${plainText(excerpt(address), 80)}`, {
    hint: `${/auth/i.test(address) ? 'Lamella does not sign in there. ' : ''}Open the link in a browser, and copy the address once the view is shown; or save the state as a file and open that.`,
    fields: { address: excerpt(address) },
  });
