import { create } from 'zustand';
import type { z } from 'zod';
import type { holdSchema, LinkMisfit } from '../../preload/contract/solve.ts';
import { engine } from '../engine.ts';
import { useAssemble } from './assemble.ts';
import { useBoard } from './board.ts';
import { changed, openLibraryId } from './library.ts';
import { type Shift, wishOfLinks } from './moved-links.ts';
import { session, setSession, useSession } from './session.ts';
import { attempt } from './toasts.ts';

/** A tile that is moved by hand on the link map, before a version keeps it. */

interface TileMoveState {
  /** The tool: drags and arrow keys move a tile instead of the map. */
  readonly active: boolean;
  readonly tile: number | null;
  /** From where the version has the tile, stack pixels. */
  readonly byPx: Shift;
  /** Of the tile's links, as the version has them; empty while they load. */
  readonly misfits: readonly LinkMisfit[];
}

const nowhere: Shift = [0, 0];
const nothing = { tile: null, byPx: nowhere, misfits: [] } as const;

export const useTileMove = create<TileMoveState>(() => ({ active: false, ...nothing }));

const get = useTileMove.getState;
const set = useTileMove.setState;

export const isMoved = ({ byPx: [x, y] }: Pick<TileMoveState, 'byPx'>): boolean => x !== 0 || y !== 0;

/** What can be done with the tile: calls back when that changes, not for every pixel that it is moved by. */
export const onMoveState = {
  subscribe: (listener: () => void): (() => void) =>
    useTileMove.subscribe((now, before) => {
      if (now.active !== before.active || now.tile !== before.tile || isMoved(now) !== isMoved(before)) listener();
    }),
};

export const setMoving = (active: boolean): void => set({ active, ...nothing });

/** Takes a tile to be moved; false where another one was moved and waits to be kept or put back. */
export function takeTile(tile: number | null): boolean {
  const now = get();
  if (tile === now.tile) return true;
  if (isMoved(now)) return false;
  set({ ...nothing, tile });
  void loadMisfits();
  return true;
}

async function loadMisfits(): Promise<void> {
  const { tile } = get();
  const { stack } = session();
  if (tile === null || stack === null) return;
  const answer = await attempt(() => engine().solve.misfits({ library: openLibraryId(), stack, tiles: [tile] }));
  if (answer && get().tile === tile && session().stack === stack) set({ misfits: answer.value.misfits });
}

export const moveTileBy = (x: number, y: number): void =>
  set(({ byPx, tile }) => (tile === null ? {} : { byPx: [byPx[0] + x, byPx[1] + y] }));
export const putTileBack = (): void => set({ byPx: nowhere });

/** Keeps the tile where it is now, in a new version. */
export async function keepTile(hold: 'pinned' | 'placed'): Promise<void> {
  const { tile, byPx } = get();
  if (tile !== null) await holdTile(tile, hold, byPx);
}

/** Moves, pins or lets go a tile of the session's stack version, in a new version. */
export async function holdTile(tile: number, hold: z.output<typeof holdSchema>, by: Shift = nowhere): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  const [byXPx, byYPx] = by;
  const held = await attempt(() =>
    engine().solve.move({ library: openLibraryId(), stack, tiles: [tile], byXPx, byYPx, hold }),
  );
  if (!held) return;
  await changed();
  setSession({ stack: held.stack });
}

// A version that has the tile elsewhere has it where it was moved to, or says anew where it lies.
useAssemble.subscribe((now, before) => {
  if (now.placements === before.placements) return;
  const { tile } = get();
  const placeIn = ({ placements }: typeof now): string =>
    String(placements?.find((placement) => placement.tile === tile)?.stackFromTile);
  if (placeIn(now) !== placeIn(before)) set({ byPx: nowhere });
  void loadMisfits();
});
useSession.subscribe((now, before) => {
  if (now.dataset !== before.dataset || now.room !== before.room) set({ active: false, ...nothing });
});

/** To where its links would have it. */
export function moveTileToLinks(): void {
  const { tile, misfits } = get();
  const wish = tile === null ? null : wishOfLinks(misfits, tile, useAssemble.getState().links ?? []);
  if (wish) set({ byPx: wish });
}

/** The next tile of the section, or the one before, in the order of the layout. */
export function takeTileBeside(step: 1 | -1): void {
  const { section, placements } = useAssemble.getState();
  const placed = new Set(placements?.map(({ tile }) => tile));
  const tiles = (useBoard.getState().tiles ?? []).filter((tile) => tile.section === section && placed.has(tile.id));
  const at = tiles.findIndex(({ id }) => id === get().tile);
  const next = tiles[at === -1 ? (step === 1 ? 0 : tiles.length - 1) : (at + step + tiles.length) % tiles.length];
  if (next) takeTile(next.id);
}
