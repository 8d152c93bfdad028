import { LamellaError } from '../../../preload/contract/errors.ts';

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
  const given = text.trim();
  const hash = given.indexOf('#!');
  const fragment = hash >= 0 ? given.slice(hash + 2).replace(/^\+/, '') : given;
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(fragment) || (hash < 0 && /^https?:/i.test(given))) throw elsewhere(fragment);
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
  let json = '';
  let at = 0;
  for (const match of text.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs)) {
    json += text.slice(at, match.index).replace(/[&_]/g, ',') + doubleQuoted(match[0]);
    at = match.index + match[0].length;
  }
  return json + text.slice(at).replace(/[&_]/g, ',');
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
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const excerpt = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const elsewhere = (address: string): LamellaError =>
  new LamellaError('invalid-input', `The state lies elsewhere, at ${excerpt(address)}`, {
    hint: 'Open the link in a browser, and copy the address once the view is shown; or save the state as a file and open that.',
    fields: { address: excerpt(address) },
  });
