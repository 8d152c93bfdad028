import type { Volume } from '../../../preload/contract/library.ts';
import type { Blend, Layer, LayerOf, Matrix34 } from '../../../preload/contract/view-state.ts';
import { blendSchema, mostLayers } from '../../../preload/contract/view-state.ts';
import type { Known } from '../layers.ts';
import { annotationLayer, freshLayerId, imageLayer, segmentationLayer, shapeLayer } from '../layers.ts';
import { labelIdOf, labelIdsOf, mostSelected } from '../label-ids.ts';
import { mostToAdd } from './limits.ts';
import { hexOf, readShader, type ShaderWindow } from './shader.ts';
import { guessKind, lyingAt, placeOf, readSource } from './sources.ts';
import { frameOfNm, frameOfVolume, legacyTransform, worldFromLayerOf, type SourceFrame } from './transform.ts';
import type { NgLayer, SourceTransform } from './viewer-state.ts';

/** Data of a state that the library does not have: to be added, and the state read again. */
export interface SourceToAdd {
  readonly kind: 'volume' | 'mesh' | 'skeleton';
  /** In words of `sourceRefSchema`. */
  readonly text: string;
  readonly name: string;
  /** What Neuroglancer draws it as; null where it does not say. */
  readonly as: 'image' | 'segmentation' | null;
}

/** What is read of one layer after the other. */
export interface Reading {
  readonly known: Known;
  readonly notes: string[];
  readonly toAdd: SourceToAdd[];
  /** Where what is to be added lies. */
  readonly asked: Set<string>;
  /** Bottom first. */
  readonly layers: Layer[];
  /** Which of Neuroglancer's layers became which of ours. */
  readonly madeOf: Map<string, string>;
}

interface Place {
  readonly text: string;
  readonly transform: SourceTransform | null;
}

export function readLayer(layer: NgLayer, name: string, reading: Reading): void {
  const type = layer.type === 'segmentation_with_graph' ? 'segmentation' : layer.type;
  if (type === 'annotation' || type === 'pointAnnotation') return;
  const before = reading.layers.length;
  for (const place of placesOf(layer, name, reading))
    if (reading.layers.length <= mostLayers) readPlace(layer, name, type, place, reading);
  const first = reading.layers[before];
  if (first) reading.madeOf.set(name, first.id);
}

/** The sources of a layer that Lamella can look for. */
function placesOf(layer: NgLayer, name: string, { notes }: Reading): readonly Place[] {
  const listed = layer.source === undefined ? [] : Array.isArray(layer.source) ? layer.source : [layer.source];
  const own = listed.map((source) => (typeof source === 'string' ? { url: source } : source));
  const legacy = [layer.mesh, layer.skeletons].filter((url) => typeof url === 'string' && url !== '');
  const all = [...own, ...legacy.map((url) => ({ url: url as string }))];
  if (all.length === 0) notes.push(`Layer "${name}": it has no source.`);
  return all.flatMap((source) => {
    const read = readSource(source.url);
    if (read.kind === 'unreadable') notes.push(`Layer "${name}": ${read.why}.`);
    return read.kind === 'data'
      ? [{ text: read.text, transform: 'transform' in source ? (source.transform ?? null) : null }]
      : [];
  });
}

function readPlace(layer: NgLayer, name: string, type: string | undefined, place: Place, reading: Reading): void {
  const { known, notes, toAdd, asked } = reading;
  const lies = placeOf(place.text);
  const shape = lyingAt(lies, known.shapes);
  if (shape) return readShape(layer, name, shape.id, place, reading);
  const volume = lyingAt(lies, known.volumes);
  if (volume) {
    const placed = { volume, ...placedAt(layer, name, place, frameOfVolume(volume), notes, volume.worldFromVolume) };
    return volume.display.labels || volume.kind === 'segmentation'
      ? readLabels(layer, name, placed, reading)
      : readImage(layer, name, placed, reading);
  }
  if (/(^|:\/\/)file:/i.test(place.text))
    return void notes.push(
      `Layer "${name}": it lies on the computer that the state comes from; add its file, then open the state again.`,
    );
  const guess = type === 'image' ? 'volume' : type === 'mesh' ? 'mesh' : guessKind(place.text);
  const as = type === 'image' || type === 'segmentation' ? type : null;
  if (asked.has(lies)) return;
  asked.add(lies);
  if (toAdd.length < mostToAdd) toAdd.push({ kind: guess, text: place.text, name, as });
  else notes.push(`Only the first ${mostToAdd} addresses of the state are asked for.`);
}

