import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Orbit, Quaternion, ViewDocument } from '../../../preload/contract/view-state.ts';
import { freshDocument, mostLayers, noRotation } from '../../../preload/contract/view-state.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { plainText } from '../../../preload/contract/plain-text.ts';
import { isVolumeLayer, layerBoundsNm, unionOf, volumeOf, type Known } from '../layers.ts';
import { compose, unit } from '../rotation.ts';
import type { Box3 } from '../volume-geometry.ts';
import { map3 } from '../volume-geometry.ts';
import { readAnnotations, type AnnotationToAdd } from './import-annotations.ts';
import { annotationsOn, readLayer, type Reading, type SourceToAdd } from './import-layers.ts';
import { ownNumber, ownQuaternion, readLayout, type Arrangement } from './import-layout.ts';
import { isDeeperThan, mostDepth, readableNotes } from './limits.ts';
import { anglesOf } from './orientation.ts';
import { dimensionOf, worldAxes, type WorldAxes } from './units.ts';
import { ngLayerSchema, viewerStateSchema, type NgLayer, type ViewerLayout, type ViewerState } from './viewer-state.ts';
import { zoomOfHeight } from './zoom.ts';

export interface ImportedState {
  readonly document: ViewDocument;
  /** Data that the library lacks: add it, then import again with it. Its layers are not in the document. */
  readonly sourcesToAdd: readonly SourceToAdd[];
  /** Points and lines of the state, and the volume to add them to. */
  readonly annotationsToAdd: readonly { readonly volume: string; readonly items: readonly AnnotationToAdd[] }[];
  /** What could not be carried, a line each. */
  readonly notes: readonly string[];
}

/** A state of Neuroglancer as a view. Throws 'invalid-input' where it is none. */
export function importState(json: unknown, known: Known): ImportedState {
  const state = checked(json);
  const notes: string[] = [];
  const reading: Reading = { known, notes, toAdd: [], asked: new Set(), layers: [], madeOf: new Map() };
  const named = namedLayers(state, notes);
  for (const [name, layer] of named) readLayer(layer, name, reading);
  const axes = axesOf(state, reading);
  const annotationsToAdd = named.flatMap(([name, layer]) => annotationsOf(name, layer, axes, reading));
  if (reading.layers.length > mostLayers)
    notes.push(`Only the first ${mostLayers} of ${reading.layers.length} layers are shown.`);
  const layers = reading.layers.slice(0, mostLayers);
  const box = boundsOf(layers, known);
  const camera = cameraOf(state, axes, box, notes);
  const arrangement = readLayout(state.layout, notes, viewerCamera(state, camera, axes, box, notes));
  noteTheRest(state, arrangement, notes);
  const selected = reading.madeOf.get(layerName(state.selectedLayer?.layer ?? ''));
  return {
    document: {
      ...freshDocument,
      ...camera,
      ...arrangement,
      fitted: false,
      layers,
      selectedLayer: selected ?? layers[0]?.id ?? null,
      slicesIn3d: state.showSlices !== false,
      crossHair: state.showAxisLines !== false,
    },
    sourcesToAdd: reading.toAdd,
    annotationsToAdd,
    notes: readableNotes(notes),
  };
}

function checked(json: unknown): ViewerState {
  if (isDeeperThan(mostDepth, json))
    throw new LamellaError(
      'invalid-input',
      `This JSON is nested over ${mostDepth} deep; no state of Neuroglancer is.`,
      {
        hint: 'Copy the JSON of the state anew: in Neuroglancer, press the button {}.',
      },
    );
  const state = viewerStateSchema.safeParse(json);
  if (state.success && (state.data.layers !== undefined || state.data.dimensions || state.data.navigation))
    return state.data;
  throw new LamellaError(
    'invalid-input',
    'This JSON is no state of Neuroglancer: it has no layers and no dimensions.',
    {
      hint: 'In Neuroglancer, press the button {} to see the JSON of the state, and copy all of it.',
    },
  );
}

/** As it can be shown; the same for every name that looks alike. */
const layerName = (name: string): string => plainText(name, 200);

/** A list of layers with their names, or as of 2016 an object of them. */
function namedLayers({ layers = [] }: ViewerState, notes: string[]): readonly (readonly [string, NgLayer])[] {
  const listed = Array.isArray(layers) ? layers.map((layer) => ['', layer] as const) : Object.entries(layers);
  if (listed.length > mostLayers) notes.push(`Only the first ${mostLayers} of its ${listed.length} layers are read.`);
  return listed.slice(0, mostLayers).map(([key, value], i) => {
    const layer = ngLayerSchema.safeParse(typeof value === 'string' ? { source: value } : value);
    const data = layer.success ? layer.data : ngLayerSchema.parse({});
    return [layerName(data.name ?? key) || `Layer ${i + 1}`, data] as const;
  });
}

