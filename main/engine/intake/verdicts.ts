import type { TileVerdict } from '../../../preload/contract/dataset.ts';
import type { TaskOutput } from '../../../native-workers/tasks.ts';
import type { Inspection, LocatedTile } from './inspect.ts';

export interface Judgement {
  readonly verdict: TileVerdict;
  /** Why the verdict is not ok, in the user's words. */
  readonly reasons: readonly string[];
}

/** A tile on its way to a verdict. `measured` is null where no file was found or it could not be read. */
export interface MeasuredTile {
  readonly located: LocatedTile;
  readonly inspection: Inspection | null;
  /** Level-0 size: the layout's word, else the file's. */
  readonly sizePx: readonly [number, number] | null;
}

type Measured = TaskOutput<'inspect-tile'>;

/** What was found of each tile; same order as `located`. */
export function measureTiles(
  located: readonly LocatedTile[],
  inspected: ReadonlyMap<string, Inspection>,
): readonly MeasuredTile[] {
  return located.map((tile) => {
    const inspection = (tile.isFound && inspected.get(tile.path)) || null;
    const scale = 2 ** tile.mipmapLevel;
    const own = inspection?.ok
      ? ([inspection.measured.sizePx[0] * scale, inspection.measured.sizePx[1] * scale] as const)
      : null;
    return { located: tile, inspection, sizePx: tile.layout.sizePx ?? own };
  });
}

/** Where a finding puts a tile. */
interface Finding {
  readonly verdict: 'warn' | 'bad';
  readonly reason: string;
}

const blankFromPart = 0.98;
const almostBlankFromPart = 0.8;
const saturatedFromPart = 0.05;
const blackFromPart = 0.25;
/** Robust z of log sharpness, and part of the dataset's own sharpness, below which a tile is out of focus. */
const blurredZ = -4;
const blurredPart = 0.5;
/** Fewer tiles than this say nothing of what is usual. */
const leastTilesForUsual = 5;

/** Judges every tile against its own pixels and against the rest of the dataset. Same order as given. */
export function judgeTiles(tiles: readonly MeasuredTile[]): readonly Judgement[] {
  const usual = usualOf(tiles);
  const firstByPixels = new Map<string, string>();
  return tiles.map((tile) => {
    const measured = measuredOf(tile);
    const findings = measured
      ? [...ownFindings(tile, measured), ...comparedFindings(tile, measured, usual)]
      : [unreadFinding(tile)];
    const repeats = measured && repeatFinding(tile, measured, firstByPixels);
    return judgementOf(repeats ? [repeats, ...findings] : findings);
  });
}

function judgementOf(findings: readonly Finding[]): Judgement {
  const verdict = findings.some((f) => f.verdict === 'bad') ? 'bad' : findings.length > 0 ? 'warn' : 'ok';
  return { verdict, reasons: findings.map((f) => f.reason) };
}

export const measuredOf = ({ inspection }: MeasuredTile): Measured | null =>
  inspection?.ok ? inspection.measured : null;

function unreadFinding({ located, inspection }: MeasuredTile): Finding {
  if (!located.isFound || !inspection) return bad('its file was not found');
  return bad(inspection.ok ? 'it was not measured' : inspection.why);
}

function ownFindings({ located, sizePx }: MeasuredTile, m: Measured): readonly Finding[] {
  const found: Finding[] = [];
  const scale = 2 ** located.mipmapLevel;
  const isOff = (axis: 0 | 1): boolean => sizePx !== null && Math.abs(m.sizePx[axis] * scale - sizePx[axis]) > scale;
  if (m.truncated) found.push(bad(`cut short: ${percent(m.decodedFraction)} of its rows are there`));
  if (m.morePictures) found.push(warn('has several pages, of which the first is used: save each as a file of its own'));
  if (m.blankness >= blankFromPart) found.push(bad(`blank: no texture in ${percent(m.blankness)} of it`));
  else if (m.blankness >= almostBlankFromPart)
    found.push(warn(`almost blank: no texture in ${percent(m.blankness)} of it`));
  if (m.saturated >= saturatedFromPart && m.blankness < blankFromPart)
    found.push(warn(`saturated: ${percent(m.saturated)} of its pixels are as bright as can be`));
  if (m.black >= blackFromPart && m.blankness < blankFromPart)
    found.push(warn(`black: ${percent(m.black)} of its pixels are 0`));
  if (sizePx && (isOff(0) || isOff(1)))
    found.push(
      bad(
        `its file is ${size(m.sizePx)} px where the layout's ${size(sizePx)} px need ${size([sizePx[0] / scale, sizePx[1] / scale])}`,
      ),
    );
  return found;
}

