// The registry as it is: every action, under each preset of keys.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Action } from '../../renderer/state/actions/registry.ts';
import { keyPresets, presetNames } from '../../renderer/state/actions/key-presets.ts';

let every: readonly Action[] = [];
let table: typeof import('../../renderer/state/actions/key-map.ts').keyTable;

beforeAll(async () => {
  // The modules keep the bridge to the shell and what was stored: nothing of either is asked here.
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal('window', Object.assign(new EventTarget(), { lamella: {} }));
  ({ everyAction: every } = await import('../../renderer/state/actions/every-action.ts'));
  ({ keyTable: table } = await import('../../renderer/state/actions/key-map.ts'));
});

it('an action asks anew whether it can be done when a tile begins to move, not at every pixel', async () => {
  const { moveTileBy, putTileBack, setMoving, useTileMove } = await import('../../renderer/state/tile-move.ts');
  const { onAnyChange } = await import('../../renderer/state/actions/use-action.ts');
  let asked = 0;
  const stop = onAnyChange(() => asked++);
  const after = (change: () => void): number => {
    asked = 0;
    change();
    return asked;
  };
  expect(after(() => setMoving(true))).toBe(1);
  expect(after(() => useTileMove.setState({ tile: 4 }))).toBe(1);
  expect(after(() => moveTileBy(1, 0))).toBe(1);
  expect(after(() => [5, 6, 7].forEach((x) => moveTileBy(x, -1)))).toBe(0);
  expect(after(putTileBack)).toBe(1);
  expect(after(() => setMoving(false))).toBe(1);
  stop();
});

const roomsOf = ({ rooms }: Action): readonly string[] =>
  rooms ?? ['home', 'acquire', 'assemble', 'volumes', 'view', 'annotate', 'register', 'publish'];

describe('the actions', () => {
  it('have ids of their own, and a title that begins with a capital', () => {
    expect(every.length).toBeGreaterThan(80);
    expect(new Set(every.map(({ id }) => id)).size).toBe(every.length);
    for (const { title } of every) expect(title).toMatch(/^[A-Z]/);
  });

  it.each(presetNames)('are all that the preset %s names', (preset) => {
    const ids = every.map(({ id }) => id);
    expect(Object.keys(keyPresets[preset]).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it.each(presetNames)('have each key once in a room with the preset %s, and all that it promises', (preset) => {
    const keys = table(every, { preset, own: {} });
    const seen = new Map<string, string>();
    for (const action of every)
      for (const room of roomsOf(action))
        for (const one of keys.get(action.id) ?? []) {
          expect(seen.get(`${room} ${one}`), `${one} in ${room}: ${action.id}`).toBeUndefined();
          seen.set(`${room} ${one}`, action.id);
        }
    for (const [id, promised] of Object.entries(keyPresets[preset])) expect(keys.get(id), id).toEqual(promised);
  });

  it.each(presetNames)('that take something away have no letter for a key with the preset %s', (preset) => {
    const keys = table(every, { preset, own: {} });
    const taking = every.filter(({ id }) => /remove|close|graphics/.test(id));
    expect(taking.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['annotate.remove', 'layer.remove', 'view.close']),
    );
    for (const { id } of taking) expect((keys.get(id) ?? []).filter((one) => one.length === 1)).toEqual([]);
  });
});
