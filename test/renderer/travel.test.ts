import { expect, test } from 'vitest';
import { PlaneCuts } from '../../renderer/scene/stage/plane-cuts.ts';
import { tailOf } from '../../renderer/scene/stage/sources.ts';
import { planAhead, Travel } from '../../renderer/scene/stage/travel.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { Look } from './plane-views.ts';
import { viewOf } from './plane-views.ts';
import { deepVolume, thinVolume } from './volume.ts';

const cutsOf = (volume: Volume, look: Look): readonly PlaneCuts[] => [new PlaneCuts(volume, viewOf(look))];

test('the speed settles at what is travelled, and is forgotten at rest', () => {
  const travel = new Travel();
  for (let i = 0; i <= 40; i++) travel.move([0, 0, i * 10], i * 50);
  expect(travel.speed(2000)[2]).toBeGreaterThan(190);
  expect(travel.speed(2000)[2]).toBeLessThan(210);
  expect(travel.speed(2000)[0]).toBe(0);
  expect(travel.speed(2400)).toEqual([0, 0, 0]);
});

test('a view that rests may go to either side', () => {
  const volume = deepVolume();
  const camera = { positionNm: [5000, 5000, 10_005], nmPerPx: 10 } as const;
  const { near, far } = planAhead({
    volume,
    cuts: cutsOf(volume, camera),
    speedNmPerS: [0, 0, 0],
    mostNear: 100,
    mostFar: 100,
  });
  expect([...new Set(near.map(([, , , z]) => z))].slice(0, 4)).toEqual([1001, 999, 1002, 998]);
  expect(far).toEqual([]);
});

test('a view that rests reads for no more than its first voxels: in the middle of a brick for nothing', () => {
  const volume = thinVolume();
  const besides = (yNm: number): ReadonlySet<number> => {
    const look = { plane: 'xz', positionNm: [3600, yNm, 200], nmPerPx: 4, size: { width: 100, height: 100 } } as const;
    const { near } = planAhead({
      volume,
      cuts: cutsOf(volume, look),
      speedNmPerS: [0, 0, 0],
      mostNear: 100,
      mostFar: 100,
    });
    return new Set(near.map(([, , y]) => y));
  };
  // Brick 5 lies from 2760 to 3272 nm; eight voxels are 32 nm.
  expect(besides(3000)).toEqual(new Set());
  expect(besides(3250)).toEqual(new Set([6]));
  expect(besides(2780)).toEqual(new Set([4]));
});

test('a view that travels needs what comes next first, and nothing behind it', () => {
  const volume = deepVolume();
  const camera = { positionNm: [5000, 5000, 10_005], nmPerPx: 10 } as const;
  const { near, far } = planAhead({
    volume,
    cuts: cutsOf(volume, camera),
    speedNmPerS: [0, 0, -200],
    mostNear: 40,
    mostFar: 400,
  });
  const sections = [...near, ...far].map(([, , , z]) => z);
  expect(Math.max(...sections)).toBe(999);
  expect(sections.toSorted((a, b) => b - a)).toEqual(sections);
  expect(new Set(sections).size).toBe(40);
  expect(near).toHaveLength(40);
});

test('fast travel names no brick twice and none that does not exist', () => {
  const volume = thinVolume();
  const camera = { positionNm: [1000, 3000, 200], nmPerPx: 4 } as const;
  const { near, far } = planAhead({
    volume,
    cuts: cutsOf(volume, camera),
    speedNmPerS: [1e7, 0, 0],
    mostNear: 50,
    mostFar: 500,
  });
  const all = [...near, ...far];
  expect(new Set(all.map(tailOf)).size).toBe(all.length);
  expect(all.every(([, x]) => x >= 0 && x < 16)).toBe(true);
});

test('at 20 sections a second every section is planned before it is reached', () => {
  const volume = deepVolume();
  const travel = new Travel();
  const had = new Set<string>();
  let [ready, entered] = [0, 0];
  for (let step = 0; step < 200; step++) {
    const camera = { positionNm: [5000, 5000, 5 + step * 10], nmPerPx: 10 } as const;
    const cuts = cutsOf(volume, camera);
    const keys = cuts.flatMap((pane) => pane.of(0).map(({ tail }) => tail));
    entered += keys.length;
    ready += keys.filter((key) => had.has(key)).length;
    keys.forEach((key) => had.add(key));
    travel.move(camera.positionNm, step * 50);
    const { near } = planAhead({
      volume,
      cuts,
      speedNmPerS: travel.speed(step * 50),
      mostNear: 192,
      mostFar: 768,
    });
    // In one step of 50 ms half of what is near arrives at the least.
    for (const brick of near.slice(0, 24)) had.add(tailOf(brick));
  }
  expect(ready / entered).toBeGreaterThan(0.95);
});

test('a turned view that rests looks to both sides along its own normal', () => {
  const volume = thinVolume({
    levels: [{ size: [512, 512, 512], brick: [16, 16, 16], voxelSizeNm: [4, 4, 4], originNm: [0, 0, 0] }],
  });
  const rotation = [0, Math.sin(0.35), 0, Math.cos(0.35)] as const;
  const cuts = cutsOf(volume, {
    positionNm: [1024, 1024, 1024],
    nmPerPx: 4,
    rotation,
    size: { width: 60, height: 60 },
  });
  const { near } = planAhead({ volume, cuts, speedNmPerS: [0, 0, 0], mostNear: 100, mostFar: 0 });
  const inView = new Set(cuts.flatMap((pane) => pane.of(0).map(({ tail }) => tail)));
  expect(near.length).toBeGreaterThan(2);
  expect(near.some((brick) => inView.has(tailOf(brick)))).toBe(false);
  const side = ([, x, , z]: (typeof near)[number]): number => (x - 15.5) * Math.sin(0.7) + (z - 15.5) * Math.cos(0.7);
  expect(near.some((brick) => side(brick) > 0.4) && near.some((brick) => side(brick) < -0.4)).toBe(true);
});