/** What most tiles of the dataset are like. */
interface Usual {
  readonly size: string;
  readonly dtype: string;
  readonly logFocus: { readonly median: number; readonly sigma: number } | null;
}

function usualOf(tiles: readonly MeasuredTile[]): Usual {
  const measured = tiles.flatMap((tile) => measuredOf(tile) ?? []);
  const textured = measured
    .filter((m) => m.blankness < almostBlankFromPart && m.focus > 0)
    .map((m) => Math.log(m.focus));
  return {
    size: mostCommon(tiles.flatMap(({ sizePx }) => (sizePx ? [size(sizePx)] : []))) ?? '',
    dtype: mostCommon(measured.map((m) => m.dtype)) ?? '',
    logFocus: textured.length >= leastTilesForUsual ? robustScale(textured) : null,
  };
}

function comparedFindings({ sizePx }: MeasuredTile, m: Measured, usual: Usual): readonly Finding[] {
  const found: Finding[] = [];
  if (sizePx && size(sizePx) !== usual.size)
    found.push(warn(`${size(sizePx)} px where most tiles are ${usual.size} px`));
  if (m.dtype !== usual.dtype) found.push(warn(`${bits(m.dtype)}-bit where most tiles are ${bits(usual.dtype)}-bit`));
  if (usual.logFocus && isBlurred(m, usual.logFocus)) {
    found.push(
      warn(
        `out of focus: its sharpness is ${percent(m.focus / Math.exp(usual.logFocus.median))} of what is usual in this dataset`,
      ),
    );
  }
  return found;
}

function isBlurred(m: Measured, { median, sigma }: { readonly median: number; readonly sigma: number }): boolean {
  if (m.blankness >= almostBlankFromPart) return false;
  if (m.focus <= 0) return true;
  return (Math.log(m.focus) - median) / sigma < blurredZ && m.focus < blurredPart * Math.exp(median);
}

/** The second tile with the same pixels is the suspect: a camera that missed a trigger repeats what it had. */
function repeatFinding({ located }: MeasuredTile, m: Measured, firstByPixels: Map<string, string>): Finding | null {
  if (m.blankness >= blankFromPart) return null;
  const first = firstByPixels.get(m.pixelSha256);
  if (first === undefined) firstByPixels.set(m.pixelSha256, located.layout.name);
  return first === undefined ? null : bad(`repeats the pixels of ${first}`);
}

/** Median and 1.4826 MAD, the latter at least 5 % so that a dataset of equals has no outliers. */
export function robustScale(values: readonly number[]): { readonly median: number; readonly sigma: number } {
  const middle = medianOf(values);
  return { median: middle, sigma: Math.max(0.05, 1.4826 * medianOf(values.map((v) => Math.abs(v - middle)))) };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

export function mostCommon(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (
    [...counts].reduce<readonly [string, number] | null>(
      (best, entry) => (best && best[1] >= entry[1] ? best : entry),
      null,
    )?.[0] ?? null
  );
}

const bad = (reason: string): Finding => ({ verdict: 'bad', reason });
const warn = (reason: string): Finding => ({ verdict: 'warn', reason });
const size = ([width, height]: readonly [number, number]): string => `${Math.round(width)} x ${Math.round(height)}`;
const bits = (dtype: string): string => (dtype === 'uint16' ? '16' : '8');
const percent = (part: number): string => {
  const value = part * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toPrecision(1)} %`;
};
