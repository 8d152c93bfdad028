import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import { atOnce, type Steps } from './steps.ts';

/**
 * Fiji's TileConfiguration.txt (Grid/Collection stitching, BigStitcher): `dim = 2`, then `name; series; (x, y[, z])` a
 * line. Positions are pixels of the tile's corner; z, where there is one, is the section.
 */
export interface ConfiguredTile {
  /** As written, with forward slashes. */
  readonly name: string;
  /** Number of the image inside a multi-series file, or null. */
  readonly series: number | null;
  readonly xPx: number;
  readonly yPx: number;
  readonly section: number;
}

export interface TileConfiguration {
  readonly dimensions: 2 | 3;
  readonly tiles: readonly ConfiguredTile[];
  readonly warnings: readonly Warning[];
}

const maxTextLength = 64 * 2 ** 20;
const maxWarnings = 100;
const saneCoordinate = 1e12;

/** Whether a text looks like a TileConfiguration, from its first characters. */
export function looksLikeTileConfiguration(head: string): boolean {
  return /^\s*dim\s*=\s*\d/im.test(head) || /^[^#\n]+;[^;\n]*;\s*\(\s*[-+.\d]/m.test(head);
}

/**
 * Reads a TileConfiguration. Lines that cannot be read become warnings with their number; 'bad-layout' where no line
 * can, or where `dim` is neither 2 nor 3. Takes CRLF, a byte order mark, comments, Windows paths, a missing `dim`.
 */
export const parseTileConfiguration = (text: string, fileName: string): TileConfiguration =>
  atOnce(tileConfigurationSteps(text, fileName));

/** The same, in steps. */
export function* tileConfigurationSteps(text: string, fileName: string): Steps<TileConfiguration> {
  if (text.length > maxTextLength) {
    throw new LamellaError(
      'over-budget',
      `${fileName} has ${text.length} characters; at most ${maxTextLength} are read.`,
      {
        hint: 'Split the layout into one file a section.',
        fields: { file: fileName },
      },
    );
  }
  const warnings: Warning[] = [];
  const tiles = new Map<string, ConfiguredTile>();
  let dimensions: 2 | 3 | null = null;
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    if (index % 256 === 255) yield;
    const line = raw.trim();
    const where = `${fileName}, line ${index + 1}`;
    const setting = /^(\w+)\s*=\s*(.*)$/.exec(line);
    if (line === '' || line.startsWith('#')) continue;
    if (setting && !line.includes(';')) dimensions = readSetting(setting[1] ?? '', setting[2] ?? '', where, dimensions);
    else addTile(tiles, readLine(line, dimensions), line, where, warnings);
  }
  if (tiles.size === 0) throw noTiles(fileName, warnings[0]?.message);
  return { dimensions: dimensions ?? 2, tiles: [...tiles.values()], warnings };
}

/** Writes tiles the way Fiji does; three coordinates where `dimensions` is 3. */
export function formatTileConfiguration(dimensions: 2 | 3, tiles: readonly Omit<ConfiguredTile, 'series'>[]): string {
  const lines = tiles.map(
    ({ name, xPx, yPx, section }) => `${name}; ; (${[xPx, yPx, section].slice(0, dimensions).map(decimal).join(', ')})`,
  );
  return `# Define the number of dimensions we are working on\ndim = ${dimensions}\n\n# Define the image coordinates\n${lines.join('\n')}\n`;
}

/** Fiji's reader wants a decimal point. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function readSetting(key: string, value: string, where: string, dimensions: 2 | 3 | null): 2 | 3 | null {
  if (key.toLowerCase() !== 'dim') return dimensions;
  if (value.trim() === '2') return 2;
  if (value.trim() === '3') return 3;
  throw new LamellaError('bad-layout', `${where}: dim = ${value.slice(0, 40)}; tiles have 2 or 3 coordinates.`, {
    hint: 'Write "dim = 2" for tiles of one section, "dim = 3" where the third coordinate is the section.',
    fields: { dim: value.slice(0, 40) },
  });
}

function readLine(line: string, dimensions: 2 | 3 | null): ConfiguredTile | string {
  const open = line.lastIndexOf('(');
  const fields = line.slice(0, Math.max(open, 0)).split(';');
  if (open < 0 || fields.length < 3) return 'is not "name; ; (x, y)"';
  const name = fields
    .slice(0, -2)
    .join(';')
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replaceAll('\\', '/');
  const series = fields.at(-2)?.trim() ?? '';
  const inside = /^\(([^)]*)\)\s*$/.exec(line.slice(open))?.[1];
  const numbers = (inside ?? '').split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (name === '') return 'names no file';
  if (inside === undefined || numbers.length < 2 || numbers.length > 3)
    return 'has no two or three coordinates in brackets';
  if (!numbers.every((n) => Number.isFinite(n) && Math.abs(n) <= saneCoordinate))
    return 'has a coordinate that is not a usable number';
  if (dimensions !== null && numbers.length !== dimensions)
    return `has ${numbers.length} coordinates where dim = ${dimensions}`;
  const [xPx = 0, yPx = 0, section = 0] = numbers;
  return { name, series: /^\d{1,9}$/.test(series) ? Number(series) : null, xPx, yPx, section };
}

function addTile(
  tiles: Map<string, ConfiguredTile>,
  read: ConfiguredTile | string,
  line: string,
  where: string,
  warnings: Warning[],
): void {
  const warn = (message: string): void => {
    if (warnings.length < maxWarnings) warnings.push({ subject: where, message });
  };
  if (typeof read === 'string') return warn(`${where} ${read}; it is left out: ${line.slice(0, 80)}`);
  const key = (read.series ?? 0) === 0 ? read.name : `${read.name}#${read.series}`;
  if (tiles.has(key)) return warn(`${where} names ${key} again; the first place is used.`);
  tiles.set(key, read);
}

function noTiles(fileName: string, first: string | undefined): LamellaError {
  return new LamellaError(
    'bad-layout',
    `${fileName} names no tiles. ${first ?? 'It has no line of the form "name; ; (x, y)".'}`,
    {
      hint: 'Give the TileConfiguration.txt that Fiji wrote, or choose another layout.',
      fields: { file: fileName },
    },
  );
}
