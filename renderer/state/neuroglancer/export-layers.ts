import type { Annotation } from '../../../preload/contract/annotation.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Layer, LayerOf } from '../../../preload/contract/view-state.ts';
import type { Known } from '../layers.ts';
import { volumeOf } from '../layers.ts';
import { identity34 } from '../matrix-text.ts';
import { map3 } from '../volume-geometry.ts';
import { shaderOf, type MapStops } from './shader.ts';
import { sourceUrl } from './sources.ts';
import { frameOfNm, frameOfVolume, transformOf } from './transform.ts';

/** Layers of a view in Neuroglancer's words. */

export interface Writing {
  readonly known: Known;
  readonly annotations: readonly Annotation[];
  /** Nanometres of a step of the state's dimensions. */
  readonly stepNm: Vec3;
  readonly stopsOf: MapStops;
  /** All of the view's, also those that are not written. */
  readonly layers: readonly Layer[];
  readonly notes: string[];
}

export type Written = Readonly<Record<string, unknown>>;

export function writeLayer(layer: Layer, isLowest: boolean, writing: Writing): Written | null {
  const { notes } = writing;
  switch (layer.type) {
    case 'image':
      return writeImage(layer, isLowest, writing);
    case 'segmentation':
      return writeLabels(layer, writing);
    case 'mesh':
    case 'skeleton':
      return writeShape(layer, writing);
    case 'annotation':
      return writeAnnotations(layer, writing);
    case 'mosaic':
      notes.push(`Layer "${layer.name}": Neuroglancer has no mosaics of tiles.`);
      return null;
  }
}

const common = ({ name, visible }: Layer): Written => ({ name, ...(!visible && { visible: false }) });

function writeImage(layer: LayerOf<'image'>, isLowest: boolean, writing: Writing): Written | null {
  const { notes, known, stopsOf } = writing;
  const volume = volumeOf(layer, known);
  if (!volume) return missing(layer, notes);
  noteBlend(layer, notes);
  if (isLowest && layer.opacity < 1 && layer.blend === 'over')
    notes.push(`Layer "${layer.name}": Neuroglancer draws its lowest layer opaque.`);
  if (layer.checker !== 'all') notes.push(`Layer "${layer.name}": its checkerboard is left out.`);
  const [lo, hi] = layer.window;
  const range = layer.inverted ? [hi, lo] : [lo, hi];
  const shader = shaderOf(layer, stopsOf);
  const many = volume.channels.length > 1;
  const isLocal = many && volume.source.format !== 'precomputed';
  return {
    type: 'image',
    ...common(layer),
    source: writeSource(layer, volume, writing),
    ...(isLocal && { localDimensions: { "c'": [1, ''] }, localPosition: [layer.channel] }),
    opacity: layer.opacity,
    blend: layer.blend === 'additive' ? 'additive' : 'default',
    ...(shader !== undefined && { shader }),
    shaderControls: { normalized: { range, ...(many && !isLocal && { channel: [layer.channel] }) } },
    ...volumeRendering(layer, notes),
  };
}

function volumeRendering({ name, volumeMode }: LayerOf<'image'>, notes: string[]): Written {
  if (volumeMode === 'off') return {};
  if (volumeMode === 'max' || volumeMode === 'min') return { volumeRendering: volumeMode };
  notes.push(`Layer "${name}": Neuroglancer draws its volume in its own way instead of ${volumeMode}.`);
  return { volumeRendering: 'on' };
}

function noteBlend({ name, blend }: Layer, notes: string[]): void {
  if (blend !== 'over' && blend !== 'additive')
    notes.push(`Layer "${name}": Neuroglancer has no blend "${blend}"; the layer lies over what is below.`);
}

