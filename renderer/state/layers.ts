import type { Volume } from '../../preload/contract/library.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Layer, LayerOf, Matrix34 } from '../../preload/contract/view-state.ts';
import { mosaicIdOf } from '../../preload/contract/view.ts';
import type { Box3 } from './volume-geometry.ts';
import { boundsNm, map3 } from './volume-geometry.ts';

/** What layers are made from, and where they lie. Pure. */

/** Colour-blind-safe colours of channels that have none of their own. */
export const channelColours = ['#3fb6a8', '#ff9d13', '#9960b9', '#e7fd96', '#7959ff', '#e65344'] as const;

/** Image channels that a volume is first shown with at one time. */
const mostAtFirst = 6;

export type VolumeLayer = LayerOf<'image'> | LayerOf<'segmentation'>;
export const isVolumeLayer = (layer: Layer): layer is VolumeLayer =>
  layer.type === 'image' || layer.type === 'segmentation';

const base = (id: string, name: string) =>
  ({ id, name, visible: true, opacity: 1, blend: 'over', worldFromLayer: null }) as const;

/** An id that no layer has yet. */
export function freshLayerId(layers: readonly Layer[], stem: string): string {
  const taken = new Set(layers.map(({ id }) => id));
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}.${n}`;
    if (!taken.has(id)) return id;
  }
}

/** How one channel of a volume is first shown: the tint that it names, or one of its own beside the others. */
function firstLook(volume: Volume, channel: number) {
  const { name, color, window } = volume.channels[channel] ?? { name: '', color: null, window: volume.window };
  const many = volume.channels.length > 1;
  const fallback = many ? (channelColours[channel % channelColours.length] ?? '#ffffff') : '#ffffff';
  const tint = /^[0-9a-f]{6}$/i.test(color ?? '') ? `#${color?.toLowerCase()}` : fallback;
  return {
    name: many ? name || `Channel ${channel}` : volume.name,
    blend: many ? ('additive' as const) : ('over' as const),
    channel,
    window,
    gamma: 1,
    inverted: false,
    colour: { tint },
  };
}

export function imageLayer(volume: Volume, channel: number, id: string): LayerOf<'image'> {
  const { name, ...look } = firstLook(volume, channel);
  return {
    ...base(id, name),
    worldFromLayer: volume.worldFromVolume,
    type: 'image',
    volume: volume.id,
    ...look,
    checker: 'all',
    volumeMode: 'max',
    transfer: [
      [0, 0],
      [0.25, 0],
      [1, 0.5],
    ],
    surfaceAt: 0.5,
    attenuation: 1,
  };
}

export const segmentationLayer = (volume: Volume, id: string): LayerOf<'segmentation'> => ({
  ...base(id, volume.name),
  worldFromLayer: volume.worldFromVolume,
  type: 'segmentation',
  volume: volume.id,
  selected: [],
  shows: 'all',
  outlines: false,
  colourSeed: 0,
  colours: {},
  volumeMode: 'on',
});

/** The layers that show a volume: one for each channel, or its labels. Ids are new beside `present`. */
export function layersOf(volume: Volume, present: readonly Layer[] = []): readonly Layer[] {
  if (volume.display.labels) return [segmentationLayer(volume, freshLayerId(present, volume.id))];
  const made: Layer[] = [];
  volume.channels.forEach((_, channel) => {
    const id = freshLayerId([...present, ...made], `${volume.id}/${channel}`);
    made.push({ ...imageLayer(volume, channel, id), visible: channel < mostAtFirst });
  });
  return made;
}

export function shapeLayer(set: ShapeSet, present: readonly Layer[]): Layer {
  const common = {
    ...base(freshLayerId(present, set.id), set.name),
    shape: set.id,
    shown: null,
    follows: null,
    colour: null,
  } as const;
  return set.kind === 'mesh'
    ? { ...common, type: 'mesh', wireframe: false, silhouette: 0, outlines: true }
    : { ...common, type: 'skeleton', lineWidthPx: 2, radii: true };
}

interface TilesOf {
  readonly dataset: string;
  readonly stack: string | null;
}

/** A channel of the tiles of a dataset or of a stack; `volume` is what `view.mosaic` says of them. */
export const mosaicLayer = (volume: Volume, of: TilesOf, channel: number, id: string): LayerOf<'mosaic'> => {
  const { name, ...look } = firstLook(volume, channel);
  return { ...base(id, name), type: 'mosaic', ...of, ...look, borders: false };
};

/** The layers that show tiles, one for each channel. Ids are new beside `present`. */
export function mosaicLayers(volume: Volume, of: TilesOf, present: readonly Layer[]): readonly LayerOf<'mosaic'>[] {
  const made: LayerOf<'mosaic'>[] = [];
  volume.channels.forEach((_, channel) => {
    const id = freshLayerId([...present, ...made], channel === 0 ? volume.id : `${volume.id}/${channel}`);
    made.push({ ...mosaicLayer(volume, of, channel, id), visible: channel < mostAtFirst });
  });
  return made;
}

