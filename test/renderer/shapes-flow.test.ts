import { expect, test } from 'vitest';
import type { LayerOf } from '../../preload/contract/view-state.ts';
import type { Wish } from '../../renderer/scene/stage/shapes/shape-flow.ts';
import { ShapeFlow } from '../../renderer/scene/stage/shapes/shape-flow.ts';
import { ShapeRoom } from '../../renderer/scene/stage/shapes/shape-room.ts';
import type { ViewFrame } from '../../renderer/scene/stage/shapes/view-frame.ts';
import type { ShapeAsk } from '../../renderer/state/shape-messages.ts';
import { octree, sphere } from './shapes-make.ts';

const boxes = (shape: string, from: number, count: number, bytes = 1000): readonly Wish[] =>
  Array.from({ length: count }, (_, i) => ({
    t: 'fragments',
    shape,
    at: { key: '1', level: 0, box: from + i },
    bytes,
  }));

const asked = (asks: readonly ShapeAsk[]): readonly number[] =>
  asks.flatMap((ask) => (ask.t === 'fragments' ? ask.fragments.map(({ box }) => box) : []));

test('the most wanted is asked for first, a few requests at a time, and what nobody wants is let go', () => {
  const asks: ShapeAsk[] = [];
  const flow = new ShapeFlow((ask) => asks.push(ask));
  flow.update(boxes('a', 0, 500));
  expect(asks).toHaveLength(4);
  expect(asked(asks)).toEqual(Array.from({ length: 192 }, (_, i) => i));
  flow.update(boxes('a', 150, 100));
  expect(asks.filter(({ t }) => t === 'cancel')).toHaveLength(3);
  expect(asked(asks).slice(192)).toEqual(Array.from({ length: 58 }, (_, i) => 192 + i));
});

test('a request has so many bytes at most, and what came is not asked for again', () => {
  const asks: ShapeAsk[] = [];
  const flow = new ShapeFlow((ask) => asks.push(ask));
  const wishes = boxes('a', 0, 5, 3e6);
  flow.update(wishes);
  expect(asks.map((ask) => asked([ask]))).toEqual([[0, 1], [2, 3], [4]]);
  for (const wish of wishes) flow.arrived(Math.ceil(((wish.t === 'fragments' ? wish.at.box : 0) + 1) / 2), wish);
  for (const ask of [1, 2, 3]) flow.ended(ask, 'done');
  expect(asks).toHaveLength(3);
  expect(flow.outstanding).toBe(0);
});

test('a source that is away is asked again later; one bad box of many is found by asking for each', () => {
  const asks: ShapeAsk[] = [];
  const flow = new ShapeFlow((ask) => asks.push(ask));
  flow.update(boxes('a', 0, 2));
  flow.ended(1, 'offline', 1000);
  expect(asks).toHaveLength(1);
  expect(flow.pausedUntil).toBe(3000);
  flow.start(3001);
  expect(asks).toHaveLength(2);
  flow.ended(2, 'failed', 3002);
  expect(asks.slice(2).map((ask) => asked([ask]))).toEqual([[0], [1]]);
  flow.ended(3, 'failed', 3003);
  flow.arrived(4, boxes('a', 1, 1)[0]!);
  flow.ended(4, 'done', 3004);
  expect(flow.outstanding).toBe(0);
  flow.update(boxes('a', 0, 1));
  expect(asks).toHaveLength(4);
  flow.again('a');
  expect(asked(asks.slice(4))).toEqual([0]);
});

const layer: LayerOf<'mesh'> = {
  id: 'm',
  name: 'm',
  type: 'mesh',
  shape: 's',
  visible: true,
  opacity: 1,
  blend: 'over',
  worldFromLayer: null,
  follows: null,
  shown: ['1', '2'],
  colour: null,
  wireframe: false,
  silhouette: 0,
  outlines: true,
};
const side = 1024;
const frame = (x: number, nmPerPx: number): ViewFrame => ({
  right: [1, 0, 0],
  down: [0, 1, 0],
  forward: [0, 0, 1],
  centreNm: [x, 512, 512],
  nmPerPx,
  size: { width: 200, height: 200 },
  ratio: 1,
  nearNm: -2000,
  farNm: 2000,
});

