import type { Volume } from '../../preload/contract/library.ts';
import type { Layer, LayerOf } from '../../preload/contract/view-state.ts';
import { mostLayers } from '../../preload/contract/view-state.ts';
import { freshLayerId, isVolumeLayer, layersOf, shifted, volumeOf, layerBoundsNm } from './layers.ts';
import { fitScale, moveTo } from './view-moves.ts';
import { imageInView, useView, volumeInView } from './view.ts';

/** Changing the layers of a view. Every change replaces what it changes; nothing is edited in place. */

const get = useView.getState;
const set = useView.setState;

export type LayerChange<T extends Layer = Layer> = T extends Layer ? Partial<Omit<T, 'id' | 'type'>> : never;

/** Adds layers on top of the others and selects the first of them; false where the view is full. */
export function addLayers(added: readonly Layer[]): boolean {
  const { layers, fitted } = get();
  const [first] = added;
  if (!first || layers.length + added.length > mostLayers) return false;
  set({ layers: [...layers, ...added], selectedLayer: first.id });
  if (fitted) fitScale();
  return true;
}

/** Adds a volume over what is shown, so that both are seen. */
export function showAlso(volume: Volume): boolean {
  const added = layersOf(volume, get().layers);
  const [first] = added;
  const covers = added.length === 1 && first?.blend === 'over' && get().layers.some(isVolumeLayer);
  return addLayers(covers ? added.map((layer): Layer => ({ ...layer, opacity: 0.5 })) : added);
}

/** Puts a copy of a layer just above it. */
export function duplicateLayer(id: string): void {
  const layer = get().layers.find((one) => one.id === id);
  if (layer) putCopyAbove(layer, { name: `${layer.name} copy` });
}

/** One change for both: it is taken back as one. */
function putCopyAbove(layer: Layer, ofCopy: LayerChange, ofLayer: LayerChange = {}): void {
  const { layers } = get();
  if (layers.length >= mostLayers) return;
  const copy = { ...layer, ...ofCopy, id: freshLayerId(layers, layer.id) } as Layer;
  const itself = { ...layer, ...ofLayer } as Layer;
  set({ layers: layers.toSpliced(layers.indexOf(layer), 1, itself, copy), selectedLayer: copy.id });
}

/** The two colours in which a section and the next one add up to white where they agree. */
const twoSections = { here: '#ff00ff', next: '#00ff00' } as const;

/** Lays the next section over this one, magenta and green, to judge how they are registered. */
export function overlayNextSection(id: string): void {
  const layer = get().layers.find((one) => one.id === id);
  const depthNm = layer && volumeOf(layer, get())?.levels[0]?.voxelSizeNm[2];
  if (layer?.type !== 'image' || depthNm === undefined) return;
  const next: LayerChange<LayerOf<'image'>> = {
    name: `${layer.name}, z + 1`,
    blend: 'additive',
    colour: { tint: twoSections.next },
    worldFromLayer: shifted(layer.worldFromLayer, [0, 0, -depthNm]),
  };
  putCopyAbove(layer, next, { colour: { tint: twoSections.here } });
}

export function removeLayer(id: string): void {
  const { layers, selectedLayer } = get();
  const at = layers.findIndex((layer) => layer.id === id);
  if (at === -1) return;
  const left = layers.toSpliced(at, 1);
  set({
    layers: left,
    selectedLayer: selectedLayer === id ? (left[Math.min(at, left.length - 1)]?.id ?? null) : selectedLayer,
  });
}

/** Changes a layer of any type; keys that its type has not are the caller's mistake. */
export function updateLayer(id: string, change: LayerChange): void {
  set({ layers: get().layers.map((layer) => (layer.id === id ? ({ ...layer, ...change } as Layer) : layer)) });
}

/** Moves a layer one place up (1) or down (-1) in the order that they are drawn in. */
export function raiseLayer(id: string, by: 1 | -1): void {
  const at = get().layers.findIndex((one) => one.id === id);
  if (at !== -1 && get().layers[at + by]) moveLayer(id, at + by);
}

/** Moves a layer to a place in the list, 0 the lowest. */
export function moveLayer(id: string, to: number): void {
  const { layers } = get();
  const layer = layers.find((one) => one.id === id);
  if (!layer || layers.indexOf(layer) === to) return;
  set({ layers: layers.filter((one) => one !== layer).toSpliced(Math.max(0, to), 0, layer) });
}

export const selectLayer = (id: string | null): void => set({ selectedLayer: id });

export function toggleLayer(id: string): void {
  const layer = get().layers.find((one) => one.id === id);
  if (layer) updateLayer(id, { visible: !layer.visible });
}

/** Shows or hides several layers at once. */
export function showLayers(ids: readonly string[], visible: boolean): void {
  const chosen = new Set(ids);
  set({
    layers: get().layers.map((one) => (chosen.has(one.id) && one.visible !== visible ? { ...one, visible } : one)),
  });
}

/** Shows one layer and hides the others of its kind; shows them all again where it was alone. */
export function soloLayer(id: string): void {
  const { layers } = get();
  const type = layers.find((one) => one.id === id)?.type;
  const peers = layers.filter((one) => one.type === type);
  const alone = peers.every((one) => one.visible === (one.id === id));
  const shows = (one: Layer): boolean => (one.type === type ? alone || one.id === id : one.visible);
  set({ layers: layers.map((one) => (one.visible === shows(one) ? one : { ...one, visible: shows(one) })) });
}

/** Changes the image layer that contrast is set of. */
export function updateImage(change: LayerChange<LayerOf<'image'>>): void {
  const image = imageInView(get());
  if (image) updateLayer(image.id, change);
}

/** Selects the next image channel of the volume in view and shows it alone among them. */
export function nextChannel(): void {
  const volume = volumeInView(get());
  const image = imageInView(get());
  if (!volume || !image) return;
  const channels = get().layers.filter((one) => one.type === 'image' && one.volume === volume.id);
  const next = channels[(channels.findIndex(({ id }) => id === image.id) + 1) % channels.length];
  if (!next) return;
  set({
    layers: get().layers.map((one) => (channels.includes(one) ? { ...one, visible: one.id === next.id } : one)),
    selectedLayer: next.id,
    cursor: null,
  });
}

/** Keeps the cross-hair inside what is shown after layers have changed; not before all of it is known. */
export function settlePosition(): void {
  const s = get();
  if (s.layers.every((layer) => !('shape' in layer) || layerBoundsNm(layer, s) !== null)) moveTo(s.positionNm);
}