/** The state's own, of before 2019, else those of its lowest volume, else nanometres. */
function axesOf(state: ViewerState, { known, layers, notes }: Reading): WorldAxes {
  const voxelSize = state.navigation?.pose?.position?.voxelSize;
  const own = state.dimensions ? worldAxes(state.dimensions) : null;
  if (own) {
    if (own.others.length > 0)
      notes.push(`The dimensions ${own.others.join(', ')} are neither lengths nor a time; they are left out.`);
    return own;
  }
  if (state.dimensions && Object.keys(state.dimensions).length > 0)
    notes.push('The dimensions of the state are no lengths; its numbers are taken for voxels of the lowest volume.');
  const volume = lowestVolume(layers, known);
  const stepNm: Vec3 =
    voxelSize?.length === 3 && voxelSize.every((side) => side > 0)
      ? map3((axis) => voxelSize[axis] ?? 1)
      : (volume?.levels[0]?.voxelSizeNm ?? [1, 1, 1]);
  const [x, y, z] = stepNm.map(dimensionOf);
  return (
    worldAxes({ x: x ?? [1, 'nm'], y: y ?? [1, 'nm'], z: z ?? [1, 'nm'] }) ?? {
      stepNm,
      places: [0, 1, 2],
      timePlace: -1,
      others: [],
    }
  );
}

const lowestVolume = (layers: Reading['layers'], known: Known): Volume | null =>
  layers.map((layer) => (isVolumeLayer(layer) ? volumeOf(layer, known) : null)).find((volume) => volume !== null) ??
  null;

function annotationsOf(
  name: string,
  layer: NgLayer,
  axes: WorldAxes,
  reading: Reading,
): ImportedState['annotationsToAdd'] {
  if (layer.type !== 'annotation' && layer.type !== 'pointAnnotation') return [];
  const items = readAnnotations(layer, name, axes, reading.notes);
  const volume = lowestVolume(reading.layers, reading.known);
  if (!volume) {
    if (items.length > 0 && reading.toAdd.length === 0)
      reading.notes.push(`Layer "${name}": there is no volume that its ${items.length} annotations could belong to.`);
    return [];
  }
  annotationsOn(volume, name, layer, reading);
  return items.length > 0 ? [{ volume: volume.id, items }] : [];
}

const boundsOf = (layers: Reading['layers'], known: Known): Box3 | null =>
  unionOf(
    (layers.some(({ visible }) => visible) ? layers.filter(({ visible }) => visible) : layers)
      .map((layer) => layerBoundsNm(layer, known))
      .filter((box) => box !== null),
  );

type Camera = Pick<ViewDocument, 'positionNm' | 'time' | 'nmPerPx' | 'rotation' | 'orbit'>;

/** Canonical voxels are as large as the smallest side of a step. */
const canonicalNm = (
  { stepNm }: WorldAxes,
  { relativeDisplayScales: scales }: ViewerState,
  places: WorldAxes['places'],
): number => Math.min(...map3((axis) => stepNm[axis] * (scales?.[places[axis]] ?? 1)));

function cameraOf(state: ViewerState, axes: WorldAxes, box: Box3 | null, notes: string[]): Camera {
  const position = state.position ?? state.navigation?.pose?.position?.voxelCoordinates;
  const middle = box ? map3((axis) => (box.min[axis] + box.max[axis]) / 2) : ([0, 0, 0] as const);
  const positionNm = map3((axis) => {
    const given = position?.[axes.places[axis]];
    return given !== undefined && Number.isFinite(given) ? given * axes.stepNm[axis] : middle[axis];
  });
  const turned = isTurnedDisplay(state, axes, notes);
  const voxelNm = canonicalNm(axes, state, axes.places);
  const zoom = state.navigation?.zoomFactor;
  const nmPerPx = state.crossSectionScale !== undefined ? state.crossSectionScale * voxelNm : (zoom ?? voxelNm);
  const heightNm = projectionHeightNm(state, voxelNm);
  const looking = state.projectionOrientation ?? state.perspectiveOrientation ?? noRotation;
  return {
    positionNm,
    time: Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.floor(position?.[axes.timePlace] ?? 0))),
    nmPerPx,
    rotation: turned
      ? noRotation
      : unit(state.crossSectionOrientation ?? state.navigation?.pose?.orientation ?? noRotation),
    orbit: {
      ...anglesOf(turned ? noRotation : looking),
      zoom: heightNm !== null && box ? zoomOfHeight(heightNm, box) : 1,
      centreNm: positionNm,
    },
  };
}