function writeLabels(layer: LayerOf<'segmentation'>, writing: Writing): Written | null {
  const { notes, known } = writing;
  const volume = volumeOf(layer, known);
  if (!volume) return missing(layer, notes);
  if (layer.blend !== 'over') notes.push(`Layer "${layer.name}": Neuroglancer has no blends of segmentations.`);
  if (layer.outlines) notes.push(`Layer "${layer.name}": its outlines are drawn as areas.`);
  const some = layer.selected.length > 0;
  return {
    type: 'segmentation',
    ...common(layer),
    source: writeSource(layer, volume, writing),
    segments: layer.selected,
    selectedAlpha: layer.opacity,
    // Of none selected, Neuroglancer draws all unless it is told not to.
    ...(some && layer.shows === 'all' && { notSelectedAlpha: layer.opacity / 2 }),
    ...(!some && layer.shows === 'selected' && { ignoreNullVisibleSet: false }),
    ...(layer.colourSeed !== 0 && { colorSeed: layer.colourSeed }),
    ...(Object.keys(layer.colours).length > 0 && { segmentColors: layer.colours }),
  };
}

function writeShape(layer: LayerOf<'mesh'> | LayerOf<'skeleton'>, { known, notes, layers }: Writing): Written | null {
  const set = known.shapes.find(({ id }) => id === layer.shape);
  if (!set) return missing(layer, notes);
  const { url, note } = sourceUrl(set.source, set.format);
  if (note !== null) notes.push(`Layer "${layer.name}": ${note}.`);
  const transform = layer.worldFromLayer && transformOf(layer.worldFromLayer, frameOfNm, ['x', 'y', 'z']);
  const single = set.format === 'obj';
  const followed = layers.find(({ id }) => id === layer.follows);
  const shown = followed?.type === 'segmentation' ? followed.selected : layer.shown;
  if (!single && shown === null)
    notes.push(`Layer "${layer.name}": Neuroglancer shows only what is selected there; select what others should see.`);
  return {
    type: single ? 'mesh' : 'segmentation',
    ...common(layer),
    source: transform ? { url, transform } : url,
    ...(!single && { segments: (shown ?? []).filter((key) => /^\d{1,20}$/.test(key)) }),
  };
}

function writeAnnotations(
  layer: LayerOf<'annotation'>,
  { known, annotations, stepNm, notes }: Writing,
): Written | null {
  const volume = volumeOf(layer, known);
  if (!volume) return missing(layer, notes);
  const own = annotations.filter((annotation) => annotation.volume === layer.volume);
  const at = (nm: Vec3 | undefined): Vec3 => map3((axis) => Number(((nm?.[axis] ?? 0) / stepNm[axis]).toPrecision(12)));
  return {
    type: 'annotation',
    ...common(layer),
    source: 'local://annotations',
    ...(layer.colour !== null && { annotationColor: layer.colour }),
    annotations: own.map(({ id, kind, pointsNm, name, note }) => ({
      id,
      type: kind,
      ...(kind === 'point' ? { point: at(pointsNm[0]) } : { pointA: at(pointsNm[0]), pointB: at(pointsNm[1]) }),
      ...((name !== '' || note !== '') && {
        description: note === '' || note.startsWith(name) ? note || name : `${name}\n${note}`,
      }),
    })),
  };
}

function missing({ name }: Layer, notes: string[]): null {
  notes.push(`Layer "${name}": its data is not in the library any more.`);
  return null;
}

function writeSource(layer: Layer, volume: Volume, { notes }: Writing): unknown {
  const { url, note } = sourceUrl(volume.source, volume.source.kind === 'library' ? 'ome-zarr' : volume.source.format);
  if (note !== null) notes.push(`Layer "${layer.name}": ${note}.`);
  // Neuroglancer places a volume as its dataset says, unless it is told otherwise.
  if (layer.worldFromLayer === null && volume.worldFromVolume === null) return url;
  return { url, transform: transformOf(layer.worldFromLayer ?? identity34, frameOfVolume(volume), axesOf(volume)) };
}

/** In the order in which Neuroglancer has the axes of a source: that of the format, or of the array. */
function axesOf({ source, channels, times }: Volume): readonly string[] {
  if (source.format === 'precomputed') return ['x', 'y', 'z', ...(channels.length > 1 ? ['c^'] : [])];
  if (source.format === 'nifti') return ['x', 'y', 'z'];
  return [...(times > 1 ? ['t'] : []), ...(channels.length > 1 ? ["c'"] : []), 'z', 'y', 'x'];
}
