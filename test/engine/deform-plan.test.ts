// What a deformation is said to take, before a voxel is read, against what the kernel was measured to take.
import { expect, test } from 'vitest';
import { deformBytes } from '../../main/engine/registrations/deform-plan.ts';
import type { Vec3 } from '../../preload/contract/space.ts';

const [brain, template]: readonly Vec3[] = [
  [108, 77, 135],
  [114, 80, 132],
];
const mebibyte = 2 ** 20;

function saidMb(finer: number): number {
  const grid = (size: Vec3 | undefined) => {
    const voxelNm = 100_000 / finer;
    return {
      sizeXyz: size!.map((n) => n * finer) as unknown as Vec3,
      voxelSizeNm: [voxelNm, voxelNm, voxelNm] as Vec3,
      originNm: [0, 0, 0] as Vec3,
    };
  };
  const sides = { fixed: grid(brain), moving: grid(template) };
  return deformBytes({ ...sides, smoothNm: (5 * 100_000) / finer, steps: 4 }) / mebibyte;
}

test('the memory of a deformation is told beforehand, a little more than it is', () => {
  // Most resident memory of a process that only runs the kernel by local correlation, which takes most, on two threads.
  for (const [finer, measuredMb] of [
    [1, 332],
    [2, 2114],
  ] as const) {
    const said = saidMb(finer);
    expect(said).toBeGreaterThan(measuredMb);
    expect(said).toBeLessThan(1.35 * measuredMb);
  }
});