/** Nanometres along the height of a 3-D pane, or null where the state leaves it to the data. */
function projectionHeightNm({ projectionScale, perspectiveZoom }: ViewerState, voxelNm: number): number | null {
  if (projectionScale !== undefined) return projectionScale * voxelNm;
  // Of before 2019: see TrackableProjectionZoom.
  return perspectiveZoom === undefined ? null : 200 * Math.tan(Math.PI / 8) * perspectiveZoom;
}

/** Whether x, y and z are shown along other directions than right, down and depth. */
function isTurnedDisplay(
  { displayDimensions, dimensions }: ViewerState,
  { places }: WorldAxes,
  notes: string[],
): boolean {
  const names = Object.keys(dimensions ?? {});
  const shown = displayDimensions ?? names.filter((_, i) => places.includes(i)).slice(0, 3);
  const turned =
    shown.length > 0 &&
    map3((axis) => names.indexOf(shown[axis] ?? '')).some((at, axis) => at !== places[axis as 0 | 1 | 2]);
  if (turned && names.length > 0)
    notes.push(
      `The axes are shown in the order ${shown.join(', ')} there; here x points right and y down, and nothing is turned.`,
    );
  return turned && names.length > 0;
}

function viewerCamera(state: ViewerState, shared: Camera, axes: WorldAxes, box: Box3 | null, notes: string[]) {
  const voxelNm = canonicalNm(axes, state, axes.places);
  const all = new Set(namedLayers(state, notes).map(([name]) => name));
  return (viewer: ViewerLayout) => {
    if (viewer.position !== undefined)
      notes.push('A part of the layout has a position of its own; here all panes share one.');
    const shown = viewer.layers;
    if (shown && [...all].some((name) => !shown.includes(name)))
      notes.push(
        `A part of the layout shows only ${shown.join(', ') || 'no layers'}; here all panes show the same layers.`,
      );
    const scale = ownNumber(viewer.crossSectionScale, shared.nmPerPx / voxelNm);
    const rotation = ownQuaternion(viewer.crossSectionOrientation, (own) => compose(shared.rotation, own));
    return {
      nmPerPx: scale === null ? null : scale * voxelNm,
      rotation: rotation && unit(rotation),
      orbit: ownOrbit(viewer),
    };
  };

  function ownOrbit(viewer: ViewerLayout): Orbit | null {
    const looking: Quaternion = state.projectionOrientation ?? noRotation;
    const own = ownQuaternion(viewer.projectionOrientation, (relative) => compose(looking, relative));
    const height = ownNumber(viewer.projectionScale, state.projectionScale ?? 1);
    if (own === null && height === null) return null;
    return {
      ...shared.orbit,
      ...(own && anglesOf(own)),
      ...(height !== null && box && { zoom: zoomOfHeight(height * voxelNm, box) }),
    };
  }
}

/** Keys of a state that are read, or that say nothing of the picture. */
const readKeys = new Set([
  ...Object.keys(viewerStateSchema.shape),
  ...[
    'title',
    'selection',
    'layerListPanel',
    'helpPanel',
    'settingsPanel',
    'toolBindings',
    'toolPalettes',
    'statistics',
  ],
  ...[
    'gpuMemoryLimit',
    'systemMemoryLimit',
    'concurrentDownloads',
    'prefetch',
    'enableAdaptiveDownsampling',
    'showScaleBar',
  ],
  ...['showDefaultAnnotations', 'enableLayerColorWidgets', 'jsonStateServer', 'partialViewport', 'selectedStateServer'],
]);

function noteTheRest(state: ViewerState, { panes, alone }: Arrangement, notes: string[]): void {
  const left = Object.keys(state).filter((key) => !readKeys.has(key));
  if (left.length > 0) notes.push(`Not carried: ${left.join(', ')}.`);
  if (state.relativeDisplayScales?.some((scale) => scale !== 1))
    notes.push('Axes that are stretched for display are shown in their true lengths.');
  const parallel = /"orthographicProjection":true/.test(JSON.stringify(state.layout ?? ''));
  const shown = panes.filter(({ id }) => alone === null || alone === id).map(({ kind }) => kind);
  if (shown.includes('yz'))
    notes.push('YZ panes lie with y to the right and z down; there y points down and z to the left.');
  if (shown.includes('3d') && !parallel) notes.push('3-D panes are drawn in parallel projection, not in perspective.');
}
