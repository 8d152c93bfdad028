import { atlasProcedures, type Region } from '../../preload/contract/atlas.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import { layersOfAtlas, type KnownAtlas } from './atlases.ts';
import { activeJob, resultOf, startJob, useJobs } from './jobs.ts';
import { selectLabels, toggleLabel, type LabelLayer } from './labels.ts';
import { addLayers, updateLayer } from './layer-edits.ts';
import { shapeLayer } from './layers.ts';
import { openLibraryId } from './library.ts';
import { showAnnotation } from './region-looks.ts';
import { toast } from './toasts.ts';
import { useView } from './view.ts';

/** Meshes of regions in 3-D: a layer of them follows the labels of the annotation, and draws those that are selected. */

const followsIt = (layer: Layer, labels: LabelLayer): boolean => layer.type === 'mesh' && layer.follows === labels.id;

/** Whether the mesh of a region is drawn. */
export const isMeshDrawn = (layers: readonly Layer[], labels: LabelLayer, { id }: Region): boolean =>
  labels.selected.includes(id) && layers.some((layer) => layer.visible && followsIt(layer, labels));

/** As the engine calls the meshes of all regions of an atlas. */
const nameOf = ({ name }: KnownAtlas): string => `${name}, regions`.slice(0, 200);

/** Regions to be drawn once their meshes are made. */
const waiting = new Map<string, Set<string>>();

/** Draws a region with all inside of it in 3-D, or takes it away. Meshes are made when the first is asked for. */
export function toggleMesh(atlas: KnownAtlas, region: Region): void {
  const labels = labelsShown(atlas);
  if (!labels) return;
  const { layers, shapes } = useView.getState();
  if (layers.some((layer) => followsIt(layer, labels))) return toggleLabel(region.id, labels.id);
  const made = shapes.find(({ name, format }) => name === nameOf(atlas) && format === 'precomputed-legacy-mesh');
  if (made) return addMeshes(labels, made, [region.id]);
  waiting.set(atlas.id, (waiting.get(atlas.id) ?? new Set()).add(region.id));
  if (!activeJob(useJobs.getState().jobs, 'atlas.meshes')) void makeMeshes(atlas);
  toast({
    tone: 'info',
    topic: 'region meshes',
    title: `${region.name || region.acronym} is drawn in 3-D once meshes are made`,
  });
}

function labelsShown(atlas: KnownAtlas): LabelLayer | null {
  if (layersOfAtlas(atlas, useView.getState()).length === 0) showAnnotation(atlas);
  return layersOfAtlas(atlas, useView.getState())[0] ?? null;
}

const makeMeshes = (atlas: KnownAtlas): Promise<string | null> =>
  startJob(
    () => engine().atlas.meshes({ library: openLibraryId(), atlas: atlas.id }),
    (ended) => {
      const id = resultOf(ended, atlasProcedures.meshes.output)?.shape;
      const set = useView.getState().shapes.find((one) => one.id === id);
      const labels = labelsShown(atlas);
      if (set && labels) addMeshes(labels, set, [...(waiting.get(atlas.id) ?? [])]);
      waiting.delete(atlas.id);
    },
  );

/** The labels as a volume would hide the meshes: they are left out of 3-D panes. */
function addMeshes(labels: LabelLayer, set: ShapeSet, regions: readonly string[]): void {
  const { selectedLayer } = useView.getState();
  const layer = shapeLayer(set, useView.getState().layers);
  if (layer.type !== 'mesh') return;
  if (!addLayers([{ ...layer, follows: labels.id, shown: [], worldFromLayer: labels.worldFromLayer }])) return;
  useView.setState({ selectedLayer });
  updateLayer(labels.id, { volumeMode: 'off' });
  selectLabels(regions, labels.id);
}
