import type { Limit, Reading, WatchMetric } from '../../../../../preload/contract/watch.ts';

const wide = 720;
const high = 132;
const left = 58;
const mostDots = 1500;

/** A trend as SVG: a dot a tile in order of arrival, the band of the limits, and those outside in the colour of alarms. */
export function trendSvg(
  metric: WatchMetric,
  title: string,
  readings: readonly Reading[],
  limit: Limit | undefined,
  flagged: ReadonlySet<number>,
): string {
  const points = readings.flatMap((reading, i) => {
    const value = reading.values[metric];
    return value === undefined ? [] : [{ i, value, isFlagged: flagged.has(reading.tile) }];
  });
  if (points.length === 0) return '';
  const [low, top] = rangeOf(
    points.map(({ value }) => value),
    limit,
  );
  const x = (i: number): number => left + ((wide - left - 8) * i) / Math.max(1, readings.length - 1);
  const y = (value: number): number =>
    10 + (high - 30) * (1 - (Math.min(top, Math.max(low, value)) - low) / (top - low || 1));
  const every = Math.ceil(points.length / mostDots);
  const dots = points
    .filter(({ isFlagged }, n) => isFlagged || n % every === 0)
    .map(
      ({ i, value, isFlagged }) =>
        `<circle cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="${isFlagged ? 3.2 : 1.6}"${isFlagged ? ' class="alarm"' : ''}/>`,
    );
  const line = (at: number | null | undefined, name: string): string =>
    at === null || at === undefined
      ? ''
      : `<line class="${name}" x1="${left}" x2="${wide - 8}" y1="${y(at).toFixed(1)}" y2="${y(at).toFixed(1)}"/>`;
  const label = (value: number): string =>
    `<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${short(value)}</text>`;
  return `<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${title}, ${points.length} tiles in order of arrival">
${line(limit?.low, 'limit')}${line(limit?.high, 'limit')}${line(limit?.median, 'median')}${dots.join('')}${label(low)}${label(top)}
<text x="${left}" y="${high - 4}">first tile</text><text x="${wide - 8}" y="${high - 4}" text-anchor="end">last tile</text></svg></figure>`;
}

/** All values and limits; one that is far off does not flatten the rest, and lies on the edge. */
function rangeOf(values: readonly number[], limit: Limit | undefined): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [p2, p98] = [at(0.02), at(0.98)];
  const room = 0.5 * (p98 - p2) + 1e-9;
  const limits = [limit?.low, limit?.high].flatMap((v) => (v === null || v === undefined ? [] : [v]));
  const low = Math.min(Math.max(at(0), p2 - 4 * room), ...limits);
  const top = Math.max(Math.min(at(1), p98 + 4 * room), ...limits);
  const margin = 0.05 * (top - low) || 0.5;
  return [low - margin, top + margin];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
