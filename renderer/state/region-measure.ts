import { create } from 'zustand';
import { regionProcedures, type RegionOf } from '../../preload/contract/region.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import { chosenAtlas, hasItsLabels, useAtlases, type KnownAtlas } from './atlases.ts';
import { resultOf, startJob } from './jobs.ts';
import { openLibraryId } from './library.ts';
import { mapFor, useRegionMaps } from './region-maps.ts';
import { openResult } from './region-results.ts';
import { goTo, session } from './session.ts';
import { toast } from './toasts.ts';
import type { ViewState } from './view.ts';
import { useView, volumeInView } from './view.ts';

/** What of the view can be measured by region, and asking for it. */

export interface Measurable {
  /** The layer that it is shown by. */
  readonly layer: string;
  readonly label: string;
  readonly of: RegionOf;
  /** Where it lies: the volume from which maps lead to the atlas. */
  readonly space: string;
  /** Why it can't be, or null. */
  readonly whyNot: string | null;
}

interface MeasureDraft {
  readonly layer: string;
  readonly name: string;
  readonly hemispheres: boolean;
}

export const useMeasureDraft = create<{ readonly draft: MeasureDraft | null }>(() => ({ draft: null }));
export const dropMeasureDraft = (): void => useMeasureDraft.setState({ draft: null });
export const changeMeasureDraft = (change: Partial<MeasureDraft>): void =>
  useMeasureDraft.setState(({ draft }) => ({ draft: draft && { ...draft, ...change } }));

/** The things in a view, top first, that an atlas's regions can be measured of. Pure. */
export function measurableIn(
  s: ViewState,
  atlas: KnownAtlas,
  isReached: (volume: string) => boolean,
): readonly Measurable[] {
  const home = volumeInView(s)?.id ?? null;
  return s.layers.toReversed().flatMap((layer) => {
    const made = measurable(s, atlas, layer, home);
    if (!made) return [];
    const whyNot = isReached(made.space)
      ? null
      : 'No registration or warped volume leads from it to the atlas, or its map is still being made';
    return [{ ...made, layer: layer.id, whyNot }];
  });
}

function measurable(
  s: ViewState,
  atlas: KnownAtlas,
  layer: Layer,
  home: string | null,
): Pick<Measurable, 'label' | 'of' | 'space'> | null {
  const { name, type } = layer;
  if (type === 'image') {
    const { volume, channel } = layer;
    return { label: `Grey levels of ${name}`, of: { volume, channel, time: s.time }, space: volume };
  }
  if (type === 'segmentation' && !hasItsLabels(atlas, layer.volume, s.volumes))
    return { label: `Segments of ${name}`, of: { segments: layer.volume, time: s.time }, space: layer.volume };
  if (type === 'annotation')
    return { label: 'The points that are drawn in it', of: { annotations: layer.volume }, space: layer.volume };
  if ((type === 'mesh' || type === 'skeleton') && home !== null)
    return {
      label: `${type === 'mesh' ? 'Meshes' : 'Skeletons'} of ${name}`,
      of: { shapes: layer.shape, space: home },
      space: home,
    };
  return null;
}

/** What can be measured now, by the atlas that is chosen. */
export function measurableNow(): readonly Measurable[] {
  const atlas = chosenAtlas(useAtlases.getState());
  const maps = useRegionMaps.getState();
  return atlas ? measurableIn(useView.getState(), atlas, (volume) => mapFor(maps, atlas.id, volume) !== null) : [];
}

/** Asks what is to be measured; of a layer, where one is named. */
export function askToMeasure(layer?: string): void {
  const all = measurableNow();
  const one =
    all.find((thing) => thing.layer === (layer ?? useView.getState().selectedLayer)) ??
    all.find(({ whyNot }) => whyNot === null) ??
    all[0];
  if (!one)
    toast({
      tone: 'info',
      title: 'Nothing here can be measured by region',
      detail: 'Show an image, points or segments first.',
    });
  else useMeasureDraft.setState({ draft: { layer: one.layer, name: '', hemispheres: true } });
}

/** Why the chosen layer can't be measured, or null. */
export const whyNoMeasure = (): string | null =>
  chosenAtlas(useAtlases.getState())
    ? measurableNow().length > 0
      ? null
      : 'Show an image, points or segments first'
    : 'Import an atlas first';

export async function measure(): Promise<void> {
  const { draft } = useMeasureDraft.getState();
  const atlas = chosenAtlas(useAtlases.getState());
  const thing = measurableNow().find(({ layer }) => layer === draft?.layer);
  if (!draft || !atlas || !thing || thing.whyNot !== null) return;
  const name = draft.name.trim();
  const { hemispheres } = draft;
  const input = { library: openLibraryId(), atlas: atlas.id, of: thing.of, hemispheres, ...(name !== '' && { name }) };
  const job = await startJob(
    () => engine().region.measure(input),
    (ended) => {
      const made = resultOf(ended, regionProcedures.measure.output);
      if (made) tellMeasured(made.result);
    },
  );
  if (job !== null) dropMeasureDraft();
}

/** Who is looking sees it at once; who is elsewhere is told. */
function tellMeasured(result: string): void {
  if (session().room === 'view') return void openResult(result);
  toast({
    tone: 'good',
    title: 'Measured by region',
    action: {
      label: 'See the table',
      run: () => {
        goTo('view');
        void openResult(result);
      },
    },
  });
}
