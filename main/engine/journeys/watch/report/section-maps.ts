import type { Alarm } from '../../../../../preload/contract/watch.ts';
import { escaped } from './escaped.ts';

/** A tile as the map of its section shows it. */
export interface MappedTile {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  /** Corners around it, stage pixels. */
  readonly corners: ReadonlyArray<readonly [number, number]>;
}

/** Maps beyond these, of sections without an alarm first, are left out and counted. */
const mostMaps = 24;

/** Each section as its tiles lie, those with an alarm in its colour: sections with open alarms first. */
export function sectionMaps(tiles: readonly MappedTile[], alarms: readonly Alarm[]): string {
  if (tiles.length === 0) return '<p>No tile came.</p>';
  const state = new Map<number, 'open' | 'over'>();
  for (const { tile, resolvedAt } of alarms)
    if (tile !== null && state.get(tile) !== 'open') state.set(tile, resolvedAt === null ? 'open' : 'over');
  const sections = bySection(tiles);
  const weight = (some: readonly MappedTile[]): number =>
    some.reduce((sum, { id }) => sum + (state.get(id) === 'open' ? 1000 : state.has(id) ? 1 : 0), 0);
  const shown = [...sections].toSorted(([a, x], [b, y]) => weight(y) - weight(x) || a - b).slice(0, mostMaps);
  const left = sections.size - shown.length;
  const maps = shown.map(([section, some]) => mapOf(section, some, state));
  const key = '<p class="note key"><i></i>fine<i class="over"></i>alarm, over<i class="open"></i>take again</p>';
  const more = left > 0 ? `<p class="note">${left} more sections, with fewer alarms, are not drawn.</p>` : '';
  return `${key}<div class="maps">${maps.join('')}</div>${more}`;
}

function bySection(tiles: readonly MappedTile[]): ReadonlyMap<number, readonly MappedTile[]> {
  const found = new Map<number, MappedTile[]>();
  for (const tile of tiles) {
    const same = found.get(tile.section);
    if (same) same.push(tile);
    else found.set(tile.section, [tile]);
  }
  return found;
}

function mapOf(section: number, tiles: readonly MappedTile[], state: ReadonlyMap<number, 'open' | 'over'>): string {
  const corners = tiles.flatMap((tile) => tile.corners);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, top] = [xs, ys].map((all) => all.reduce((a, b) => Math.min(a, b), Infinity));
  const [right, bottom] = [xs, ys].map((all) => all.reduce((a, b) => Math.max(a, b), -Infinity));
  const side = Math.max((right ?? 1) - (left ?? 0), (bottom ?? 1) - (top ?? 0), 1);
  const at = (value: number, from = 0): string => ((100 * (value - from)) / side).toFixed(1);
  // Faulty tiles last: nothing lies over them.
  const order = tiles.toSorted((a, b) => rank(state.get(a.id)) - rank(state.get(b.id)));
  const shapes = order.map(({ id, name, corners: own }) => {
    const points = own.map(([x, y]) => `${at(x, left)},${at(y, top)}`).join(' ');
    return `<polygon${state.has(id) ? ` class="${state.get(id)}"` : ''} points="${points}"><title>${escaped(name)}</title></polygon>`;
  });
  const box = `-1 -1 ${(Number(at(right ?? 1, left)) + 2).toFixed(1)} ${(Number(at(bottom ?? 1, top)) + 2).toFixed(1)}`;
  const title = `Section ${section}, ${tiles.length} ${tiles.length === 1 ? 'tile' : 'tiles'}`;
  return `<figure><svg viewBox="${box}" role="img" aria-label="${title}">${shapes.join('')}</svg><figcaption>${title}</figcaption></figure>`;
}

const rank = (state: 'open' | 'over' | undefined): number => (state === 'open' ? 2 : state === 'over' ? 1 : 0);
