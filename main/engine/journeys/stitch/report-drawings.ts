import type { Link } from '../../../../preload/contract/registration.ts';

/** A tile as the map of links shows it: its middle and sides, stack pixels. */
export interface MapTile {
  readonly id: number;
  readonly section: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const mapSidePx = 420;
/** Residual that is drawn in red, pixels. */
const redPx = 5;

/** The tiles of a section as rectangles, and a line a link, by its residual. SVG. */
export function linkMap(tiles: readonly MapTile[], links: readonly Link[]): string {
  const edges = tiles.map(({ x, y, width, height }) => [x - width / 2, y - height / 2, x + width / 2, y + height / 2]);
  const bound = (i: number, pick: (...v: number[]) => number): number => pick(...edges.map((edge) => edge[i] ?? 0));
  const [x0, y0, x1, y1] = [bound(0, Math.min), bound(1, Math.min), bound(2, Math.max), bound(3, Math.max)];
  const scale = mapSidePx / Math.max(x1 - x0, y1 - y0, 1);
  const at = new Map(tiles.map((tile) => [tile.id, [(tile.x - x0) * scale, (tile.y - y0) * scale] as const]));
  const boxes = tiles.map(({ x, y, width, height }) => {
    const [left, top] = [(x - width / 2 - x0) * scale, (y - height / 2 - y0) * scale];
    return `<rect x="${n(left)}" y="${n(top)}" width="${n(width * scale)}" height="${n(height * scale)}"/>`;
  });
  const lines = links.flatMap((link) => {
    const [from, to] = [at.get(link.tileA), at.get(link.tileB)];
    if (!from || !to) return [];
    const look =
      link.state === 'kept' ? `stroke="${colourOf(link.residualPx)}"` : 'stroke="#7a7f89" stroke-dasharray="3 3"';
    return [`<line x1="${n(from[0])}" y1="${n(from[1])}" x2="${n(to[0])}" y2="${n(to[1])}" ${look}/>`];
  });
  const [width, height] = [Math.ceil((x1 - x0) * scale), Math.ceil((y1 - y0) * scale)];
  return `<svg role="img" aria-label="Map of links" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><g fill="none" stroke="#34373d">${boxes.join('')}</g><g stroke-width="2.5" stroke-linecap="round">${lines.join('')}</g></svg>`;
}

const n = (v: number): string => v.toFixed(1);

/** Teal over amber to red. */
function colourOf(residualPx: number): string {
  const stops = [
    [63, 182, 168],
    [217, 164, 65],
    [229, 104, 79],
  ] as const;
  const at = 2 * Math.min(1, residualPx / redPx);
  const [from, to] = at < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
  const part = at < 1 ? at : at - 1;
  return `rgb(${from.map((v, i) => Math.round(v + part * ((to[i] ?? v) - v))).join(' ')})`;
}

const bins = 30;
const [barsWidth, barsHeight] = [320, 120];

/** Counts over a range as bars, with its ends and the highest count in words. SVG. */
export function histogram(title: string, values: readonly number[], [low, high]: readonly [number, number]): string {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  const width = barsWidth / bins;
  const bars = counts.map((count, i) => {
    const height = (count / most) * barsHeight;
    return `<rect x="${n(i * width)}" y="${n(barsHeight - height + 20)}" width="${n(width - 1)}" height="${n(height)}"/>`;
  });
  const foot = barsHeight + 36;
  return `<svg role="img" aria-label="${title}: ${values.length} values" width="${barsWidth}" height="${foot + 6}" font-size="11" fill="#a9adb6"><text x="4" y="14">${title} (highest bar ${most})</text><g fill="#3fb6a8">${bars.join('')}</g><text x="4" y="${foot}">${n(low)}</text><text x="${barsWidth - 4}" y="${foot}" text-anchor="end">${n(high)}</text></svg>`;
}
