import type { BrickAddress } from '../../../preload/contract/brick.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { volumeById } from '../store/volume-rows.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import type { Call, HandlersOf, StreamCall } from './call.ts';
import { type BrickCount, prefetchBricks, streamBricks } from './view/bricks.ts';
import { describedVolume, type MeasureEnv } from './view/channel-windows.ts';
import { mosaicFor, mosaicOfVolume } from './view/mosaic.ts';
import { mosaicBricks } from './view/mosaic-bricks.ts';
import { outlinesIn } from './view/tile-outlines.ts';
import { namedViewHandlers } from './view/named-views.ts';
import { type BrickSource, brickSource } from './view/brick-source.ts';
import { type BrickPatience, usualPatience } from './view/patience.ts';
import { ShownVolume } from './view/shown-volume.ts';

export function viewHandlers(volumes: OpenVolumes, patience: BrickPatience = usualPatience): HandlersOf<'view'> {
  return {
    ...namedViewHandlers,

    volume: async (input, call) => {
      const library = call.library(input.library);
      const mosaic = mosaicOfVolume(library, input.volume);
      if (mosaic) return { value: await describedVolume(mosaic, measureEnv(library, call)) };
      const { volume } = volumeById(library.read, input.volume);
      // Read of its source while the window lays itself out; what goes wrong is said by the first brick.
      volumes.shown(library, volume.id, call.kernels).catch(() => undefined);
      setTimeout(() => markOpened(library, volume.id, volume.openedAt), markedAfterMs).unref();
      return { value: volume };
    },

    bricks: async ({ library: ref, volume: id, channel, time, bricks, ahead }, call) => {
      const library = call.library(ref);
      const mosaic = mosaicOfVolume(library, id);
      if (mosaic) {
        if (channel >= mosaic.volume.channels.length || time > 0) throw noImage(mosaic.volume.name, channel, time);
        const env = { library, kernels: call.kernels, ahead };
        return sendBricks(mosaicBricks(mosaic, channel, env), bricks, ahead, call);
      }
      const { volume } = volumeById(library.read, id);
      if (channel >= volume.channels.length || time >= volume.times) throw noImage(volume.name, channel, time);
      const shown = new ShownVolume(volumes, library, id, call.kernels);
      const env = { shown, patience, library, kernels: call.kernels, ahead };
      await sendBricks(brickSource(volume, { channel, time }, env), bricks, ahead, call);
    },

    mosaic: async ({ library: ref, dataset, stack }, call) => {
      const library = call.library(ref);
      const mosaic = mosaicFor(library, { dataset, stack });
      const volume = await describedVolume(mosaic, measureEnv(library, call));
      return { value: { volume, tiles: mosaic.tiles } };
    },

    stateAt: async ({ source, allowPrivate }, call) => {
      const ref = call.source(source, allowPrivate);
      return { value: { text: await volumes.stateAt({ ref, allowPrivate, signal: call.signal }) } };
    },

    tilesIn: ({ library: ref, volume, section, rectNm, most }, call) => {
      const mosaic = mosaicOfVolume(call.library(ref), volume);
      if (!mosaic) throw noTiles(volume);
      return { value: outlinesIn(mosaic, section, rectNm, most) };
    },
  };
}

const measureEnv = (library: LibraryStore, { kernels, signal }: Call): MeasureEnv => ({ library, kernels, signal });

const noTiles = (volume: string): LamellaError =>
  new LamellaError('invalid-input', `The volume ${volume} is not made of tiles.`, {
    hint: 'view.mosaic gives the id of the volume that the tiles of a dataset or stack are looked at as.',
    fields: { volume },
  });

const sendBricks = (
  source: BrickSource,
  bricks: readonly BrickAddress[],
  ahead: boolean,
  call: StreamCall<BrickCount>,
): Promise<void> => (ahead ? prefetchBricks : streamBricks)(source, bricks, call);

const rememberedAfterMs = 60_000;
/** Pictures first. */
const markedAfterMs = 500;

/** Not undoable, and lost without harm where the library can only be read. */
function markOpened(library: LibraryStore, id: string, before: string | null): void {
  const now = new Date();
  if (library.readOnly || (before !== null && now.getTime() - Date.parse(before) < rememberedAfterMs)) return;
  try {
    library.record((tx) => tx.run('UPDATE volume SET opened_at = ? WHERE id = ?', now.toISOString(), id));
  } catch {
    // The library was closed meanwhile, or its disk is full: the order of a list is no reason for a message.
  }
}

const noImage = (name: string, channel: number, time: number): LamellaError =>
  new LamellaError('invalid-input', `There is no channel ${channel} at time ${time} in "${name}".`, {
    hint: 'Channels and times are counted from 0.',
    fields: { channel, time },
  });