/** Where the layer lies; what a transform does to other axes is told. */
function placedAt(
  layer: NgLayer,
  name: string,
  { transform }: Place,
  frame: SourceFrame,
  notes: string[],
  own: Matrix34 | null = null,
): { matrix: Matrix34 | null } {
  if (!transform) return { matrix: legacyTransform(layer.transform) ?? own };
  const { matrix, carried } = worldFromLayerOf(transform, frame);
  if (!carried) notes.push(`Layer "${name}": the part of its transform that is not of x, y and z is left out.`);
  return { matrix };
}

interface Placed {
  readonly volume: Volume;
  readonly matrix: Matrix34 | null;
}

function readImage(layer: NgLayer, name: string, { volume, matrix }: Placed, reading: Reading): void {
  const { layers, notes } = reading;
  const look = readShader(layer.shader, layer.shaderControls);
  if (!look.understood)
    notes.push(`Layer "${name}": its shader is a program of its own; it is drawn with a plain window of grey values.`);
  const lowest = !layers.some(({ visible, type }) => visible && (type === 'image' || type === 'segmentation'));
  look.windows.slice(0, mostLayers + 1 - layers.length).forEach((window, i) => {
    const channel = Math.min(window.channel ?? channelAt(layer), volume.channels.length - 1);
    const fresh = imageLayer(volume, channel, freshLayerId(layers, `${volume.id}/${channel}`));
    const range = rangeOf(layer, window, volume) ?? fresh.window;
    const blend = i > 0 ? 'additive' : blendOf(layer.blend, name, notes);
    layers.push({
      ...fresh,
      name: look.windows.length > 1 ? `${name} · ${i + 1}` : name,
      visible: isVisible(layer),
      // Neuroglancer draws the lowest image as if it were opaque, whatever its opacity is.
      opacity: lowest && i === 0 && blend === 'over' ? 1 : clamp(layer.opacity ?? 0.5),
      blend,
      worldFromLayer: matrix,
      window: range[0] <= range[1] ? range : [range[1], range[0]],
      inverted: range[0] > range[1],
      gamma: look.gamma,
      colour: colourOf(layer) ?? window.colour ?? { tint: '#ffffff' },
      volumeMode: volumeModeOf(layer.volumeRendering, name, notes),
    });
  });
}

/** OME-Zarr's channel is a local dimension, `c'`; the position in it is of the middle of a step. */
function channelAt({ localDimensions, localPosition }: NgLayer): number {
  const at = Object.keys(localDimensions ?? {}).findIndex((dimension) => /^c/i.test(dimension));
  return at < 0 ? 0 : Math.max(0, Math.floor(localPosition?.[at] ?? 0));
}

/** The shader's, or `min` and `max` of NDViz: grey values, or fractions of what the type can hold. */
function rangeOf(layer: NgLayer, { range }: ShaderWindow, { dtype }: Volume): readonly [number, number] | null {
  const { min, max } = layer;
  if (min === undefined || max === undefined || min === max) return range;
  const bits = /^u?int(8|16|32)$/.exec(dtype)?.[1];
  const full =
    bits !== undefined && min >= 0 && max <= 1 ? 2 ** (Number(bits) - (dtype.startsWith('u') ? 0 : 1)) - 1 : 1;
  const scaled = [min * full, max * full] as const;
  return scaled.every(Number.isFinite) ? scaled : range;
}

/** NDViz's names of colours; `NONE` is grey. */
function colourOf({ color }: NgLayer): LayerOf<'image'>['colour'] | null {
  const tint = hexOf(color);
  return tint === null ? null : { tint };
}

function blendOf(blend: string | undefined, name: string, notes: string[]): Blend {
  if (blend === undefined || blend === 'default') return 'over';
  const own = blendSchema.safeParse(blend);
  if (!own.success) notes.push(`Layer "${name}": there is no blend "${blend}"; it lies over what is below.`);
  return own.success ? own.data : 'over';
}

