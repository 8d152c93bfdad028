import type { Volume } from '../../../preload/contract/library.ts';
import type { Warp } from '../../../preload/contract/warp.ts';
import { landmarkErrors } from '../transforms/landmarks.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { allVolumes, type StoredVolume, volumeById } from '../store/volume-rows.ts';
import { stampOf } from '../store/warp-rows.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import type { HandlersOf } from './call.ts';
import { makeWarp, remakeWarp, warpOfStored } from './warp/make.ts';
import { ledPoints } from './warp/points.ts';

/** Volumes of the library seen through maps. */
export function warpHandlers(volumes: OpenVolumes): HandlersOf<'warp'> {
  return {
    create: async (input, call) => {
      const library = call.library(input.library);
      return answerOf(library, await makeWarp(volumes, library, input, call));
    },

    update: async (input, call) => {
      const library = call.library(input.library);
      await remakeWarp(volumes, library, input, call);
      return answerOf(library, input.volume);
    },

    get: (input, call) => ({ value: { warp: warpOf(volumeById(call.library(input.library).read, input.volume)) } }),

    list: (input, call) => {
      const { volumes: all } = allVolumes(call.library(input.library).read);
      return { value: { warps: all.flatMap((stored) => (stored.warp ? [warpOf(stored)] : [])) } };
    },

    points: async (input, call) => {
      const library = call.library(input.library);
      warpOf(volumeById(library.read, input.volume));
      return { value: { points: await ledPoints(volumes, library, input, call) } };
    },

    fit: (input) => {
      const { errors, matrix, ...rest } = landmarkErrors(input);
      return { value: { ...rest, matrix: [...matrix], errors: [...errors] } };
    },
  };
}

function answerOf(library: LibraryStore, id: string): { warp: Warp; volume: Volume } {
  const stored = volumeById(library.read, id);
  return { warp: warpOf(stored), volume: stored.volume };
}

function warpOf(stored: StoredVolume): Warp {
  const { id, name, levels } = stored.volume;
  const warp = warpOfStored(stored);
  const { source, steps, grid } = warp;
  return { volume: id, name, source, steps, grid, stamp: stampOf(warp, levels) };
}
