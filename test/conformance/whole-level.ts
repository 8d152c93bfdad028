import { copyVoxels } from '../../main/engine/formats/crop.ts';
import { chunkExtent, chunksOf, levelAt, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { OpenVolume } from '../../main/engine/formats/volume-format.ts';
import { bytesPerVoxel } from '../../preload/contract/space.ts';

/** All voxels of one channel and time of a level, x fastest; chunks that are not stored are 0. */
export async function readWhole(volume: OpenVolume, level: number, channel = 0, time = 0): Promise<Uint8Array> {
  const planned = levelAt(volume.plan, level);
  const width = bytesPerVoxel[volume.plan.dtype];
  const whole = new Uint8Array(voxelsIn(planned.sizeXyz) * width);
  for (const xyz of chunksOf(planned)) {
    const voxels = await volume.readChunk({ level, xyz, channel, time });
    if (!voxels) continue;
    const { min, size } = chunkExtent(planned, xyz);
    if (voxels.byteLength !== voxelsIn(size) * width)
      throw new Error(`chunk ${xyz.join()} has ${voxels.byteLength} bytes`);
    copyVoxels({ bytes: voxels, size, at: [0, 0, 0] }, { bytes: whole, size: planned.sizeXyz, at: min }, size, width);
  }
  return whole;
}

/** Of a level: x fastest, then y, z, channel, time. */
export async function readAll(volume: OpenVolume, level: number): Promise<Uint8Array> {
  const planes: Uint8Array[] = [];
  for (let time = 0; time < volume.plan.times; time++) {
    for (let channel = 0; channel < volume.plan.channels.length; channel++) {
      planes.push(await readWhole(volume, level, channel, time));
    }
  }
  return Buffer.concat(planes);
}
