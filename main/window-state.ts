// Where the window was and how large, remembered between starts and never off every screen.
import type { BrowserWindow, Rectangle } from 'electron';
import { screen } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

export const MIN_SIZE = { width: 960, height: 600 } as const;
const DEFAULT_SIZE = { width: 1440, height: 900 } as const;
/** Moving and resizing come in bursts: one write after the burst. */
const SETTLE_MS = 500;

const stateSchema = z.object({
  x: z.number().int().optional(),
  y: z.number().int().optional(),
  width: z.number().int().min(MIN_SIZE.width).max(20_000),
  height: z.number().int().min(MIN_SIZE.height).max(20_000),
  maximized: z.boolean().default(false),
});
export type WindowState = z.infer<typeof stateSchema>;

/** What was remembered in `file`, or the default when there is nothing usable. */
export function recallState(file: string): WindowState {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { ...state, ...(isOnScreen(state) ? {} : { x: undefined, y: undefined }) };
  } catch {
    return { ...DEFAULT_SIZE, maximized: false };
  }
}

function isOnScreen({ x, y, width, height }: WindowState): boolean {
  if (x === undefined || y === undefined) return true;
  const overlaps = (area: Rectangle): boolean =>
    x < area.x + area.width && x + width > area.x && y >= area.y - 1 && y < area.y + area.height && height > 0;
  return screen.getAllDisplays().some((display) => overlaps(display.workArea));
}

/** Keeps `file` up to date while the window lives. Losing it costs nothing, so a failed write is let go. */
export function rememberState(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized()) return;
    try {
      writeFileSync(`${file}.new`, JSON.stringify({ ...window.getNormalBounds(), maximized: window.isMaximized() }));
      renameSync(`${file}.new`, file);
    } catch {
      // A read-only or full profile folder: the window opens at its default place next time.
    }
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(write, SETTLE_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', write);
}