function volumeModeOf(
  mode: boolean | string | undefined,
  name: string,
  notes: string[],
): LayerOf<'image'>['volumeMode'] {
  const known = typeof mode === 'string' ? mode.toLowerCase() : mode === true ? 'on' : 'off';
  if (known === 'on') {
    notes.push(`Layer "${name}": its volume is drawn translucent, with Lamella's own transfer function.`);
    return 'translucent';
  }
  return known === 'max' || known === 'min' ? known : 'off';
}

function readLabels(layer: NgLayer, name: string, { volume, matrix }: Placed, reading: Reading): void {
  const { layers, notes } = reading;
  const selected = segmentsOf(layer, name, notes);
  const all = layer.ignoreNullVisibleSet !== false && selected.length === 0;
  if ((layer.equivalences ?? []).length > 0) notes.push(`Layer "${name}": its merged segments are shown apart.`);
  if (layer.hideSegmentZero === false)
    notes.push(`Layer "${name}": segment 0 is the background here, and is not drawn.`);
  layers.push({
    ...segmentationLayer(volume, freshLayerId(layers, volume.id)),
    name,
    visible: isVisible(layer),
    opacity: clamp(layer.selectedAlpha ?? 0.5),
    worldFromLayer: matrix,
    selected,
    shows: all || (layer.notSelectedAlpha ?? 0) > 0 ? 'all' : 'selected',
    colourSeed: Math.max(0, Math.floor(layer.colorSeed ?? 0)) % 2 ** 32,
    colours: coloursOf(layer, name, notes),
  });
}

/** Ids in decimal; what is hidden (`!12`) or no id is told. Numbers beyond 2^53 have lost their end already. */
function segmentsOf({ segments = [] }: NgLayer, name: string, notes: string[]): string[] {
  const given = segments.map(String);
  const shown = given.map(labelIdOf).filter((id) => id !== null);
  if (shown.length < given.length)
    notes.push(
      `Layer "${name}": ${given.length - shown.length} segments are hidden or have no number below 2^64; they are not selected.`,
    );
  if (segments.some((id) => typeof id === 'number' && !Number.isSafeInteger(id)))
    notes.push(`Layer "${name}": some ids of segments are too large for a number of JSON and may be wrong.`);
  if (shown.length > mostSelected)
    notes.push(`Layer "${name}": only the first ${mostSelected} of ${shown.length} segments are selected.`);
  return [...labelIdsOf(shown)];
}

function coloursOf({ segmentColors = {} }: NgLayer, name: string, notes: string[]): Record<string, string> {
  const given = Object.entries(segmentColors);
  const good = given.flatMap(([text, colour]) => {
    const [id, hex] = [labelIdOf(text), hexOf(colour)];
    return id !== null && hex !== null ? [[id, hex] as const] : [];
  });
  if (good.length < given.length)
    notes.push(`Layer "${name}": ${given.length - good.length} colours of segments can't be read.`);
  if (good.length > mostSelected)
    notes.push(`Layer "${name}": only the first ${mostSelected} of ${good.length} colours are kept.`);
  return Object.fromEntries(good.slice(0, mostSelected));
}

function readShape(layer: NgLayer, name: string, id: string, place: Place, reading: Reading): void {
  const { known, layers, notes } = reading;
  const set = known.shapes.find((shape) => shape.id === id);
  if (!set) return;
  const shown = segmentsOf(layer, name, notes);
  const made = shapeLayer(set, layers);
  if (made.type !== 'mesh' && made.type !== 'skeleton') return;
  const { matrix } = placedAt(layer, name, place, frameOfNm, notes);
  layers.push({
    ...made,
    name,
    visible: isVisible(layer),
    shown: shown.length > 0 ? shown : null,
    worldFromLayer: matrix,
  });
}

/** Annotations belong to a volume here: the lowest one of the state. */
export function annotationsOn(volume: Volume, name: string, layer: NgLayer, { layers, madeOf }: Reading): void {
  const made = annotationLayer(volume, layers);
  // Kept in the volume's own space, and shown where the volume is.
  const worldFromLayer = layers.find((one) => 'volume' in one && one.volume === volume.id)?.worldFromLayer ?? null;
  layers.push({ ...made, name, visible: isVisible(layer), colour: hexOf(layer.annotationColor), worldFromLayer });
  madeOf.set(name, made.id);
}

const isVisible = ({ visible, archived }: NgLayer): boolean => visible !== false && archived !== true;
const clamp = (value: number): number => Math.max(0, Math.min(1, value));
