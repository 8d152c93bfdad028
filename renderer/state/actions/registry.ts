import type { MenuAction } from '../../../preload/contract/bridge.ts';
import type { Room } from '../session.ts';
import { session } from '../session.ts';
import { toast } from '../toasts.ts';
import { keyTable, useKeys } from './key-map.ts';

/** Everything that the user can do, once: the menu, the palette, the shortcuts and the cheat sheet are views of this. */
export interface Action {
  readonly id: string;
  /** A verb first, sentence case. */
  readonly title: string;
  readonly menu: MenuAction['menu'];
  /** In tinykeys' words; the first one is shown. */
  readonly keys?: readonly string[];
  /** Rooms where the action makes sense; everywhere if left out. Keys may mean other things in other rooms. */
  readonly rooms?: readonly Room[];
  /** Left out of the native menu: moves and the like, that would only make it long. */
  readonly unlisted?: boolean;
  /** Why it can't be done now, in a short sentence; null where it can. */
  readonly whyNot?: () => string | null;
  readonly run: () => unknown;
}

const registry = new Map<string, Action>();

/** Throws on an id that is taken and on keys that mean two things in one room. */
export function register(actions: readonly Action[]): void {
  for (const action of actions) {
    if (registry.has(action.id)) throw new Error(`action ${action.id} is registered twice`);
    const clash = conflicts(action);
    if (clash) throw new Error(`${clash.id} and ${action.id} have the same keys`);
    registry.set(action.id, action);
  }
}

function conflicts(action: Action): Action | undefined {
  const sharesRoom = (other: Action): boolean =>
    !action.rooms || !other.rooms || action.rooms.some((room) => other.rooms?.includes(room));
  return actions().find((other) => sharesRoom(other) && action.keys?.some((keys) => other.keys?.includes(keys)));
}

export const actions = (): readonly Action[] => [...registry.values()];

const roomNames: Readonly<Record<Room, string>> = {
  home: 'Home',
  acquire: 'Acquire',
  assemble: 'Assemble',
  volumes: 'Volumes',
  view: 'View',
  annotate: 'Annotate',
  register: 'Register',
  publish: 'Publish',
};
export const roomName = (room: Room): string => roomNames[room];

export function whyNot(action: Action): string | null {
  if (action.rooms && !action.rooms.includes(session().room))
    return `Only in ${action.rooms.map(roomName).join(' and ')}`;
  return action.whyNot?.() ?? null;
}

export function findAction(id: string): Action {
  const action = registry.get(id);
  if (!action) throw new Error(`no action ${id}`);
  return action;
}

/** Runs an action by its id, or says why not. */
export function runAction(id: string): void {
  const action = findAction(id);
  const reason = whyNot(action);
  if (reason === null) action.run();
  else toast({ tone: 'info', title: `${action.title}: not now`, detail: reason });
}

let table: { of: unknown; count: number; keys: ReadonlyMap<string, readonly string[]> } | null = null;

/** Every action's keys as they are now: see `key-map`. Every button asks for its own, so the table is kept. */
export function keysNow(): ReadonlyMap<string, readonly string[]> {
  const state = useKeys.getState();
  if (table?.of !== state || table.count !== registry.size)
    table = { of: state, count: registry.size, keys: keyTable(actions(), state) };
  return table.keys;
}

/** First keys of an action, for tooltips. */
export const keysOf = (id: string): string | undefined => keysNow().get(id)?.[0];
