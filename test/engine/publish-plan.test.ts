import { expect, test } from 'vitest';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import { refuseTooManyChunks } from '../../main/engine/journeys/publish/plan.ts';

const plan = (side: number) =>
  planVolume({
    name: 'v',
    dtype: 'uint8',
    sizeXyz: [side, side, 1],
    chunkXyz: [256, 256, 1],
    voxelSizeNm: [4, 4, 40],
    originNm: [0, 0, 0],
  });

test('a volume of more chunks than a job can list is refused before they are listed', () => {
  expect(() => refuseTooManyChunks(plan(100_000), [256, 256, 1])).not.toThrow();
  expect(() => refuseTooManyChunks(plan(10_000_000), [256, 256, 1])).toThrow(
    expect.objectContaining({ tag: 'over-budget' }),
  );
});
