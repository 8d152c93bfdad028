import type { Volume } from '../../preload/contract/library.ts';
import type { Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import { forgetBadBricks } from './bricks.ts';
import { placePanes, useDockLayout } from './dock-layout.ts';
import { useGreyLevels } from './grey-levels.ts';
import type { GreyLevels } from './grey-levels.ts';
import { keepView, recallView } from './kept-views.ts';
import { settlePosition } from './layer-edits.ts';
import { ofChannel } from './layer-groups.ts';
import { annotationLayer, isVolumeLayer, layersOf, mosaicLayers, shapeLayer, volumeOf } from './layers.ts';
import { newest, onLibraryChanged, useLibrary } from './library.ts';
import { describeTiles, mosaicVolumes, tilesOf } from './mosaics.ts';
import { beginPlaces } from './places.ts';
import type { Room } from './session.ts';
import { session, useSession } from './session.ts';
import { asNewView, settleView } from './view-history.ts';
import { fitScale, middleInView } from './view-moves.ts';
import { documentOf, imageInView, setView, useView } from './view.ts';

/** The view of a volume that nobody has looked at yet: its channels, and what is marked in it. */
function firstDocument(volume: Volume): ViewDocument {
  const tiles = tilesOf(volume.id);
  if (tiles) {
    const layers = mosaicLayers(volume, tiles, []);
    return { ...freshDocument, layers, selectedLayer: layers[0]?.id ?? null, slicesIn3d: true };
  }
  const layers = layersOf(volume);
  return {
    ...freshDocument,
    layers: [...layers, annotationLayer(volume, layers)],
    selectedLayer: layers[0]?.id ?? null,
  };
}

/** Layers as they were kept, without those that can not be drawn any more; null where nothing of the volume is left. */
function stillValid(document: ViewDocument, volume: Volume): ViewDocument | null {
  const fits = (layer: Layer): boolean =>
    !('channel' in layer) || ofChannel(layer) !== volume.id || layer.channel < volume.channels.length;
  const layers = document.layers.filter(fits);
  const shows = layers.some((layer) => {
    const shown = isVolumeLayer(layer) || layer.type === 'mosaic' ? volumeOf(layer, useView.getState()) : null;
    // A volume that is drawn warped is shown, too; and the other way round.
    return shown && [shown.id, shown.warp?.source].some((id) => id === volume.id || id === volume.warp?.source);
  });
  return shows ? { ...document, layers, time: Math.min(document.time, Math.max(0, volume.times - 1)) } : null;
}

/** The view of a library that holds no volume: its tiles, and the first of its meshes and skeletons. */
function documentWithoutVolume(): ViewDocument {
  const { shapes } = useView.getState();
  const [tiles] = mosaicVolumes();
  const of = tiles && tilesOf(tiles.id);
  const layers: Layer[] = tiles && of ? [...mosaicLayers(tiles, of, [])] : [];
  for (const set of shapes.slice(0, mostShapesAtFirst)) layers.push(shapeLayer(set, layers));
  return {
    ...freshDocument,
    layers,
    selectedLayer: layers[0]?.id ?? null,
    slicesIn3d: layers.some(({ type }) => type === 'mosaic'),
  };
}

const mostShapesAtFirst = 12;

/** What a view without a volume is kept under: the library's folder. Null where a volume is chosen. */
function ownName(): string | null {
  const { library } = useLibrary.getState();
  return library && library.volumes.length === 0 && session().volume === null ? `library ${library.folder}` : null;
}

/** Opens what there is besides volumes, where it was left. */
function loadWithoutVolume(): void {
  const name = ownName();
  const { library } = useLibrary.getState();
  if (name === null || !library) return;
  const tiles =
    newest(library.stacks)?.id.replace(/^stack-/, 'stacktiles-') ??
    newestTiles(library.datasets.filter(({ tiles }) => tiles > 0));
  if (tiles !== null && mosaicVolumes().length === 0)
    void describeTiles(tiles).then((is) => is && session().volume === null && loadVolume());
  if (opened === name && useView.getState().layers.length > 0) return;
  keepNow();
  opened = name;
  const kept = recallView(name);
  const document = kept && kept.document.layers.length > 0 ? kept.document : null;
  asNewView(() => {
    setView({ ...(document ?? documentWithoutVolume()), cursor: null, stats: null });
    placePanes(document && kept ? kept.dock : '');
    if (document) settlePosition();
    else setView({ positionNm: middleInView(useView.getState()) ?? [0, 0, 0] });
    if (useView.getState().fitted) fitScale();
  });
  beginPlaces();
}

const newestTiles = (datasets: readonly { readonly id: string; readonly createdAt: string }[]): string | null =>
  newest(datasets)?.id.replace(/^dataset-/, 'stagetiles-') ?? null;

/** Which volume's own view is shown: it is kept under that. */
let opened: string | null = null;

/** Opens the session's volume where it was left, or fitted and with its suggested contrast. */
export function loadVolume(): void {
  const volumes = knownVolumes();
  const wanted = session().volume;
  const volume = volumes.find(({ id }) => id === wanted) ?? null;
  // Tiles that the session ended with: what they are is asked first.
  if (!volume && wanted !== null && tilesOf(wanted)) return void describeTiles(wanted).then((is) => is && loadVolume());
  const before = useView.getState();
  const was = before.volumes.find(({ id }) => id === volume?.id) ?? null;
  if (volumes !== before.volumes) setView({ volumes });
  if (ownName() !== null) return loadWithoutVolume();
  // A map that changed is no reason to open the view anew: it is being worked on there.
  if (opened === (volume?.id ?? null) && (sameVoxels(volume, was) || (volume?.warp && was))) return;
  keepNow();
  opened = volume?.id ?? null;
  const kept = volume && recallView(volume.id);
  const document = volume && kept && stillValid(kept.document, volume);
  asNewView(() => {
    setView({ ...(document ?? (volume ? firstDocument(volume) : freshDocument)), cursor: null, stats: null });
    const dock = document && kept ? kept.dock : '';
    // Panes that stay where they are keep their canvases: making them anew takes long.
    if (dock !== useDockLayout.getState().text || !samePanes(useView.getState(), before)) placePanes(dock);
    if (document) settlePosition();
    else setView({ positionNm: middleInView(useView.getState()) ?? [0, 0, 0] });
    if (useView.getState().fitted) fitScale();
  });
  beginPlaces();
  if (!volume) return;
  forgetBadBricks(volume.id);
  if (!document) unseen.add(volume.id);
}

const samePanes = (a: Pick<ViewDocument, 'panes'>, b: Pick<ViewDocument, 'panes'>): boolean =>
  JSON.stringify(a.panes) === JSON.stringify(b.panes);

/** What the library holds. What has not changed stays the same object: a new name is no reason to draw anew. */
function knownVolumes(): readonly Volume[] {
  const { library } = useLibrary.getState();
  const now = library ? [...library.volumes, ...mosaicVolumes()] : [];
  const before = useView.getState().volumes;
  const known = now.map((volume) => before.find((one) => one.id === volume.id && sameVolume(one, volume)) ?? volume);
  return known.length === before.length && known.every((volume, i) => volume === before[i]) ? before : known;
}

const sameVolume = (a: Volume, b: Volume): boolean =>
  a.name === b.name && a.warp?.stamp === b.warp?.stamp && sameVoxels(a, b);

/** Whether two records of a volume stand for the same voxels. */
const sameVoxels = (a: Volume | null, b: Volume | null): boolean =>
  JSON.stringify([a?.levels, a?.display, a?.channels, a?.times, a?.source]) ===
  JSON.stringify([b?.levels, b?.display, b?.channels, b?.times, b?.source]);

/** Volumes opened for the first time: their 3-D pane takes what says something. */
const unseen = new Set<string>();

/** A maximum says something where most voxels are dark, as in fluorescence; elsewhere it is a white block. */
function isMostlyDark({ counts, range }: GreyLevels, window: readonly [number, number]): boolean {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  const middle = counts.findIndex((count) => (below += count) >= total / 2);
  const median = range[0] + ((middle + 0.5) / counts.length) * (range[1] - range[0]);
  return (median - window[0]) / (window[1] - window[0]) < 0.25;
}

useGreyLevels.subscribe(({ whole }, before) => {
  const s = useView.getState();
  const image = imageInView(s);
  if (whole === before.whole || !whole || !image || !unseen.delete(image.volume)) return;
  if (isMostlyDark(whole, image.window)) return;
  // Where the user chose a mode meanwhile, that stays.
  const off = (one: Layer): Layer =>
    one.type === 'image' && one.volume === image.volume && one.volumeMode === 'max'
      ? { ...one, volumeMode: 'off' }
      : one;
  settleView(({ layers }) => ({ layers: layers.map(off), slicesIn3d: true }));
});

const isLooking = (room: Room): boolean => room === 'view' || room === 'annotate';

/** The list of volumes takes its new order once the picture is there: until then the window has better things to do. */
const listedAfterMs = 1000;

/** Tells the engine that the volume is looked at: it opens it, and the list of volumes is in that order. */
async function noteOpened(): Promise<void> {
  const { library } = useLibrary.getState();
  const { volume, room } = session();
  if (!library || volume === null || !isLooking(room) || !library.volumes.some(({ id }) => id === volume)) return;
  try {
    const { value } = await engine().view.volume({ library: library.library, volume });
    const openedAt = library.readOnly ? value.openedAt : new Date().toISOString();
    setTimeout(() => {
      const now = useLibrary.getState().library;
      if (now?.library !== library.library) return;
      const volumes = now.volumes.map((one) => (one.id === volume ? { ...one, openedAt } : one));
      useLibrary.setState({ library: { ...now, volumes } });
    }, listedAfterMs);
  } catch {
    // The order of a list is no reason for a message.
  }
}

useView.subscribe((now, before) => {
  if (now.shapes !== before.shapes && now.layers.length === 0 && ownName() !== null) loadWithoutVolume();
});

useSession.subscribe((now, before) => {
  if (now.volume !== before.volume) loadVolume();
  if (now.volume !== before.volume || isLooking(now.room) !== isLooking(before.room)) void noteOpened();
});
useLibrary.subscribe((now, before) => {
  if (now.library !== before.library) loadVolume();
});
onLibraryChanged(() => Promise.resolve(loadVolume()));

/** At most so often is a view written while it changes. */
const everyMs = 400;
let saving: ReturnType<typeof setTimeout> | undefined;

function keepNow(): void {
  clearTimeout(saving);
  saving = undefined;
  if (opened !== null)
    keepView(opened, { document: documentOf(useView.getState()), dock: useDockLayout.getState().text });
}

function keepSoon(): void {
  saving ??= setTimeout(keepNow, everyMs);
}

const documentKeys = Object.keys(freshDocument) as (keyof ViewDocument)[];

useView.subscribe((now, before) => {
  if (documentKeys.some((key) => now[key] !== before[key])) keepSoon();
});
useDockLayout.subscribe(keepSoon);
window.addEventListener('pagehide', keepNow);
