import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tailOf as keyOf } from '../../renderer/scene/stage/sources.ts';
import type { Request, Tier, Want } from '../../renderer/scene/stage/want-list.ts';
import { WantList } from '../../renderer/scene/stage/want-list.ts';

const wants = (tier: Tier, from: number, count: number): readonly Want[] =>
  Array.from({ length: count }, (_, i) => {
    const address = [0, from + i, 0, 0] as const;
    return { key: keyOf(address), source: 'one', address, tier };
  });
const nothing = (): boolean => false;
const columns = (requests: readonly Request[]): readonly number[] =>
  requests.flatMap(({ bricks }) => bricks.map(([, x]) => x));

test('what is most wanted is asked for first, in few requests at a time', () => {
  const list = new WantList();
  const { start, abort } = list.update(wants(0, 0, 1000), nothing);
  expect(abort).toEqual([]);
  expect(start).toHaveLength(4);
  expect(columns(start)).toEqual(Array.from({ length: 96 }, (_, i) => i));
  const [first] = start;
  for (const brick of first?.bricks ?? []) list.arrived(keyOf(brick));
  expect(columns(list.ended(first?.lane ?? 0, 'done').start)).toEqual(Array.from({ length: 24 }, (_, i) => 96 + i));
  expect(list.outstanding).toBe(976);
});

test('a request that is still of use goes on; one that nobody wants is cancelled at once', () => {
  const list = new WantList();
  const { start } = list.update(wants(0, 0, 96), nothing);
  const moved = list.update(wants(0, 30, 96), nothing);
  expect(moved.abort).toEqual([start[0]?.lane]);
  expect(columns(moved.start)).toEqual(Array.from({ length: 24 }, (_, i) => 96 + i));
});

test('lower tiers make room in the update that brings something higher', () => {
  const list = new WantList();
  const ahead = list.update([...wants(1, 100, 24), ...wants(2, 200, 500)], nothing);
  expect(ahead.start.map((request) => request.ahead)).toEqual([false, true]);
  const now = list.update([...wants(0, 0, 48), ...wants(1, 100, 24), ...wants(2, 200, 500)], nothing);
  expect(new Set(now.abort)).toEqual(new Set(ahead.start.map(({ lane }) => lane)));
  expect(columns(now.start).slice(0, 48)).toEqual(Array.from({ length: 48 }, (_, i) => i));
});

test('a brick that is being cached is asked for anew once it is in view', () => {
  const list = new WantList();
  const { start } = list.update(wants(2, 0, 24), nothing);
  const now = list.update(wants(0, 0, 24), nothing);
  expect(now.abort).toEqual(start.map(({ lane }) => lane));
  expect(now.start.map(({ ahead, bricks }) => [ahead, bricks.length])).toEqual([[false, 24]]);
});

test('what was read ahead is not read ahead twice', () => {
  const list = new WantList();
  const [request] = list.update(wants(2, 0, 10), nothing).start;
  list.ended(request?.lane ?? 0, 'done');
  expect(list.update(wants(2, 0, 10), nothing).start).toEqual([]);
  expect(columns(list.update(wants(0, 0, 10), nothing).start)).toHaveLength(10);
});

test('what could not be had offline waits until it is tried again', () => {
  const list = new WantList();
  const [request] = list.update(wants(0, 0, 10), nothing).start;
  list.arrived('0/0/0/0');
  expect(list.ended(request?.lane ?? 0, 'offline').start).toEqual([]);
  expect(list.waiting).toBe(9);
  expect(list.outstanding).toBe(0);
  const here = (key: string): boolean => key === '0/0/0/0';
  expect(list.update(wants(0, 0, 10), here).start).toEqual([]);
  expect(columns(list.retry().start)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('one brick that cannot be read is found, given up, and costs none of the others', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { maxLength: 8 }), (badColumns) => {
      const list = new WantList();
      const bad = new Set(badColumns);
      const had = new Set<number>();
      let asked = 0;
      const open = [...list.update(wants(0, 0, 200), nothing).start];
      for (let request = open.shift(); request; request = open.shift()) {
        expect((asked += 1)).toBeLessThan(400);
        const at = request.bricks.map(([, x]) => x);
        if (at.some((x) => bad.has(x))) open.push(...list.ended(request.lane, 'failed').start);
        else {
          for (const x of at) list.arrived(`0/${x}/0/0`);
          at.forEach((x) => had.add(x));
          open.push(...list.ended(request.lane, 'done').start);
        }
      }
      expect(had.size).toBe(200 - bad.size);
      expect(list.outstanding).toBe(0);
    }),
    { seed: 51, numRuns: 40 },
  );
});

test('where nothing in view is missing, one brick that was is asked for, to learn whether the source is back', () => {
  const list = new WantList();
  const [request] = list.update(wants(0, 0, 3), nothing).start;
  list.ended(request?.lane ?? 0, 'offline');
  expect(list.update(wants(0, 50, 3), () => true).start).toEqual([]);
  const [probe, ...more] = list.retry().start;
  expect(more).toEqual([]);
  expect(probe).toMatchObject({ bricks: [[0, 0, 0, 0]], ahead: true });
  expect(list.update(wants(0, 60, 3), () => true).abort).toEqual([]);
  expect(list.retry().start).toEqual([]);
  list.ended(probe?.lane ?? 0, 'offline');
  const [again] = list.retry().start;
  expect(again?.bricks).toEqual([[0, 0, 0, 0]]);
  // Once it is in view it is asked for as such.
  const seen = list.update(wants(0, 0, 3), nothing);
  expect(seen.abort).toEqual([again?.lane]);
  expect(columns(seen.start)).toEqual([0, 1, 2]);
});

