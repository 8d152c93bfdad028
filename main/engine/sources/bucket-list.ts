import { SaxesParser } from 'saxes';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Entry } from '../formats/byte-store.ts';

/** One page of ListObjectsV2. */
export interface ListPage {
  readonly keys: readonly string[];
  /** With a slash at their ends, as the server gives them. */
  readonly folders: readonly string[];
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

const maxDepth = 16;
const maxText = 8192;
const maxKeys = 1_000_000;
const maxPages = 100_000;

/** Throws 'bad-source' where the text is no list: other XML, a document type, nesting or text beyond what lists have. */
export function readListPage(xml: string, name: string): ListPage {
  const keys: string[] = [];
  const folders: string[] = [];
  const values = new Map<string, string>();
  readLeaves(xml, name, (path, text) => {
    if (path === 'ListBucketResult/Contents/Key') keys.push(text);
    else if (path === 'ListBucketResult/CommonPrefixes/Prefix') folders.push(text);
    else if (/^ListBucketResult\/[A-Za-z]+$/.test(path)) values.set(path.slice(17), text);
  });
  const plain = values.get('EncodingType') === 'url' ? (text: string) => decoded(text, name) : (text: string) => text;
  const more = values.get('IsTruncated') === 'true';
  const next = more ? values.get('NextContinuationToken') : undefined;
  if (more && !next) throw badList(name, 'it has no mark of where the next page begins');
  return { keys: keys.map(plain), folders: folders.map(plain), next };
}

/** Calls `leaf` with the path of names and the text of each element that ends. */
function readLeaves(xml: string, name: string, leaf: (path: string, text: string) => void): void {
  const parser = new SaxesParser();
  const path: string[] = [];
  let text = '';
  const stop = (why: string): never => {
    throw badList(name, why);
  };
  parser.on('error', (error) => stop(`it is no XML (${error.message.slice(0, 80)})`));
  parser.on('doctype', () => stop('it has a document type'));
  parser.on('opentag', (tag) => {
    text = '';
    if (path.push(tag.name) > maxDepth) stop('it is nested too deep');
    if (path.length === 1 && tag.name !== 'ListBucketResult') stop(`it is no list, but <${tag.name.slice(0, 40)}>`);
  });
  parser.on('text', (more) => {
    text += more;
    if (text.length > maxText) stop('a value in it is too long');
  });
  parser.on('closetag', () => {
    leaf(path.join('/'), text);
    path.pop();
    text = '';
  });
  parser.write(xml).close();
}

function decoded(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badList(name, `"${text.slice(0, 80)}" is wrongly encoded`);
  }
}

type GetPage = (delimiter: string, token: string | undefined) => Promise<ListPage | undefined>;

/** What lies directly below `prefix` (whole, of the bucket); undefined where the server does not let us list. */
export async function listChildren(
  getPage: GetPage,
  prefix: string,
  name: string,
): Promise<readonly Entry[] | undefined> {
  const entries = new Map<string, Entry>();
  const listable = await eachPage(getPage, '/', name, (page) => {
    for (const folder of page.folders) add(entries, folder.slice(prefix.length).replace(/\/$/, ''), true);
    for (const key of page.keys) add(entries, key.slice(prefix.length), false);
    return entries.size;
  });
  if (!listable) return undefined;
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Markers of folders, which some tools leave, have the name of the prefix itself. */
function add(entries: Map<string, Entry>, name: string, isFolder: boolean): void {
  if (name !== '' && !name.includes('/') && !entries.get(name)?.isFolder) entries.set(name, { name, isFolder });
}

/** Every key of the bucket below a prefix; undefined where the server does not let us list. */
export async function listKeys(getPage: GetPage, name: string): Promise<readonly string[] | undefined> {
  const keys: string[] = [];
  const listable = await eachPage(getPage, '', name, (page) => {
    for (const key of page.keys) if (!key.endsWith('/')) keys.push(key);
    return keys.length;
  });
  return listable ? keys.sort() : undefined;
}

async function eachPage(
  getPage: GetPage,
  delimiter: string,
  name: string,
  take: (page: ListPage) => number,
): Promise<boolean> {
  let token: string | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const page = await getPage(delimiter, token);
    if (page === undefined) return false;
    if (take(page) > maxKeys) throw tooMany(name);
    if (page.next === undefined) return true;
    if (page.next === token) throw badList(name, 'its pages repeat');
    token = page.next;
  }
  throw tooMany(name);
}

const tooMany = (name: string): LamellaError =>
  new LamellaError('over-budget', `${name} has more than ${maxKeys} entries in one place.`, {
    hint: 'Name a folder further down.',
    fields: { source: name, limit: maxKeys },
  });

const badList = (name: string, why: string): LamellaError =>
  new LamellaError('bad-source', `The server's list of ${name} can't be read: ${why}.`, {
    hint: 'Check that the address is that of a bucket.',
    fields: { source: name },
  });
