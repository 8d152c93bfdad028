import { create } from 'zustand';
import { z } from 'zod';
import type { PresetName } from './key-presets.ts';
import { keyPresets } from './key-presets.ts';
import type { Action } from './registry.ts';

/** Which keys do what: an action's own, those of the preset that the user chose, and those that the user gave it. */

const keptSchema = z.object({
  preset: z.enum(['lamella', 'neuroglancer', 'catmaid']).default('lamella'),
  /** By the id of the action; an empty list takes its keys away. */
  own: z.record(z.string().max(80), z.array(z.string().min(1).max(40)).max(6)).default({}),
});

interface KeyState {
  readonly preset: PresetName;
  readonly own: Readonly<Record<string, readonly string[]>>;
}

const stored = 'lamella.keys.1';

function recall(): KeyState {
  try {
    return keptSchema.parse(JSON.parse(localStorage.getItem(stored) ?? '{}'));
  } catch {
    return keptSchema.parse({});
  }
}

export const useKeys = create<KeyState>(recall);

useKeys.subscribe((state) => localStorage.setItem(stored, JSON.stringify(state)));

const shareRoom = (a: Action, b: Action): boolean =>
  !a.rooms || !b.rooms || a.rooms.some((room) => b.rooms?.includes(room));

/**
 * The keys of each action. What the user gave wins over the preset, and that over the action's own: a key that is taken
 * by a stronger word is dropped from a weaker one, so that no key means two things in one room.
 */
export function keyTable(
  actions: readonly Action[],
  { preset, own }: KeyState,
): ReadonlyMap<string, readonly string[]> {
  const chosen = keyPresets[preset];
  const strengthOf = (action: Action): number => (own[action.id] ? 0 : chosen[action.id] ? 1 : 2);
  const table = new Map<string, readonly string[]>();
  const settled: Action[] = [];
  for (const action of actions.toSorted((a, b) => strengthOf(a) - strengthOf(b))) {
    const asked = own[action.id] ?? chosen[action.id] ?? action.keys ?? [];
    const isFree = (keys: string): boolean =>
      !settled.some((other) => shareRoom(action, other) && table.get(other.id)?.includes(keys));
    table.set(action.id, asked.filter(isFree));
    settled.push(action);
  }
  return table;
}

/** The actions that have a key already where `action` would be used, or null. */
export function conflictOf(actions: readonly Action[], state: KeyState, action: Action, keys: string): Action | null {
  const table = keyTable(actions, state);
  return (
    actions.find((other) => other !== action && shareRoom(action, other) && table.get(other.id)?.includes(keys)) ?? null
  );
}

/** Gives an action other keys; those of the action that had them before are gone. */
export function bindKeys(action: string, keys: readonly string[]): void {
  useKeys.setState(({ own }) => ({ own: { ...own, [action]: keys } }));
}

/** Back to what the preset says. */
export function unbindKeys(action: string): void {
  useKeys.setState(({ own }) => ({ own: Object.fromEntries(Object.entries(own).filter(([id]) => id !== action)) }));
}

export const choosePreset = (preset: PresetName): void => useKeys.setState({ preset });
export const resetKeys = (): void => useKeys.setState({ preset: 'lamella', own: {} });

const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']);
const isMac = (): boolean => typeof navigator !== 'undefined' && navigator.userAgent.includes('Mac');

/** What was pressed, in tinykeys' words; null for a modifier alone. */
export function pressedKeys(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string | null {
  if (modifiers.has(event.key)) return null;
  const mod = isMac() ? event.metaKey : event.ctrlKey;
  const other = isMac() ? event.ctrlKey : event.metaKey;
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const parts = [
    mod && '$mod',
    other && (isMac() ? 'Control' : 'Meta'),
    event.altKey && 'Alt',
    event.shiftKey && 'Shift',
    key,
  ];
  return parts.filter((part) => part !== false).join('+');
}