/** A room over a source that answers everything at once. */
function answeredRoom(memory: number) {
  const asks: ShapeAsk[] = [];
  const refused: string[] = [];
  const room = new ShapeRoom(
    (ask) => asks.push(ask),
    () => undefined,
    { memory, graphics: 1e9 },
  );
  room.adopt([shown]);
  const settle = (view: ViewFrame): void => {
    for (let round = 0; round < 40; round++) {
      room.want([{ scene: shown, views: [{ kind: '3d', frame: view }] }]);
      if (asks.length === 0) return;
      for (let ask = asks.shift(); ask; ask = asks.shift()) {
        if (ask.t === 'refused') refused.push(ask.message);
        if (ask.t === 'manifests')
          room.take({
            t: 'manifests',
            ask: ask.ask,
            manifests: ask.keys.map((key) => octree(key, 4, side)),
            failed: [],
          });
        if (ask.t === 'fragments')
          for (const at of ask.fragments) {
            const { positions, indices } = sphere(60, [512, 512, 512], 10, 20);
            if (at.key === '2') indices[0] = 1e6;
            room.take({ t: 'fragment', ask: ask.ask, at, positionsNm: positions, indices, failed: false });
          }
        if ('ask' in ask) room.take({ t: 'over', ask: ask.ask, outcome: 'done' });
        room.work(Infinity);
        expect(room.bytes).toBeLessThanOrEqual(memory);
      }
    }
    throw new Error('the room asks without end');
  };
  return { room, refused, settle };
}

const shown = { layers: [layer], clip: { box: null, plane: null } };

test('memory stays within its cap wherever the view goes, and asking comes to an end', () => {
  const { room, settle } = answeredRoom(400_000);
  for (const [x, nmPerPx] of [
    [512, 8],
    [512, 0.5],
    [100, 0.3],
    [900, 0.3],
    [512, 8],
  ] as const)
    settle(frame(x, nmPerPx));
  expect(room.bytes).toBeGreaterThan(50_000);
  expect(room.outstanding).toBe(0);
});

test('what a ray hits is told with its key, and broken triangles are told of by name', () => {
  const { room, refused, settle } = answeredRoom(1e9);
  settle(frame(512, 8));
  expect(refused[0]).toMatch(/^1 of \d+ triangles name points that are not there/);
  const hit = room.pick3d(frame(512, 8), shown, [100, 100]);
  expect(hit).toMatchObject({ layer: 'm' });
  expect(hit?.positionNm[2]).toBeCloseTo(452, -1);
  expect(room.pick3d(frame(512, 8), shown, [180, 100])).toBe(null);
  const clip = { box: null, plane: { normal: [0, 0, -1] as const, distanceNm: -512 } };
  expect(room.pick3d(frame(512, 8), { ...shown, clip }, [100, 100])?.positionNm[2]).toBeCloseTo(572, -1);
});

test('a pane is told what it lacks: nothing once all is here, detail where memory does not hold it', () => {
  const { room, settle } = answeredRoom(1e9);
  const view = (nmPerPx: number) => ({ kind: '3d' as const, frame: frame(512, nmPerPx) });
  const why = (nmPerPx: number): readonly string[] => [
    ...new Set(room.lacksOf(shown, view(nmPerPx)).map((lack) => `${lack.layer} ${lack.why} ${lack.isDetail}`)),
  ];
  expect(why(8)).toEqual(['m coming false']);
  settle(frame(512, 8));
  expect(why(8)).toEqual([]);
  settle(frame(512, 0.3));
  expect(why(0.3)).toEqual([]);

  const small = answeredRoom(60_000);
  small.settle(frame(512, 8));
  expect(small.room.lacksOf(shown, view(8))).toEqual([]);
  small.settle(frame(512, 0.3));
  expect(new Set(small.room.lacksOf(shown, view(0.3)).map(({ why: reason }) => reason))).toEqual(new Set(['memory']));
});

test('what a source does not give is away, not on its way', () => {
  const asks: ShapeAsk[] = [];
  const room = new ShapeRoom(
    (ask) => asks.push(ask),
    () => undefined,
    { memory: 1e9, graphics: 1e9 },
  );
  room.adopt([shown]);
  const view = { kind: '3d' as const, frame: frame(512, 8) };
  for (const outcome of ['offline', 'failed'] as const) {
    room.want([{ scene: shown, views: [view] }]);
    expect(asks.length).toBeGreaterThan(0);
    // A request of many is made again for each.
    for (let ask = asks.pop(); ask; ask = asks.pop()) if ('ask' in ask) room.take({ t: 'over', ask: ask.ask, outcome });
    expect(new Set(room.lacksOf(shown, view).map(({ why }) => why))).toEqual(new Set(['away']));
    room.retry();
  }
  room.dispose();
});
