import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packBricks, unpackBricks } from '../../preload/contract/brick.ts';
import type { Brick } from '../../preload/contract/brick.ts';

const int = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const brick: fc.Arbitrary<Brick> = fc.record({
  address: fc.tuple(int, int, int, int),
  size: fc.tuple(int, int, int),
  voxels: fc.uint8Array({ maxLength: 70 }),
});

test('bricks come out of a batch as they went in', () => {
  fc.assert(
    fc.property(fc.array(brick, { maxLength: 12 }), (bricks) => {
      const unpacked = unpackBricks(packBricks(bricks));
      expect(unpacked.map(({ address, size, voxels }) => ({ address, size, voxels: [...voxels] }))).toEqual(
        bricks.map((b) => ({ ...b, voxels: [...b.voxels] })),
      );
    }),
    { seed: 5 },
  );
});

test('a batch that is cut short or scrambled is refused or read, never a crash', () => {
  const whole = packBricks([{ address: [0, 1, 2, 3], size: [4, 4, 4], voxels: new Uint8Array(64).fill(9) }]);
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
      (length, changes) => {
        const batch = whole.slice(0, length);
        for (const [at, value] of changes) if (at < batch.length) batch[at] = value;
        try {
          unpackBricks(batch);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      },
    ),
    { numRuns: 2000, seed: 6 },
  );
});
