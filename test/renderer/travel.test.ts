import { expect, test } from 'vitest';
import { bricksInView, keyOf, listRange } from '../../renderer/scene/stage/brick-plan.ts';
import { planAhead, Travel } from '../../renderer/scene/stage/travel.ts';
import { deepVolume, thinVolume } from './volume.ts';

const orbit = { yaw: 0, pitch: 0, zoom: 1 };
const planes = [{ plane: 'xy', size: { width: 400, height: 300 } }] as const;

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
  const camera = { positionNm: [5000, 5000, 10_005], nmPerPx: 10, orbit } as const;
  const { near, far } = planAhead({ volume, camera, planes, speedNmPerS: [0, 0, 0], mostNear: 100, mostFar: 100 });
  expect([...new Set(near.map(([, , , z]) => z))].slice(0, 4)).toEqual([1001, 999, 1002, 998]);
  const blocks = planAhead({
    volume: thinVolume(),
    camera: { positionNm: [3600, 3200, 200], nmPerPx: 4, orbit },
    planes: [{ plane: 'xz', size: { width: 100, height: 100 } }],
    speedNmPerS: [0, 0, 0],
    mostNear: 100,
    mostFar: 100,
  });
  expect(new Set(blocks.near.map(([, , y]) => y))).toEqual(new Set([4, 6]));
  expect(far).toEqual([]);
});

test('a view that travels needs what comes next first, and nothing behind it', () => {
  const volume = deepVolume();
  const camera = { positionNm: [5000, 5000, 10_005], nmPerPx: 10, orbit } as const;
  const { near, far } = planAhead({ volume, camera, planes, speedNmPerS: [0, 0, -200], mostNear: 40, mostFar: 400 });
  const sections = [...near, ...far].map(([, , , z]) => z);
  expect(Math.max(...sections)).toBe(999);
  expect(sections.toSorted((a, b) => b - a)).toEqual(sections);
  expect(new Set(sections).size).toBe(40);
  expect(near).toHaveLength(40);
});

test('fast travel names no brick twice and none that does not exist', () => {
  const volume = thinVolume();
  const camera = { positionNm: [1000, 3000, 200], nmPerPx: 4, orbit } as const;
  const { near, far } = planAhead({ volume, camera, planes, speedNmPerS: [1e7, 0, 0], mostNear: 50, mostFar: 500 });
  const all = [...near, ...far];
  expect(new Set(all.map((brick) => keyOf(brick))).size).toBe(all.length);
  expect(all.every(([, x]) => x >= 0 && x < 16)).toBe(true);
});

test('at 20 sections a second every section is planned before it is reached', () => {
  const volume = deepVolume();
  const travel = new Travel();
  const had = new Set<string>();
  let [ready, entered] = [0, 0];
  for (let step = 0; step < 200; step++) {
    const camera = { positionNm: [5000, 5000, 5 + step * 10], nmPerPx: 10, orbit } as const;
    const range = bricksInView(volume, 0, planes[0], camera);
    const keys = range ? listRange(0, range).map((brick) => keyOf(brick)) : [];
    entered += keys.length;
    ready += keys.filter((key) => had.has(key)).length;
    keys.forEach((key) => had.add(key));
    travel.move(camera.positionNm, step * 50);
    const { near } = planAhead({
      volume,
      camera,
      planes,
      speedNmPerS: travel.speed(step * 50),
      mostNear: 192,
      mostFar: 768,
    });
    // In one step of 50 ms half of what is near arrives at the least.
    for (const brick of near.slice(0, 24)) had.add(keyOf(brick));
  }
  expect(ready / entered).toBeGreaterThan(0.95);
});
