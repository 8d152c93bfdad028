import { createHash } from 'node:crypto';
import { parseBox } from '../../../preload/contract/space.ts';
import { npyHeader } from '../formats/npy.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import { volumeById } from '../store/volume-rows.ts';
import { writeFileDurably } from '../targets/folder.ts';
import type { HandlersOf } from './call.ts';
import { streamBricks } from './view/bricks.ts';
import { readCutout } from './view/cutout.ts';
import { openedVolume } from './view/volume-cache.ts';

export const viewHandlers: HandlersOf<'view'> = {
  volume: (input, call) => ({ value: volumeById(call.library(input.library).read, input.volume).volume }),

  bricks: async (input, call) => {
    const library = call.library(input.library);
    const volume = await openedVolume(call, library, input.volume);
    await streamBricks({ id: input.volume, volume, cache: library.cache }, input.bricks, call);
  },

  histogram: (input, call) => ({ value: volumeById(call.library(input.library).read, input.volume).histogram }),

  remove: ({ library, volume }, call) => {
    const store = call.library(library);
    const { name } = volumeById(store.read, volume).volume;
    store.edit(`Remove ${name}`, (tx) => tx.put('volume', { id: volume, removed: 1 }));
    return { removed: true };
  },

  cutout: async (input, call) => {
    const library = call.library(input.library);
    const volume = await openedVolume(call, library, input.volume);
    const box = parseBox(input.box);
    const out = input.out === undefined ? null : call.path(input.out);
    if (out !== null) refuseToOverwrite(library, out, '.npy');
    const voxels = await readCutout(volume, input.level, box, call.kernels.threads + 2, call.signal);
    const shapeZyx = [2, 1, 0].map((i) => (box.max[i] ?? 0) - (box.min[i] ?? 0));
    const { dtype } = volume.plan;
    if (out !== null) await writeFileDurably(out, [npyHeader(dtype, shapeZyx), voxels]);
    const file = out === null ? null : call.refer(out);
    return {
      value: { shapeZyx, dtype, file, sha256: createHash('sha256').update(voxels).digest('hex') },
      bytes: voxels,
    };
  },
};
