import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockSource } from '../../../../preload/contract/block.ts';

const isPicture = (name: string): boolean => /\.(png|tiff?|jpe?g)$/i.test(name) && !name.startsWith('.');
/** LOC000_CHN01_PLN0003.tif, s_c1_z12.png: which channel a slice is of. */
const channelToken = /(?<![a-z])(channel|chan|chn|ch|c)[ _-]?(\d+)(?!\d)/i;

/** Sources of a channel by its name. */
export type ChannelSources = ReadonlyMap<string, BlockSource>;

/**
 * What lies at the place of a block: a file or dataset, which is one channel; a folder of slices, with channels told by
 * their names; or a folder with a folder of slices for each channel. Empty where nothing is there.
 */
export function channelsAt(path: string, given = ''): ChannelSources {
  const imgRegex = isHarmless(given) ? given : '';
  const entries = entriesOf(path);
  if (entries === null) return existsAt(path) ? new Map([['', { path, channel: 0 }]]) : new Map();
  const pattern = compiled(imgRegex);
  const pictures = entries.files.filter((name) => isPicture(name) && pattern.test(name));
  if (pictures.length > 0) return ofSlices(path, pictures, imgRegex);
  const inside = entries.folders.flatMap((folder) => {
    const [first] = channelsAt(join(path, folder), imgRegex).values();
    return first && (first.files !== undefined || first.path !== join(path, folder)) ? [[folder, first] as const] : [];
  });
  if (inside.length > 0) return new Map(inside);
  return entries.files.length + entries.folders.length > 0 ? new Map([['', { path, channel: 0 }]]) : new Map();
}

function ofSlices(path: string, pictures: readonly string[], imgRegex: string): ChannelSources {
  const [only, second] = pictures;
  if (only !== undefined && second === undefined) return new Map([['', { path: join(path, only), channel: 0 }]]);
  const byChannel = new Map<string, number>();
  for (const name of pictures) {
    const token = channelToken.exec(name)?.[0];
    if (token === undefined) return new Map([['', { path, channel: 0, files: imgRegex }]]);
    byChannel.set(token, (byChannel.get(token) ?? 0) + 1);
  }
  if (byChannel.size < 2) return new Map([['', { path, channel: 0, files: imgRegex }]]);
  const tokens = [...byChannel.keys()].toSorted();
  const among = imgRegex === '' ? '' : `(?=.*(?:${imgRegex}))`;
  return new Map(tokens.map((token) => [token, { path, channel: 0, files: `^${among}.*${escaped(token)}(?!\\d)` }]));
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const mostRepeats = 4;

/** Of a file that somebody else wrote: nothing whose matching could take for ever. */
const isHarmless = (pattern: string): boolean =>
  !/\)[*+{?]|\\[1-9k]/.test(pattern) && (pattern.match(/[*+{]/g) ?? []).length <= mostRepeats;

/** Of a project's IMG_REGEX; one that is too long or damaged takes all. */
export function compiled(pattern: string): RegExp {
  try {
    return pattern.length > 500 ? /(?:)/ : new RegExp(pattern, 'i');
  } catch {
    return /(?:)/;
  }
}

interface Entries {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

function entriesOf(path: string): Entries | null {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    const isFolder = (name: string): boolean =>
      statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
    const folders = entries.filter((one) => one.isDirectory() || (one.isSymbolicLink() && isFolder(one.name)));
    const names = new Set(folders.map(({ name }) => name));
    return {
      files: entries
        .map(({ name }) => name)
        .filter((name) => !names.has(name))
        .toSorted(),
      folders: [...names].toSorted(),
    };
  } catch {
    return null;
  }
}

function existsAt(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
