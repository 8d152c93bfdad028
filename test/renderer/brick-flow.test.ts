import { expect, test } from 'vitest';
import { packBricks } from '../../preload/contract/brick.ts';
import type { Volume } from '../../preload/contract/library.ts';
import { shapesOf, shareOut } from '../../renderer/scene/stage/brick-atlas.ts';
import { BrickFlow } from '../../renderer/scene/stage/brick-flow.ts';
import type { ViewNow } from '../../renderer/scene/stage/brick-flow.ts';
import type { PlacePlan } from '../../renderer/scene/stage/brick-plan.ts';
import type { BrickOrder } from '../../renderer/scene/stage/messages.ts';
import { pageOf, sourceKey } from '../../renderer/scene/stage/sources.ts';
import { plansAt } from '../../renderer/scene/stage/stage-scene.ts';
import { planOf } from './plane-views.ts';
import { thinVolume } from './volume.ts';

/** The stage's side of the wire, and an engine that answers at once, as long as anything is asked for. */
class Wire {
  readonly flow: BrickFlow;
  readonly asked: Array<Extract<BrickOrder, { t: 'ask' }>> = [];
  readonly #open: Array<Extract<BrickOrder, { t: 'ask' }>> = [];

  constructor(capBytes: number) {
    this.flow = new BrickFlow((message) => {
      if (message.t === 'ask') this.#open.push(message);
      if (message.t === 'ask') this.asked.push(message);
    }, capBytes);
  }

  answerAll(volumes: readonly Volume[], afterEach: () => void): void {
    for (let ask = this.#open.shift(); ask; ask = this.#open.shift()) {
      const { origin, request } = ask;
      const volume = volumes.find(({ id }) => id === origin.volume);
      const bricks = request.bricks.map((address) => {
        const level = volume?.levels[address[0]];
        const size = ([0, 1, 2] as const).map((a) =>
          Math.min(level?.brick[a] ?? 1, (level?.size[a] ?? 1) - address[(a + 1) as 1] * (level?.brick[a] ?? 1)),
        ) as [number, number, number];
        return { address, size, voxels: new Uint8Array(size[0] * size[1] * size[2]).fill(1) };
      });
      if (!request.ahead) this.flow.take(request.lane, packBricks(bricks));
      this.flow.ended(request.lane, 'done');
      afterEach();
    }
  }
}

const volumes = Array.from({ length: 16 }, (_, i) => thinVolume({ id: `volume-${String(i).padStart(12, '0')}` }));
const look = { positionNm: [3600, 3200, 200], nmPerPx: 4, size: { width: 900, height: 700 } } as const;
const viewNow = (plans: readonly PlacePlan[], change: Partial<ViewNow> = {}): ViewNow => ({
  shot: [],
  plans,
  orbits: [],
  later: [],
  reachesOut: true,
  ...change,
});

test('16 layers share the memory: the cap holds, and each keeps its coarsest level', () => {
  const cap = 16e6;
  const wire = new Wire(cap);
  const plans = volumes.map((volume) => planOf(volume, look));
  for (let step = 0; step < 6; step++) {
    const moved = volumes.map((volume) => planOf(volume, { ...look, positionNm: [3000 + step * 300, 3200, 200] }));
    wire.flow.want(viewNow(step === 0 ? plans : moved), step * 50);
    wire.answerAll(volumes, () => expect(wire.flow.store.bytes).toBeLessThanOrEqual(cap));
    for (const { id } of volumes)
      for (const tail of ['3/0/0/0', '3/1/0/0', '3/0/1/0', '3/1/1/0'])
        expect(wire.flow.store.has(`${sourceKey(id, 0, 0)}|${tail}`), `${id} ${tail}`).toBe(true);
  }
  expect(wire.flow.store.bytes).toBeGreaterThan(cap * 0.5);
});

test('requests go to one source each, coarse levels of all before fine ones of any', () => {
  const wire = new Wire(400e6);
  wire.flow.want(viewNow(volumes.map((volume) => planOf(volume, look))), 0);
  wire.answerAll(volumes, () => undefined);
  const now = wire.asked.filter(({ request }) => !request.ahead);
  const levels = now.map(({ request }) => Math.max(...request.bricks.map(([level]) => level)));
  const lastCoarse = levels.lastIndexOf(3);
  expect(new Set(now.slice(0, lastCoarse + 1).map(({ origin }) => origin.volume)).size).toBe(16);
  for (const { origin, request } of wire.asked)
    expect(request.source).toBe(sourceKey(origin.volume, origin.channel, origin.time));
});

test('layers of one volume share its bricks, and a picture comes before the panes', () => {
  const [volume] = volumes;
  if (!volume) throw new Error('there are volumes');
  const wire = new Wire(400e6);
  const plan = planOf(volume, look);
  const [source] = plan.sources;
  if (!source) throw new Error('a plan has a source');
  wire.flow.want(viewNow([plan, plan], { shot: [{ source, bricks: [[0, 15, 11, 0]] }] }), 0);
  expect(wire.asked[0]?.request.bricks[0]).toEqual([0, 15, 11, 0]);
  wire.answerAll([volume], () => undefined);
  const keys = wire.asked.flatMap(({ request }) => request.bricks.map((brick) => brick.join('/')));
  expect(new Set(keys).size).toBe(keys.length);
});

test('times that play next are had in memory after what is shown', () => {
  const volume = thinVolume({ times: 4 });
  const wire = new Wire(400e6);
  const plans = [planOf(volume, look, [0], 1)];
  wire.flow.want(viewNow(plans, { later: [2, 3].map((time) => plansAt(plans, time)) }), 0);
  wire.answerAll([volume], () => undefined);
  const times = wire.asked.filter(({ request }) => !request.ahead).map(({ origin }) => origin.time);
  expect([...new Set(times)].slice(0, 3)).toEqual([1, 2, 3]);
  const at = (time: number): readonly string[] =>
    wire.flow.seenHere.map(pageOf).filter((page) => page === sourceKey(volume.id, 0, time));
  expect(at(1).length).toBeGreaterThan(0);
  expect(wire.flow.store.has(`${sourceKey(volume.id, 0, 2)}|3/0/0/0`)).toBe(true);
});

test('textures are shared within their cap, and bricks of one shape of many volumes lie together', () => {
  expect(shapesOf(volumes)).toHaveLength(1);
  const labels = thinVolume({ id: 'volume-ffffffffffff', display: { dtype: 'uint32', range: [0, 1], labels: true } });
  const shapes = shapesOf([...volumes, labels]);
  expect(shapes.map(({ kind }) => kind)).toEqual(['uint8', 'labels']);
  for (const cap of [8e6, 64e6, 192e6]) {
    const shares = shareOut(shapes, cap);
    const bytes = shapes.reduce((sum, { bytesPerSlot }, i) => sum + bytesPerSlot * (shares[i] ?? 0), 0);
    expect(bytes).toBeLessThanOrEqual(cap);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
  }
});
