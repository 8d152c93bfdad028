// Two planes of a real light-sheet brain and what lies between them, cut into blocks as four stage positions would have
// taken them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import { encodeTiff } from '../kernels/tiff.ts';
import { placeErrors } from './block-acquisition.ts';
import { seeded } from './kill-harness.ts';
import { tempEngine } from './temp-engine.ts';

const planes = join(import.meta.dirname, '../../../shared/data/light-sheet');
const isHere = existsSync(planes);
if (!isHere) console.warn('skipped: real light-sheet planes, because ../shared/data/light-sheet is not here');

const [widthPx, heightPx] = [627, 1116];
const channel = 'signal_ch00';

/** Uncompressed, big-endian, at the end of the file. */
function planeOf(z: number): DataView {
  const bytes = readFileSync(join(planes, `${channel}000${z}.tif`)).subarray(-2 * widthPx * heightPx);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const [width, height, depth] = [240, 280, 12];
/** By the stage, and what the stage errs by: parts of a voxel too. */
const stage: readonly Vec3[] = [[60, 200, 0], [240, 200, 0], [60, 420, 0], [240, 420, 0]]; // prettier-ignore
const errors: readonly Vec3[] = [[2.3, -4.6, 0], [-5.25, 3.5, 0], [4.75, 1.4, 0], [-1.6, -2.9, 0]]; // prettier-ignore

/** A camera of its own noise and brightness for each block. */
function writeBlock(folder: string, [x0, y0]: Vec3, block: number): void {
  mkdirSync(folder, { recursive: true });
  const random = seeded(block * 7 + 3);
  const [upper, lower] = [planeOf(0), planeOf(1)];
  for (let z = 0; z < depth; z++) {
    const share = z / (depth - 1);
    const at = (x: number, y: number): number => {
      const index = 2 * (y * widthPx + x);
      return (1 - share) * upper.getUint16(index) + share * lower.getUint16(index);
    };
    const pixels = Uint16Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [x0 + (i % width), y0 + Math.floor(i / width)];
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const [right, below] = [x - column, y - row];
      const above = (1 - right) * at(column, row) + right * at(column + 1, row);
      const level = (1 - below) * above + below * ((1 - right) * at(column, row + 1) + right * at(column + 1, row + 1));
      const grain = (random() + random() + random() - 1.5) * 2 * 0.5 * Math.sqrt(level);
      return Math.round(level * (0.9 + 0.06 * block) + grain);
    });
    const tiff = encodeTiff({ width, height, pixels, rowsPerStrip: height, deflated: false });
    writeFileSync(join(folder, `${String(z).padStart(4, '0')}.tif`), tiff);
  }
}

test.skipIf(!isHere)('blocks of a real brain come back to where they were cut', async () => {
  const { client, library, folder, result } = tempEngine();
  const source = join(folder, 'brain');
  const truth = stage.map((place, i): Vec3 => [place[0] + errors[i]![0], place[1] + errors[i]![1], 0]);
  stage.forEach(([x, y], i) => {
    const name = `${y * 5}/${y * 5}_${x * 5}`;
    writeBlock(join(source, name), truth[i]!, i);
  });
  const started = client.block.import({ library, source, layout: 'folders', voxelSizeNm: [500, 500, 1000] });
  const { set } = await result<{ set: string }>(started);
  const { blocks } = (await client.block.blocks({ library, set })).value;
  const matched = client.block.stitch({ library, set, searchVox: [15, 15, 4] });
  const { stack } = await result<{ stack: string }>(matched);
  const { placements } = (await client.block.placements({ library, stack })).value;
  const placeOf = new Map(placements.map(({ block, place }) => [block, place]));
  const inOrder = blocks.toSorted((a, b) => a.stage[1] - b.stage[1] || a.stage[0] - b.stage[0]);
  const { most } = placeErrors(inOrder.map(({ id }) => placeOf.get(id)!), truth); // prettier-ignore
  console.log(`real blocks: at most ${most.toFixed(3)} voxels off`);
  expect(most).toBeLessThanOrEqual(0.5);
});
