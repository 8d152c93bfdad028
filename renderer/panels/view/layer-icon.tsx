import { Blocks, Box, LayoutGrid, MapPin, Waypoints } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Layer, LayerType } from '../../../preload/contract/view-state.ts';
import { colourMapOf, gradientOf } from '../../ui/colour-map-list.ts';

export const typeNames: Readonly<Record<LayerType, string>> = {
  image: 'Image',
  segmentation: 'Labels',
  mesh: 'Meshes',
  skeleton: 'Skeletons',
  annotation: 'Annotations',
  mosaic: 'Tiles',
};

const icons = { segmentation: Blocks, mesh: Box, skeleton: Waypoints, annotation: MapPin, mosaic: LayoutGrid } as const;

/** The colour of an image, or what kind of layer it is. */
export function LayerIcon({ layer }: { readonly layer: Layer }): ReactNode {
  if (layer.type === 'image')
    return <span className="swatch" style={{ background: backgroundOf(layer.colour) }} aria-hidden />;
  const Icon = icons[layer.type];
  const colour = colourOf(layer);
  return <Icon size={13} className="layer-type" style={colour ? { color: colour } : {}} aria-hidden />;
}

function colourOf(layer: Layer): string | null {
  const colour = 'colour' in layer ? layer.colour : null;
  if (colour === null || typeof colour === 'string') return colour;
  return 'tint' in colour ? colour.tint : null;
}

type ImageColour = Extract<Layer, { type: 'image' }>['colour'];

export const backgroundOf = (colour: ImageColour): string =>
  'tint' in colour ? colour.tint : gradientOf(colourMapOf(colour.map), 8);
