import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Action } from '../../renderer/state/actions/registry.ts';

const kept = new Map<string, string>();
beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
});
afterEach(() => {
  kept.clear();
  vi.unstubAllGlobals();
});

const load = () => import('../../renderer/state/actions/key-map.ts');
const action = (id: string, keys: readonly string[], rooms?: Action['rooms']): Action => ({
  id,
  title: id,
  menu: 'View',
  keys,
  ...(rooms && { rooms }),
  run: () => undefined,
});
const some = [
  action('a', ['x', 'Home']),
  action('b', ['y'], ['view']),
  action('c', ['z'], ['acquire']),
  action('view.straighten', ['q'], ['view']),
];

describe('keys', () => {
  it('are the action’s own, until the user says otherwise; that lasts', async () => {
    const first = await load();
    expect([...first.keyTable(some, first.useKeys.getState())]).toContainEqual(['a', ['x', 'Home']]);
    first.bindKeys('a', ['$mod+g']);
    expect(first.keyTable(some, first.useKeys.getState()).get('a')).toEqual(['$mod+g']);
    vi.resetModules();
    const again = await load();
    expect(again.keyTable(some, again.useKeys.getState()).get('a')).toEqual(['$mod+g']);
    again.unbindKeys('a');
    expect(again.keyTable(some, again.useKeys.getState()).get('a')).toEqual(['x', 'Home']);
  });

  it('never mean two things in one room: the stronger word wins', async () => {
    const { keyTable, bindKeys, useKeys, conflictOf } = await load();
    expect(conflictOf(some, useKeys.getState(), some[1] as Action, 'x')?.id).toBe('a');
    expect(conflictOf(some, useKeys.getState(), some[1] as Action, 'z')).toBeNull();
    bindKeys('b', ['x']);
    const table = keyTable(some, useKeys.getState());
    expect(table.get('b')).toEqual(['x']);
    expect(table.get('a')).toEqual(['Home']);
    bindKeys('c', ['x']);
    // Acquire and View are different rooms.
    expect(keyTable(some, useKeys.getState()).get('c')).toEqual(['x']);
  });

  it('follow a preset, and what the user gave goes before it', async () => {
    const { keyTable, bindKeys, choosePreset, resetKeys, useKeys } = await load();
    choosePreset('neuroglancer');
    expect(keyTable(some, useKeys.getState()).get('view.straighten')).toEqual(['z']);
    bindKeys('view.straighten', []);
    expect(keyTable(some, useKeys.getState()).get('view.straighten')).toEqual([]);
    resetKeys();
    expect(keyTable(some, useKeys.getState()).get('view.straighten')).toEqual(['q']);
  });

  it('come back sound from a store that was tampered with', async () => {
    kept.set('lamella.keys.1', '{"preset":"emacs","own":{"a":[1]}}');
    const { useKeys } = await load();
    expect(useKeys.getState()).toEqual({ preset: 'lamella', own: {} });
  });

  it.each([
    [{ key: 'g' }, 'g'],
    [{ key: 'G', shiftKey: true }, 'Shift+g'],
    [{ key: 'p', ctrlKey: true, shiftKey: true }, '$mod+Shift+p'],
    [{ key: '?', shiftKey: true }, 'Shift+?'],
    [{ key: 'ArrowUp', altKey: true }, 'Alt+ArrowUp'],
    [{ key: '>', shiftKey: true }, 'Shift+>'],
    [{ key: '=', ctrlKey: true }, '$mod+='],
    [{ key: ' ' }, 'Space'],
    [{ key: 'Shift', shiftKey: true }, null],
  ])('are told from what is pressed: %o', async (event, keys) => {
    const { pressedKeys } = await load();
    const none = { key: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    expect(pressedKeys({ ...none, ...event })).toBe(keys);
  });
});