/**
 * Tiles are drawn as the image of a volume that is made of them when it is looked at; in 3-D panes as slices alone, since
 * rays would make every tile of it.
 */
export function drawnAs(layer: Layer): Layer {
  if (layer.type !== 'mosaic') return layer;
  const { dataset, stack, borders: _, ...look } = layer;
  const volumeMode = 'off' as const;
  const id = mosaicIdOf({ dataset, stack });
  const transfer = [[0, 0] as const, [1, 1] as const];
  return {
    ...look,
    type: 'image',
    volume: id,
    checker: 'all',
    volumeMode,
    transfer,
    surfaceAt: 0.5,
    attenuation: 1,
  };
}

export const annotationLayer = (volume: Volume, present: readonly Layer[]): LayerOf<'annotation'> => ({
  ...base(freshLayerId(present, `${volume.id}/annotations`), 'Annotations'),
  worldFromLayer: volume.worldFromVolume,
  type: 'annotation',
  volume: volume.id,
  colour: null,
});

export function applyMatrix(m: Matrix34 | null, p: Vec3): Vec3 {
  if (!m) return p;
  const at = (i: number): number => m[i] ?? 0;
  return map3((r) => at(4 * r) * p[0] + at(4 * r + 1) * p[1] + at(4 * r + 2) * p[2] + at(4 * r + 3));
}

/** A map moved by nanometres of the world. */
export function shifted(m: Matrix34 | null, byNm: Vec3): Matrix34 {
  const moved = [...(m ?? [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])];
  for (const axis of [0, 1, 2] as const) moved[4 * axis + 3] = (moved[4 * axis + 3] ?? 0) + byNm[axis];
  return moved;
}

/** The inverse map, or null where it has none. */
export function invertMatrix(m: Matrix34): Matrix34 | null {
  const [a = 0, b = 0, c = 0, x = 0, d = 0, e = 0, f = 0, y = 0, g = 0, h = 0, i = 0, z = 0] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!Number.isFinite(det) || Math.abs(det) < 1e-15) return null;
  const k = 1 / det;
  const r = [
    [(e * i - f * h) * k, (c * h - b * i) * k, (b * f - c * e) * k],
    [(f * g - d * i) * k, (a * i - c * g) * k, (c * d - a * f) * k],
    [(d * h - e * g) * k, (b * g - a * h) * k, (a * e - b * d) * k],
  ] as const;
  return r.flatMap(([p, q, s]) => [p, q, s, -(p * x + q * y + s * z)]);
}

/** The box around the image of a box. */
export function boxThrough(m: Matrix34 | null, { min, max }: Box3): Box3 {
  if (!m) return { min, max };
  const corners = Array.from({ length: 8 }, (_, bits) =>
    applyMatrix(
      m,
      map3((a) => ((bits >> a) & 1 ? max[a] : min[a])),
    ),
  );
  return unionOf(corners.map((corner) => ({ min: corner, max: corner }))) ?? { min, max };
}

export function unionOf(boxes: readonly Box3[]): Box3 | null {
  if (boxes.length === 0) return null;
  return {
    min: map3((a) => Math.min(...boxes.map(({ min }) => min[a]))),
    max: map3((a) => Math.max(...boxes.map(({ max }) => max[a]))),
  };
}

/** What layers refer to. */
export interface Known {
  readonly volumes: readonly Volume[];
  readonly shapes: readonly ShapeSet[];
}

/** The volume that a layer shows, or belongs to; of tiles, the one that they are drawn as. */
export function volumeOf(layer: Layer, { volumes }: Pick<Known, 'volumes'>): Volume | null {
  const id = layer.type === 'mosaic' ? mosaicIdOf(layer) : 'volume' in layer ? layer.volume : null;
  return id === null ? null : (volumes.find((volume) => volume.id === id) ?? null);
}

/** Whether a layer's map can be undone: what it flattens can not be drawn. */
export const isPlaced = ({ worldFromLayer }: Layer): boolean =>
  !worldFromLayer || invertMatrix(worldFromLayer) !== null;

/** Where a layer lies in the world; null where that is not known. */
export function layerBoundsNm(layer: Layer, known: Known): Box3 | null {
  if (!isPlaced(layer)) return null;
  const volume = isVolumeLayer(layer) || layer.type === 'mosaic' ? volumeOf(layer, known) : null;
  if (volume) return boxThrough(layer.worldFromLayer, boundsNm(volume));
  const shape = 'shape' in layer ? known.shapes.find(({ id }) => id === layer.shape) : undefined;
  return shape?.boundsNm ? boxThrough(layer.worldFromLayer, shape.boundsNm) : null;
}
