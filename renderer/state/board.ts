import { create } from 'zustand';
import type { Review, Tile, tileMetricNames, TileVerdict } from '../../preload/contract/dataset.ts';
import { engine } from '../engine.ts';
import { onLibraryChanged, openLibraryId, refreshLibrary, useLibrary } from './library.ts';
import { session, useSession } from './session.ts';
import { attempt } from './toasts.ts';

export type Metric = (typeof tileMetricNames)[number];
export type ColourBy = 'verdict' | Metric;

export interface BoardFilter {
  readonly verdict: 'all' | TileVerdict | 'flagged';
  readonly review: 'all' | Review;
  /** Part of a tile's name. */
  readonly text: string;
  /** Bounds of the metric that the tiles are coloured by, both included. */
  readonly between: { readonly metric: Metric; readonly range: readonly [number, number] } | null;
}

interface BoardState {
  /** The dataset that the tiles are of; tiles are null while they load. */
  readonly dataset: string | null;
  readonly tiles: readonly Tile[] | null;
  readonly sections: readonly number[];
  readonly section: number | null;
  readonly colourBy: ColourBy;
  readonly filter: BoardFilter;
  readonly selected: number | null;
}

const everything: BoardFilter = { verdict: 'all', review: 'all', text: '', between: null };

export const useBoard = create<BoardState>(() => ({
  dataset: null,
  tiles: null,
  sections: [],
  section: null,
  colourBy: 'verdict',
  filter: everything,
  selected: null,
}));

const get = useBoard.getState;
const set = useBoard.setState;

/** Takes tiles that came or changed; who looks at the last section goes on to one that has just begun. */
export function putTiles(dataset: string, fresh: readonly Tile[]): void {
  const { tiles, sections, section } = get();
  if (get().dataset !== dataset || tiles === null) return;
  const byId = new Map(fresh.map((tile) => [tile.id, tile]));
  const kept = tiles.map((tile) => byId.get(tile.id) ?? tile);
  const known = new Set(tiles.map(({ id }) => id));
  const all = [...new Set([...sections, ...fresh.map((tile) => tile.section)])].toSorted((a, b) => a - b);
  const isAtLast = section === null || section === sections.at(-1);
  set({
    tiles: [...kept, ...fresh.filter(({ id }) => !known.has(id))],
    sections: all,
    section: isAtLast ? (all.at(-1) ?? null) : section,
  });
}

/** Datasets of more tiles are read once a room shows their board: reading 100,000 tiles takes seconds. */
const mostUnseen = 20_000;
let waits = false;

const showsBoard = (): boolean => ['acquire', 'assemble'].includes(session().room);

const isLarge = (dataset: string | null): boolean =>
  (useLibrary.getState().library?.datasets.find(({ id }) => id === dataset)?.tiles ?? 0) > mostUnseen;

/** Loads the tiles of the session's dataset; keeps what is shown while it is the same dataset. */
export async function loadBoard(): Promise<void> {
  const { dataset } = session();
  const library = useLibrary.getState().library?.library;
  waits = isLarge(dataset) && !showsBoard();
  if (dataset !== get().dataset)
    set({ dataset, tiles: null, sections: [], section: null, selected: null, filter: everything });
  if (dataset === null || library === undefined || waits) return;
  const answer = await attempt(() => engine().tile.list({ library, dataset }));
  if (!answer || get().dataset !== dataset) return;
  const { tiles, sections } = answer.value;
  const section = sections.includes(get().section ?? Number.NaN) ? get().section : (sections[0] ?? null);
  set({ tiles, sections, section });
}

useSession.subscribe((now, before) => {
  if (now.dataset !== before.dataset || (waits && now.room !== before.room && showsBoard())) void loadBoard();
});
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) {
    set({ dataset: null, tiles: null });
    void loadBoard();
  }
});
onLibraryChanged(loadBoard);

export const setSection = (section: number): void => set({ section });
/** Another metric has other bounds. */
export const setColourBy = (colourBy: ColourBy): void =>
  set(({ filter }) => ({ colourBy, filter: { ...filter, between: null } }));
export const setFilter = (change: Partial<BoardFilter>): void =>
  set(({ filter }) => ({ filter: { ...filter, ...change } }));
