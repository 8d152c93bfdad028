import type { BoxAt } from '../formats/volume-format.ts';
import { createHash } from 'node:crypto';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { parseBox } from '../../../preload/contract/space.ts';
import { cacheCapKey, type LibraryStore } from '../store/library-store.ts';
import { volumeById } from '../store/volume-rows.ts';
import { writeFileDurably } from '../targets/folder.ts';
import { isZeroEmpty, middleOf } from '../volumes/appearance.ts';
import { isVolumeId } from '../volumes/volume-id.ts';
import { fingerprintOf } from '../volumes/fingerprint.ts';
import { histogramLevel, histogramOf, wholeLevel } from '../volumes/histogram.ts';
import { parseByteSize } from '../volumes/memory.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import { checkBox } from '../volumes/output-plan.ts';
import { storedBytesOf } from '../volumes/stored-bytes.ts';
import type { Call, HandlersOf } from './call.ts';
import { addKind } from './volume/add.ts';
import { auditKind } from './volume/audit.ts';
import { convertKind } from './volume/convert.ts';
import { checkOut, fileOf, readCutout } from './volume/cutout.ts';
import { descriptionOf } from './volume/describe.ts';
import { labelHandlers } from './volume/labels.ts';
import { openLooked, type Looked } from './volume/open-ref.ts';
import { makeRelinked } from './volume/relink.ts';
import { pyramidKind } from './volume/pyramid.ts';

export function volumeHandlers(volumes: OpenVolumes): HandlersOf<'volume'> {
  return {
    describe: async (input, call) => {
      const looked = await look(volumes, input, call);
      try {
        const { opened, place } = looked;
        const bytes = place ? await storedBytesOf(place, call.signal) : looked.bytes;
        return { value: descriptionOf(opened.volume, opened.format, looked.text, bytes) };
      } finally {
        await looked.close();
      }
    },

    add: addKind(volumes),
    convert: convertKind(volumes),
    pyramid: pyramidKind(volumes),
    audit: auditKind(volumes),
    ...labelHandlers(volumes),

    cutout: async (input, call) => {
      const library = input.library === undefined ? null : call.library(input.library);
      const out = input.out === undefined ? null : call.path(input.out);
      if (out !== null) checkOut(library, out);
      const looked = await look(volumes, input, call);
      try {
        const { volume } = looked.opened;
        const { box, voxels } = await readCutout(volume, input, call.kernels, call.signal);
        if (out !== null)
          await writeFileDurably(out, await fileOf(out, volume, box, voxels, call.kernels, call.signal));
        const sha256 = createHash('sha256').update(voxels).digest('hex');
        const file = out === null ? null : call.refer(out);
        return { value: { shapeZyx: box.size.toReversed(), dtype: volume.plan.dtype, file, sha256 }, bytes: voxels };
      } finally {
        await looked.close();
      }
    },

    histogram: async (input, call) => {
      const { volume } = await volumes.shown(call.library(input.library), input.volume, call.kernels);
      const { plan } = volume;
      const level = input.level ?? histogramLevel(plan);
      const whole = wholeLevel(plan, level, input.channel, input.time);
      if (input.channel >= plan.channels.length || input.time >= plan.times) throw noImage(plan.name, input);
      const box = input.box === undefined ? middleOf(whole) : boxIn(whole, input.box);
      const { bins } = input;
      const request = { box, bins, kernels: call.kernels, ignoreZero: isZeroEmpty(plan) };
      const { counts, range, percentiles, ...rest } = await histogramOf(volume, request, call.signal);
      return { value: { ...rest, counts: [...counts], range: [...range], percentiles: [...percentiles] } };
    },

    cache: ({ library: ref, cap, clear }, call) => {
      const library = call.library(ref);
      if (clear) library.cache.clear();
      if (cap !== undefined) keepCap(library, parseByteSize(cap));
      return library.cache.stats();
    },

    refresh: async ({ library: ref, volume: id }, call) => {
      const library = call.library(ref);
      const { source } = volumeById(library.read, id);
      const before = await volumes.shown(library, id, call.kernels).catch(() => null);
      await volumes.forgetRead(library, id, before?.place ?? null);
      const { place, own } = await volumes.shown(library, id, call.kernels);
      const now = place ? await fingerprintOf(own, place.source, call.signal) : null;
      return { changed: source !== null && now !== source.fingerprint, volume: volumeById(library.read, id).volume };
    },

    relink: async (input, call) => {
      const library = call.library(input.library);
      await makeRelinked(volumes, library, { ...input, source: call.source(input.source, input.allowPrivate) }, call);
      await volumes.forget(library, input.volume);
      library.cache.removeBelow(`brick/${input.volume}/`);
      return { volume: volumeById(library.read, input.volume).volume };
    },

    edit: ({ library: ref, volume: id, name, favourite }, call) => {
      const library = call.library(ref);
      const { volume } = volumeById(library.read, id);
      const label = name === undefined ? `Mark ${volume.name}` : `Rename ${volume.name} to ${name}`;
      library.edit(label, (tx) =>
        tx.put('volume', {
          id,
          ...(name !== undefined && { name }),
          ...(favourite !== undefined && { favourite: favourite ? 1 : 0 }),
        }),
      );
      return { volume: volumeById(library.read, id).volume };
    },

    remove: async ({ library: ref, volume: id }, call) => {
      const library = call.library(ref);
      const { name } = volumeById(library.read, id).volume;
      library.edit(`Remove ${name}`, (tx) => tx.put('volume', { id, removed: 1 }));
      await volumes.forget(library, id);
      return { removed: true };
    },
  };
}

interface Looking {
  readonly library?: string | undefined;
  readonly source: string;
  readonly image?: string | undefined;
  readonly allowPrivate: boolean;
}

/** What a query looks at: a volume of the library, which stays open, or a place, which is closed again. */
function look(volumes: OpenVolumes, input: Looking, call: Call): Promise<Looked> {
  const library = input.library === undefined ? undefined : call.library(input.library);
  if (isVolumeId(input.source) && !library)
    throw new LamellaError('invalid-input', `${input.source} is a volume of a library, and no library is named.`, {
      hint: 'Name its library (--library).',
      fields: { source: input.source },
    });
  return openLooked(volumes, library, { ...input, source: call.source(input.source, input.allowPrivate) }, call);
}

function boxIn(whole: BoxAt, text: string): BoxAt {
  const { min, max } = parseBox(text);
  checkBox(whole.size, whole.level, min, max);
  return { ...whole, min, size: [max[0] - min[0], max[1] - min[1], max[2] - min[2]] };
}

function keepCap(library: LibraryStore, capBytes: number): void {
  if (capBytes < leastCap)
    throw new LamellaError('invalid-input', `A cache of ${capBytes} bytes is of no use.`, {
      hint: 'Give at least 16MB.',
      fields: { cap: capBytes },
    });
  library.record((tx) =>
    tx.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', cacheCapKey, String(capBytes)),
  );
  library.cache.setCap(capBytes);
}

const leastCap = 16_000_000;

const noImage = (name: string, { channel, time }: { readonly channel: number; readonly time: number }): LamellaError =>
  new LamellaError('invalid-input', `There is no channel ${channel} at time ${time} in "${name}".`, {
    hint: 'Channels and times are counted from 0.',
    fields: { channel, time },
  });