test('whatever happens, nothing is asked for twice at a time and no request stays that nobody wants', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('move' as const), from: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat(3) }),
    fc.record({ do: fc.constant('offline' as const), which: fc.nat(3) }),
    fc.record({ do: fc.constant('retry' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new WantList();
      const open = new Map<number, Request>();
      const here = new Set<string>();
      let wanted: readonly Want[] = [];
      for (const one of steps) {
        const lane = one.do === 'end' || one.do === 'offline' ? [...open.keys()][one.which] : undefined;
        if (lane !== undefined && one.do === 'end')
          for (const brick of open.get(lane)?.bricks ?? []) {
            if (!open.get(lane)?.ahead) here.add(keyOf(brick));
            list.arrived(keyOf(brick));
          }
        if (lane !== undefined) open.delete(lane);
        if (one.do === 'move')
          wanted = [...wants(0, one.from, 60), ...wants(1, one.from + 60, 40), ...wants(2, one.from + 100, 80)];
        const orders =
          one.do === 'move'
            ? list.update(wanted, (key) => here.has(key))
            : one.do === 'retry'
              ? list.retry()
              : lane === undefined
                ? { abort: [], start: [] }
                : list.ended(lane, one.do === 'end' ? 'done' : 'offline');
        for (const gone of orders.abort) expect(open.delete(gone)).toBe(true);
        for (const request of orders.start) open.set(request.lane, request);
        expect(open.size).toBeLessThanOrEqual(4);
        const asked = [...open.values()].flatMap(({ bricks }) => bricks.map((brick) => keyOf(brick)));
        expect(new Set(asked).size).toBe(asked.length);
        const all = new Set(wanted.map(({ key }) => key));
        for (const { bricks, ahead } of open.values())
          expect((ahead && bricks.length === 1) || bricks.some((brick) => all.has(keyOf(brick)))).toBe(true);
      }
    }),
    { seed: 52, numRuns: 150 },
  );
});

test('sources take turns in the list, and a request never mixes them', () => {
  const turns: readonly Want[] = Array.from({ length: 480 }, (_, i) => {
    const [source, address] = [`source-${i % 16}`, [0, i, 0, 0] as const];
    return { key: `${source}|${keyOf(address)}`, source, address, tier: 0 };
  });
  const list = new WantList();
  const open = [...list.update(turns, nothing).start];
  expect(open.map(({ source }) => source)).toEqual(['source-0', 'source-1', 'source-2', 'source-3']);
  let had = 0;
  for (let request = open.shift(); request; request = open.shift()) {
    const { source, bricks, lane } = request;
    expect(bricks.length).toBeLessThanOrEqual(24);
    for (const brick of bricks) {
      expect(`source-${brick[1] % 16}`).toBe(source);
      list.arrived(`${source}|${keyOf(brick)}`);
      had += 1;
    }
    open.push(...list.ended(lane, 'done').start);
  }
  expect(had).toBe(480);
  expect(list.outstanding).toBe(0);
});

test('a brick that does not hold what it says is given up, and not asked for again', () => {
  const list = new WantList();
  const [request] = list.update(wants(0, 0, 2), nothing).start;
  list.arrived('0/0/0/0');
  list.refused('0/1/0/0');
  expect(list.isGivenUp('0/1/0/0')).toBe(true);
  expect(list.outstanding).toBe(0);
  expect(list.ended(request?.lane ?? 0, 'done').start).toEqual([]);
  expect(list.update(wants(0, 0, 2), (key) => key === '0/0/0/0').start).toEqual([]);
});

test('a volume whose source does not answer gets one request at a time, so that the others go on', () => {
  const of = (source: string, from: number, count: number): readonly Want[] =>
    wants(0, from, count).map((want) => ({ ...want, key: `${source}|${want.key}`, source }));
  const list = new WantList();
  const stuck = [...of('stuck/0/0', 0, 100), ...of('stuck/1/0', 0, 100)];
  const { start } = list.update(stuck, nothing);
  expect(start).toHaveLength(4);
  for (const { lane } of start) list.ended(lane, 'offline');
  list.retry();
  const both = list.update([...stuck, ...of('well/0/0', 0, 100)], nothing);
  const well = both.start.filter(({ source }) => source === 'well/0/0');
  expect(well.length).toBeGreaterThanOrEqual(3);
  expect(both.start.filter(({ source }) => source.startsWith('stuck'))).toEqual([]);
});

test('what could not be read is asked for again when the user says so', () => {
  const list = new WantList();
  const [request] = list.update(wants(0, 5, 1), nothing).start;
  expect(list.ended(request?.lane ?? 0, 'failed').start).toEqual([]);
  expect(list.isGivenUp(keyOf([0, 5, 0, 0]))).toBe(true);
  expect(list.update(wants(0, 5, 1), nothing).start).toEqual([]);
  expect(columns(list.retry().start)).toEqual([5]);
  expect(list.isGivenUp(keyOf([0, 5, 0, 0]))).toBe(false);
});
