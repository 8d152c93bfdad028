import { z } from 'zod';
import type { Volume } from '../../preload/contract/library.ts';
import { vec3Schema } from '../../preload/contract/space.ts';
import { engine } from '../engine.ts';
import { forgetBadBricks } from './bricks.ts';
import { useGreyLevels } from './grey-levels.ts';
import type { GreyLevels } from './grey-levels.ts';
import { onLibraryChanged, useLibrary } from './library.ts';
import type { Room } from './session.ts';
import { session, useSession } from './session.ts';
import type { Kept, Projection } from './view.ts';
import { fitScale, freshView, middleOf, setView, useView } from './view.ts';

const windowSchema = z.tuple([z.number(), z.number()]).readonly();

const keptSchema: z.ZodType<Kept> = z.object({
  positionNm: vec3Schema,
  nmPerPx: z.number().positive(),
  fitted: z.boolean(),
  window: windowSchema,
  windows: z.record(z.string(), windowSchema),
  channel: z.number().int().min(0),
  time: z.number().int().min(0),
  gamma: z.number().positive(),
  inverted: z.boolean(),
  projection: z.enum(['max', 'min', 'planes']),
  orbit: z.object({ yaw: z.number(), pitch: z.number(), zoom: z.number().positive() }).readonly(),
});

const keptKey = (volume: string): string => `lamella.view.3.${volume}`;

function recall(volume: Volume): Kept | null {
  try {
    const kept = keptSchema.parse(JSON.parse(localStorage.getItem(keptKey(volume.id)) ?? 'null'));
    return kept.channel < volume.channels.length && kept.time < volume.times ? kept : null;
  } catch {
    return null;
  }
}

/** Volumes opened for the first time: their 3-D pane takes what says something. */
const unseen = new Set<string>();

/** Opens the session's volume where it was left, or fitted and with its suggested contrast. */
export function loadVolume(): void {
  const id = session().volume;
  const volume = useLibrary.getState().library?.volumes.find((one) => one.id === id) ?? null;
  const before = useView.getState().volume;
  if (volume?.id === before?.id && sameVoxels(volume, before)) return;
  const kept = volume && recall(volume);
  setView({
    ...freshView,
    ...(volume && { window: volume.window, positionNm: middleOf(volume) }),
    ...kept,
    volume,
    cursor: null,
    stats: null,
  });
  if (!volume) return;
  forgetBadBricks(volume.id);
  if (useView.getState().fitted) fitScale();
  if (!kept) unseen.add(volume.id);
}

/** Whether two records of a volume stand for the same voxels: a new name is no reason to draw anew. */
const sameVoxels = (a: Volume | null, b: Volume | null): boolean =>
  JSON.stringify([a?.levels, a?.display, a?.channels, a?.times, a?.source]) ===
  JSON.stringify([b?.levels, b?.display, b?.channels, b?.times, b?.source]);

/** A maximum says something where most voxels are dark, as in fluorescence; elsewhere it is a white block. */
function tellingProjection({ counts, range }: GreyLevels, window: readonly [number, number]): Projection {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  const middle = counts.findIndex((count) => (below += count) >= total / 2);
  const median = range[0] + ((middle + 0.5) / counts.length) * (range[1] - range[0]);
  return (median - window[0]) / (window[1] - window[0]) < 0.25 ? 'max' : 'planes';
}

useGreyLevels.subscribe(({ whole }, before) => {
  const { volume } = useView.getState();
  if (whole === before.whole || !whole || !volume || !unseen.delete(volume.id)) return;
  setView({ projection: tellingProjection(whole, volume.window) });
});

const isLooking = (room: Room): boolean => room === 'view' || room === 'annotate';

/** Tells the engine that the volume is looked at: the list of volumes is in that order. */
async function noteOpened(): Promise<void> {
  const { library } = useLibrary.getState();
  const { volume, room } = session();
  if (!library || volume === null || !isLooking(room) || !library.volumes.some(({ id }) => id === volume)) return;
  try {
    const { value } = await engine().view.volume({ library: library.library, volume });
    const now = useLibrary.getState().library;
    if (now?.library !== library.library) return;
    const volumes = now.volumes.map((one) => (one.id === volume ? value : one));
    useLibrary.setState({ library: { ...now, volumes } });
  } catch {
    // The order of a list is no reason for a message.
  }
}

useSession.subscribe((now, before) => {
  if (now.volume !== before.volume) loadVolume();
  if (now.volume !== before.volume || isLooking(now.room) !== isLooking(before.room)) void noteOpened();
});
useLibrary.subscribe((now, before) => {
  if (now.library !== before.library) loadVolume();
});
onLibraryChanged(() => Promise.resolve(loadVolume()));

let saving: ReturnType<typeof setTimeout> | undefined;
useView.subscribe(({ volume }) => {
  if (!volume) return;
  clearTimeout(saving);
  saving = setTimeout(() => {
    const now = useView.getState();
    // The schema keeps its own keys and drops the rest of the state.
    if (now.volume?.id === volume.id) localStorage.setItem(keptKey(volume.id), JSON.stringify(keptSchema.parse(now)));
  }, 300);
});
