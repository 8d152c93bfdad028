import type { Annotation } from '../../../preload/contract/annotation.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PaneGroup, ViewDocument } from '../../../preload/contract/view-state.ts';
import { isVolumeLayer, layerBoundsNm, unionOf, volumeOf, type Known } from '../layers.ts';
import { map3 } from '../volume-geometry.ts';
import { writeLayer, type Written, type Writing } from './export-layers.ts';
import { writeLayout } from './export-layout.ts';
import { orientationOf } from './orientation.ts';
import type { MapStops } from './shader.ts';
import { dimensionOf } from './units.ts';
import { heightOfZoom } from './zoom.ts';

export interface ExportRequest {
  readonly document: ViewDocument;
  readonly known: Known;
  /** Of the volumes that annotation layers show. */
  readonly annotations: readonly Annotation[];
  /** Colours of the maps by name, for the shaders. */
  readonly stopsOf: MapStops;
}

export interface ExportedState {
  readonly state: Readonly<Record<string, unknown>>;
  /** What Neuroglancer has no words for, and what others can not open, a line each. */
  readonly notes: readonly string[];
}

/** A view as a state that Neuroglancer opens. */
export function exportState({ document, known, annotations, stopsOf }: ExportRequest): ExportedState {
  const notes: string[] = [];
  const stepNm = stepOf(document, known);
  const writing: Writing = { known, annotations, stepNm, stopsOf, notes, layers: document.layers };
  const { layers, nameOf } = writtenLayers(document, writing);
  const voxelNm = Math.min(...stepNm);
  const box = unionOf(
    document.layers
      .filter(({ visible }) => visible)
      .map((layer) => layerBoundsNm(layer, known))
      .filter((one) => one !== null),
  );
  const heightOf = (zoom: number): number | null => (box ? round(heightOfZoom(zoom, box) / voxelNm) : null);
  const times = Math.max(1, ...document.layers.map((layer) => volumeOf(layer, known)?.times ?? 1));
  const [x, y, z] = map3((axis) => round(document.positionNm[axis] / stepNm[axis]));
  const [stepX, stepY, stepZ] = stepNm.map(dimensionOf);
  const projectionScale = heightOf(document.orbit.zoom);
  const selected = document.selectedLayer === null ? undefined : nameOf.get(document.selectedLayer);
  noteTheRest(document, times, notes);
  const state = {
    dimensions: { x: stepX, y: stepY, z: stepZ, ...(times > 1 && { t: [1, ''] }) },
    position: [x, y, z, ...(times > 1 ? [document.time + 0.5] : [])],
    crossSectionOrientation: document.rotation.map(round),
    crossSectionScale: round(document.nmPerPx / voxelNm),
    projectionOrientation: orientationOf(document.orbit).map(round),
    ...(projectionScale !== null && { projectionScale }),
    layers,
    ...(selected !== undefined && { selectedLayer: { visible: true, layer: selected } }),
    showAxisLines: document.crossHair,
    showSlices: document.slicesIn3d,
    layout: writeLayout(document, [...nameOf.values()], (group) => writeCamera(group, voxelNm, heightOf)),
  };
  return { state, notes: [...new Set(notes)] };
}

const round = (value: number): number => Number(value.toPrecision(12));

/** The steps of the state's dimensions: voxels of the lowest volume, so that positions are its voxels. */
function stepOf({ layers }: ViewDocument, known: Known): Vec3 {
  const volumes = layers.filter(isVolumeLayer).map((layer) => volumeOf(layer, known));
  return volumes.find((volume) => volume !== null)?.levels[0]?.voxelSizeNm ?? [1, 1, 1];
}

/** Neuroglancer knows layers by their names, so each has one of its own. */
function writtenLayers(
  { layers }: ViewDocument,
  writing: Writing,
): { readonly layers: readonly Written[]; readonly nameOf: ReadonlyMap<string, string> } {
  const written: Written[] = [];
  const nameOf = new Map<string, string>();
  const lowest = layers.find((layer) => layer.visible && isVolumeLayer(layer));
  for (const layer of layers) {
    const made = writeLayer(layer, layer === lowest, writing);
    if (!made) continue;
    const name = freshName(new Set(nameOf.values()), layer.name === '' ? layer.type : layer.name);
    nameOf.set(layer.id, name);
    written.push({ ...made, name });
  }
  return { layers: written, nameOf };
}

function freshName(taken: ReadonlySet<string>, stem: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem} ${n}`;
    if (!taken.has(name)) return name;
  }
}

const unlinked = (value: unknown): unknown => ({ link: 'unlinked', value });

function writeCamera(
  { nmPerPx, rotation, orbit }: PaneGroup,
  voxelNm: number,
  heightOf: (zoom: number) => number | null,
): Written {
  const height = orbit && heightOf(orbit.zoom);
  return {
    ...(nmPerPx !== null && { crossSectionScale: unlinked(round(nmPerPx / voxelNm)) }),
    ...(rotation !== null && { crossSectionOrientation: unlinked(rotation.map(round)) }),
    ...(orbit !== null && { projectionOrientation: unlinked(orientationOf(orbit).map(round)) }),
    ...(height !== null && { projectionScale: unlinked(height) }),
  };
}

function noteTheRest({ clip, panes, orbit, positionNm, layers }: ViewDocument, times: number, notes: string[]): void {
  if (clip.box || clip.plane) notes.push('The clip box and the clip plane are left out.');
  const apart =
    orbit.centreNm !== null && orbit.centreNm.some((nm, axis) => Math.abs(nm - (positionNm[axis] ?? 0)) > 1e-6);
  if (panes.some(({ kind }) => kind === '3d') && apart)
    notes.push('In 3-D, Neuroglancer looks at the cross-hair, wherever the pane was moved to.');
  if (layers.some(({ type, ...layer }) => type === 'segmentation' && 'colours' in layer))
    notes.push('Labels without a colour of their own have other colours in Neuroglancer.');
  if (times > 1)
    notes.push('The time is a dimension "t" of the state; Neuroglancer follows it where the data calls it so.');
}
