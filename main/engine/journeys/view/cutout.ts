import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Box, type Vec3 } from '../../../../preload/contract/space.ts';
import { copyVoxels } from '../../formats/crop.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import { inOrder } from './in-order.ts';

/** A single buffer in Electron ends below 2 GiB. */
export const maxCutoutBytes = 2 ** 31 - 1;

/** The voxels of a box of a level, x fastest. Throws 'invalid-input' outside the level, 'over-budget' from 2 GiB. */
export async function readCutout(
  volume: OpenVolume,
  level: number,
  box: Box,
  inFlight: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const planned = levelAt(volume.plan, level);
  const width = bytesPerVoxel[volume.plan.dtype];
  const size = checkedSize(planned, level, box, width);
  const out = new Uint8Array(voxelsIn(size) * width);
  const chunks = [...chunksOver(planned, box)];
  const read = async (xyz: Vec3): Promise<{ xyz: Vec3; voxels: Uint8Array | undefined }> => ({
    xyz,
    voxels: await volume.readChunk(level, xyz),
  });
  for await (const {
    result: { xyz, voxels },
  } of inOrder(chunks, inFlight, signal, read)) {
    if (voxels) paste(voxels, chunkExtent(planned, xyz), { bytes: out, box, size }, width);
  }
  signal.throwIfAborted();
  return out;
}

function paste(
  voxels: Uint8Array,
  chunk: { readonly min: Vec3; readonly size: Vec3 },
  to: { readonly bytes: Uint8Array; readonly box: Box; readonly size: Vec3 },
  width: number,
): void {
  const min = mapAxes((i) => Math.max(chunk.min[i], to.box.min[i]));
  const size = mapAxes((i) => Math.min(chunk.min[i] + chunk.size[i], to.box.max[i]) - min[i]);
  const from = { bytes: voxels, size: chunk.size, at: mapAxes((i) => min[i] - chunk.min[i]) };
  copyVoxels(from, { bytes: to.bytes, size: to.size, at: mapAxes((i) => min[i] - to.box.min[i]) }, size, width);
}

function* chunksOver({ chunkXyz }: VolumeLevelPlan, { min, max }: Box): Generator<Vec3> {
  const [first, last] = [
    mapAxes((i) => Math.floor(min[i] / chunkXyz[i])),
    mapAxes((i) => Math.floor((max[i] - 1) / chunkXyz[i])),
  ];
  for (let z = first[2]; z <= last[2]; z++)
    for (let y = first[1]; y <= last[1]; y++) for (let x = first[0]; x <= last[0]; x++) yield [x, y, z];
}

function checkedSize({ sizeXyz }: VolumeLevelPlan, level: number, { min, max }: Box, width: number): Vec3 {
  const wrong = (['x', 'y', 'z'] as const).findIndex(
    (_, i) => !((min[i] ?? 0) >= 0 && (max[i] ?? 0) <= (sizeXyz[i] ?? 0) && (min[i] ?? 0) < (max[i] ?? 0)),
  );
  if (wrong >= 0) {
    const extent = sizeXyz.map((n) => `0:${n}`).join(',');
    throw new LamellaError(
      'invalid-input',
      `The box is empty or leaves the volume along ${'xyz'[wrong]} (${min[wrong]}:${max[wrong]}): level ${level} is ${extent}.`,
      {
        hint: `Give a box inside ${extent}.`,
        fields: { axis: 'xyz'[wrong] ?? '', level, extent },
      },
    );
  }
  const size = mapAxes((i) => max[i] - min[i]);
  const bytes = voxelsIn(size) * width;
  if (bytes <= maxCutoutBytes) return size;
  throw new LamellaError(
    'over-budget',
    `A cutout of ${size.join(' x ')} voxels is ${(bytes / 2 ** 30).toFixed(1)} GiB; at most 2 GiB go in one.`,
    {
      hint: 'Ask for a smaller box, or for a coarser level.',
      fields: { bytes, budget: maxCutoutBytes },
    },
  );
}
