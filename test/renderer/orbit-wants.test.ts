import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../preload/contract/view-state.ts';
import { orbitAxes } from '../../renderer/state/orbit.ts';
import { applyMatrix, boxThrough, invertMatrix } from '../../renderer/state/layers.ts';
import { plus } from '../../renderer/state/rotation.ts';
import { boundsNm, gridOf, map3 } from '../../renderer/state/volume-geometry.ts';
import { orbitFrame, rayStart, worldFromVoxel } from '../../renderer/scene/stage/volume/orbit-frame.ts';
import type { OrbitAsk } from '../../renderer/scene/stage/volume/orbit-wants.ts';
import { bricksOnRays, orbitWants } from '../../renderer/scene/stage/volume/orbit-wants.ts';
import { seededRandom } from '../formats/mutate.ts';
import { thinVolume } from './volume.ts';

const volume = thinVolume({
  levels: [0, 1, 2].map((level) => ({
    size: map3((a) => Math.ceil([300, 260, 90][a]! / 2 ** level)),
    brick: [32, 32, 16] as const,
    voxelSizeNm: [8 * 2 ** level, 8 * 2 ** level, 30 * 2 ** level] as const,
    originNm: [50, -70, 20] as const,
  })),
});
const turned: Matrix34 = [0.8, 0.3, 0, 100, -0.3, 0.9, 0.1, -50, 0, 0.05, 1.2, 30];
const noClip: Clip = { box: null, plane: null };

function randomAsk(random: () => number): OrbitAsk {
  const worldFromLayer = random() < 0.5 ? turned : null;
  const box = boxThrough(worldFromLayer, boundsNm(volume));
  const orbit = { yaw: random() * 6, pitch: random() * 3 - 1.5, roll: random() };
  const axes = orbitAxes(orbit);
  const centreNm = map3((a) => box.min[a] + random() * (box.max[a] - box.min[a]));
  const size = { width: 60 + Math.floor(random() * 90), height: 40 + Math.floor(random() * 90) };
  const frame = orbitFrame({ ...axes, centreNm, nmPerPx: 1 + random() * 20 }, box, size);
  const normal = orbitAxes({ yaw: random() * 6, pitch: random(), roll: 0 }).forward;
  const clip: Clip =
    random() < 0.5
      ? noClip
      : {
          box: { min: map3((a) => centreNm[a] - 300), max: map3((a) => centreNm[a] + 200 + 300 * random()) },
          plane: { normal, distanceNm: normal.reduce((sum, n, a) => sum + n * (centreNm[a] ?? 0), 40) },
        };
  return { volume, worldFromLayer, frame, clip, mostBytes: 1e9, mostCells: 1 << 18 };
}

/** Bricks in which a ray of a grid over the pane has a place that the clips leave. */
function bricksMet({ frame, worldFromLayer, clip }: OrbitAsk, level: number): ReadonlySet<string> {
  const found = volume.levels[level]!;
  const voxel = invertMatrix(worldFromVoxel(found, worldFromLayer))!;
  const met = new Set<string>();
  const steps = 400;
  for (let py = 0; py <= frame.height; py += frame.height / 24)
    for (let px = 0; px <= frame.width; px += frame.width / 24) {
      const from = rayStart(frame, px, py);
      for (let i = 0; i < steps; i++) {
        const nm = plus(from, frame.forward, ((i + 0.5) / steps) * frame.lengthNm);
        if (clip.box && !nm.every((v, a) => v >= clip.box!.min[a]! && v <= clip.box!.max[a]!)) continue;
        if (clip.plane && nm.reduce((sum, v, a) => sum + v * clip.plane!.normal[a]!, 0) > clip.plane.distanceNm)
          continue;
        const at = applyMatrix(voxel, nm);
        if (!at.every((v, a) => v >= 0 && v < found.size[a]!)) continue;
        met.add(map3((a) => Math.floor(at[a] / found.brick[a])).join());
      }
    }
  return met;
}

describe('what a 3-D pane wants', () => {
  it('has every brick that a ray meets, and few beside', () => {
    const random = seededRandom(21);
    let [listed, met] = [0, 0];
    for (let round = 0; round < 30; round++) {
      const ask = randomAsk(random);
      for (const level of [0, 1]) {
        const bricks = new Set((bricksOnRays(ask, level, Infinity) ?? []).map((at) => at.join()));
        const expected = bricksMet(ask, level);
        for (const at of expected) expect(bricks.has(at), `${round}: ${level}/${at}`).toBe(true);
        if (ask.clip.box) continue;
        listed += bricks.size;
        met += expected.size;
      }
    }
    expect(met).toBeGreaterThan(500);
    // Rays on a grid with gaps miss some corners of bricks.
    expect(listed).toBeLessThan(1.25 * met);
  });

  it('takes the finest level that pixels show and that fits, coarse levels first', () => {
    const ask = { ...randomAsk(seededRandom(4)), clip: noClip };
    const fine = orbitWants({ ...ask, frame: { ...ask.frame, nmPerPx: 2 } });
    expect(fine?.target).toBe(0);
    const levels = fine?.bricks.map(([level]) => level) ?? [];
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
    expect(new Set(fine?.bricks.map((brick) => brick.join())).size).toBe(levels.length);
    expect(orbitWants({ ...ask, frame: { ...ask.frame, nmPerPx: 17 } })?.target).toBe(0);
    expect(orbitWants({ ...ask, frame: { ...ask.frame, nmPerPx: 60 } })?.target).toBe(1);
    expect(
      orbitWants({
        ...ask,
        mostBytes: 4 * 32 * 32 * 16,
        frame: { ...ask.frame, nmPerPx: 2, width: 2000, height: 2000 },
      })?.target,
    ).toBe(2);
  });

  it('wants nothing of what is out of view, or clipped away', () => {
    const ask = randomAsk(seededRandom(8));
    const away: Vec3 = plus(ask.frame.startNm, ask.frame.right, 1e6);
    expect(orbitWants({ ...ask, clip: noClip, frame: { ...ask.frame, startNm: away } })).toBeNull();
    const clip: Clip = { box: { min: [1e6, 1e6, 1e6], max: [2e6, 2e6, 2e6] }, plane: null };
    expect(orbitWants({ ...ask, clip })).toBeNull();
  });

  it('of planes alone, wants only the bricks that they cut', () => {
    const frame = { ...randomAsk(seededRandom(4)).frame, nmPerPx: 40, width: 400, height: 400 };
    const ask = { ...randomAsk(seededRandom(4)), worldFromLayer: null, clip: noClip, frame };
    const planes = { normals: [[0, 0, 1] as const], positionNm: [0, 0, 20 + 30 * 20] as const };
    const bricks = bricksOnRays({ ...ask, planes }, 0, Infinity) ?? [];
    const [nx, ny] = gridOf(volume.levels[0]!);
    expect(bricks.every(([, , z]) => z === 1)).toBe(true);
    expect(bricks.length).toBeLessThanOrEqual(nx * ny);
    expect(bricks.length).toBeGreaterThan(0);
  });
});