export const clearFilter = (): void => set({ filter: everything });

/** Selects a tile and shows its section. */
export function selectTile(id: number | null): void {
  const tile = get().tiles?.find((one) => one.id === id);
  set(tile ? { selected: tile.id, section: tile.section } : { selected: null });
}

/** Shows a tile by its name, as warnings do; only of the dataset that is open. */
export const tileNamed = (name: string): Tile | undefined => get().tiles?.find((tile) => tile.name === name);

/** Needs a look: the measurements say so and nobody has decided. */
export const isOpen = (tile: Tile): boolean => tile.verdict !== 'ok' && tile.review === 'unreviewed';

/** Goes into stitching: what could be read, and bad tiles only when someone accepted them. The engine's own rule. */
export const isUsed = (tile: Tile): boolean =>
  tile.sha256 !== '' && tile.review !== 'rejected' && (tile.verdict !== 'bad' || tile.review === 'accepted');

export function passes(tile: Tile, { verdict, review, text, between }: BoardFilter): boolean {
  if (between) {
    const value = tile.metrics?.[between.metric];
    if (value === undefined || value < between.range[0] || value > between.range[1]) return false;
  }
  if (verdict === 'flagged' && tile.verdict === 'ok') return false;
  if (verdict !== 'all' && verdict !== 'flagged' && tile.verdict !== verdict) return false;
  if (review !== 'all' && tile.review !== review) return false;
  return text === '' || tile.name.toLowerCase().includes(text.toLowerCase());
}

/** Accepts or rejects; the board shows it at once and the engine's answer settles it. */
export async function reviewTiles(ids: readonly number[], review: Review): Promise<void> {
  const { dataset, tiles } = get();
  if (dataset === null || tiles === null || ids.length === 0) return;
  const chosen = new Set(ids);
  set({ tiles: tiles.map((tile) => (chosen.has(tile.id) ? { ...tile, review } : tile)) });
  const done = await attempt(() =>
    engine().tile.review({ library: openLibraryId(), dataset, tiles: [...ids], review }),
  );
  // What was shown at once holds, so only the summary is read again; after a failure the board is.
  await attempt(done ? refreshLibrary : loadBoard);
}

export function reviewSelected(review: Review): Promise<void> {
  const { selected } = get();
  return reviewTiles(selected === null ? [] : [selected], review);
}

/** The next tile that needs a look, after the selected one, in any section; round to the first again. */
export function selectNextFlagged(step: 1 | -1 = 1): void {
  const { tiles, selected } = get();
  const open = (tiles ?? []).filter((tile) => tile.id === selected || isOpen(tile));
  const others = open.filter((tile) => tile.id !== selected);
  if (others.length === 0) return;
  const at = open.findIndex((tile) => tile.id === selected);
  const next = at === -1 ? others[step === 1 ? 0 : others.length - 1] : open[(at + step + open.length) % open.length];
  selectTile(next?.id ?? null);
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The nearest tile of the section that lies in a direction from the selected one. */
export function selectNeighbour(direction: Direction): void {
  const { tiles, selected, section, filter } = get();
  const shown = (tiles ?? []).filter((tile) => tile.section === section && passes(tile, filter));
  const from = shown.find((tile) => tile.id === selected);
  if (!from) return selectTile(shown[0]?.id ?? null);
  const [ux, uy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[direction] as [number, number];
  let best: Tile | null = null;
  let bestCost = Infinity;
  for (const tile of shown) {
    const dx = tile.stageFromTile[4] - from.stageFromTile[4];
    const dy = tile.stageFromTile[5] - from.stageFromTile[5];
    const along = dx * ux + dy * uy;
    const across = Math.abs(dx * uy) + Math.abs(dy * ux);
    const cost = along + 3 * across;
    if (tile.id === from.id || along <= across || cost >= bestCost) continue;
    best = tile;
    bestCost = cost;
  }
  if (best) selectTile(best.id);
}

export function stepSection(by: 1 | -1): void {
  const { sections, section } = get();
  const next = sections[sections.indexOf(section ?? Number.NaN) + by];
  if (next !== undefined) set({ section: next });
}
