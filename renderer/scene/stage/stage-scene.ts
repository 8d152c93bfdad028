import type { Box3 } from '../../state/volume-geometry.ts';
import type { PlacePlan } from './brick-plan.ts';
import type { StageScene } from './messages.ts';
import type { PlaneCuts } from './plane-cuts.ts';
import type { DrawnLayer, VolumeShelf } from './scene-layers.ts';
import { boundsOfScene, drawnLayers, timeOf } from './scene-layers.ts';
import type { Place, Source } from './sources.ts';
import { sourceOf } from './sources.ts';

/** A scene with what drawing it takes. */
export interface ShownScene {
  readonly scene: StageScene;
  readonly layers: readonly DrawnLayer[];
  /** Null where nothing is shown. */
  readonly boundsNm: Box3 | null;
}

export const emptyScene: ShownScene = {
  scene: {
    layers: [],
    selectedLayer: null,
    volumes: [],
    shapes: [],
    time: 0,
    timesAhead: [],
    clip: { box: null, plane: null },
    slicesIn3d: false,
    crossHair: true,
    checkerPx: 64,
  },
  layers: [],
  boundsNm: null,
};

/** Makes ready what a message brought; `changed`: volumes that have other voxels than before. */
export function showScene(
  scene: StageScene,
  shelf: VolumeShelf,
  before: readonly DrawnLayer[],
): { readonly shown: ShownScene; readonly changed: readonly string[] } {
  const { volumes, changed } = shelf.adopt(scene.volumes);
  const layers = drawnLayers(scene, volumes, before);
  return { shown: { scene, layers, boundsNm: boundsOfScene(scene) }, changed };
}

/** The layer that figures tell of: the selected one where it is shown, else the lowest. */
export const tellingLayer = ({ scene, layers }: ShownScene): DrawnLayer | null =>
  layers.find(({ layer }) => layer.id === scene.selectedLayer) ?? layers[0] ?? null;

/** What slice panes need of each place; layers of the same volume at the same place are planned together. */
export function plansOf(
  layers: readonly DrawnLayer[],
  cutsOf: (place: Place) => readonly PlaneCuts[],
): readonly PlacePlan[] {
  const plans = new Map<string, { readonly place: Place; readonly sources: Map<string, Source> }>();
  for (const { place, source } of layers) {
    const plan = plans.get(place.key) ?? { place, sources: new Map<string, Source>() };
    plan.sources.set(source.key, source);
    plans.set(place.key, plan);
  }
  return [...plans.values()].map(({ place, sources }) => ({
    place,
    sources: [...sources.values()],
    cuts: cutsOf(place),
  }));
}

/** The same plans at another time; places without that time are left out. */
export const plansAt = (plans: readonly PlacePlan[], time: number): readonly PlacePlan[] =>
  plans.flatMap((plan) => {
    const { volume } = plan.place;
    const sources = plan.sources
      .filter((source) => timeOf(volume, time) !== source.time)
      .map(({ channel }) => sourceOf(volume, channel, timeOf(volume, time)));
    return sources.length > 0 ? [{ ...plan, sources }] : [];
  });
