import type { IUniform, RawShaderMaterial } from 'three';
import { DataTexture, NearestFilter, RGBAFormat, UnsignedByteType, Vector2, Vector3 } from 'three';
import type { Volume } from '../../../preload/contract/library.ts';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { storedWindow } from '../../state/display.ts';
import type { VolumeLayer } from '../../state/layers.ts';
import { colourMapOf, colourMaps } from '../../ui/colour-map-list.ts';
import type { LabelLook } from './labels/label-table.ts';
import { usualLook } from './labels/label-table.ts';

/** How layers of voxels turn what bricks hold into colour: the same in slices and in volumes. */

export interface ImageLook {
  readonly kind: 'image';
  /** Stored values drawn at 0 and 1. */
  readonly window: readonly [number, number];
  readonly gamma: number;
  readonly inverted: boolean;
  /** 0 to 1: the colour of 1. */
  readonly tint: readonly [number, number, number];
  /** Row of the texture of colour maps; -1: black to the tint. */
  readonly mapRow: number;
  readonly opacity: number;
}

export interface LabelsLook {
  readonly kind: 'labels';
  readonly labels: LabelLook;
  readonly outlines: boolean;
  readonly opacity: number;
}

export type LayerLook = ImageLook | LabelsLook;

export const lookOf = (layer: VolumeLayer, volume: Volume): LayerLook =>
  layer.type === 'image' ? imageLook(layer, volume) : labelsLook(layer);

function imageLook({ colour, window, gamma, inverted, opacity }: LayerOf<'image'>, { display }: Volume): ImageLook {
  const mapped = 'map' in colour;
  return {
    kind: 'image',
    window: storedWindow(display, window),
    gamma,
    inverted,
    tint: mapped ? [1, 1, 1] : rgbOfHex(colour.tint),
    mapRow: mapped ? colourMaps.indexOf(colourMapOf(colour.map)) : -1,
    opacity,
  };
}

function labelsLook({ colourSeed, colours, selected, shows, outlines, opacity }: LayerOf<'segmentation'>): LabelsLook {
  const labels = { ...usualLook, colourSeed, colours, selected, shows };
  return { kind: 'labels', labels, outlines, opacity };
}

/** '#3fb6a8' as 0 to 1. */
export function rgbOfHex(hex: string): readonly [number, number, number] {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return [(rgb >> 16) / 255, ((rgb >> 8) & 255) / 255, (rgb & 255) / 255];
}

/** All colour maps, a row each, 256 wide (RGBA8). */
export function colourMapTexture(): DataTexture {
  const pixels = new Uint8Array(256 * 4 * colourMaps.length).fill(255);
  colourMaps.forEach(({ table }, row) => {
    for (let i = 0; i < 256; i++) pixels.set(table.subarray(3 * i, 3 * i + 3), 4 * (256 * row + i));
  });
  const texture = new DataTexture(pixels, 256, colourMaps.length, RGBAFormat, UnsignedByteType);
  texture.internalFormat = 'RGBA8';
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.generateMipmaps = false;
  texture.needsUpdate = true;
  return texture;
}

/**
 * GLSL 3.00 es. Where it is known when the shader is made, NO_GAMMA and NO_MAP leave out what a layer does not use:
 * software renderers go both ways at every fork. `windowed`: a stored value through window, gamma and inversion, 0 to 1; where the window has no extent,
 * what is below it is 0 and the rest 1. `coloured`: that in the layer's colour. `shade`: both, with the layer's opacity.
 * `shadeLabel`: the same of a label's index (alpha 0: not drawn).
 */
export const shadeGlsl = /* glsl */ `
uniform vec2 uWindow;
uniform float uGamma;
uniform bool uInverted;
uniform vec3 uTint;
uniform int uMapRow;
uniform float uOpacity;
uniform highp sampler2D uColourMaps;
uniform highp sampler2D uLabelColours;

float windowed(float stored) {
  float extent = uWindow.y - uWindow.x;
  float grey = extent > 0.0 ? clamp((stored - uWindow.x) / extent, 0.0, 1.0) : (stored < uWindow.y ? 0.0 : 1.0);
#ifndef NO_GAMMA
  if (uGamma != 1.0) grey = pow(grey, uGamma);
#endif
  return uInverted ? 1.0 - grey : grey;
}

vec3 coloured(float grey) {
#ifdef NO_MAP
  return uTint * grey;
#else
  if (uMapRow < 0) return uTint * grey;
  return texelFetch(uColourMaps, ivec2(int(floor(grey * 255.0 + 0.5)), uMapRow), 0).rgb;
#endif
}

vec4 shade(float stored) {
  return vec4(coloured(windowed(stored)), uOpacity);
}

vec4 shadeLabel(uint index) {
  if (index == 0u) return vec4(0.0);
  vec4 colour = texelFetch(uLabelColours, ivec2(int(index & 2047u), int(index >> 11)), 0);
  return vec4(colour.rgb, colour.a * uOpacity);
}`;

/** The uniforms of `shadeGlsl`. */
export const lookUniforms = (): Record<string, IUniform> => ({
  uWindow: { value: new Vector2(0, 255) },
  uGamma: { value: 1 },
  uInverted: { value: false },
  uTint: { value: new Vector3(1, 1, 1) },
  uMapRow: { value: -1 },
  uOpacity: { value: 1 },
  uColourMaps: { value: null },
  uLabelColours: { value: null },
});

export interface LookTextures {
  readonly colourMaps: DataTexture;
  /** Of a layer of labels: its table's. */
  readonly labelColours: DataTexture | null;
}

export function setLook(material: RawShaderMaterial, look: LayerLook, textures: LookTextures): void {
  setUniforms(material, { uOpacity: look.opacity, uColourMaps: textures.colourMaps });
  // A sampler must have a texture, used or not.
  setUniforms(material, { uLabelColours: textures.labelColours ?? textures.colourMaps });
  if (look.kind === 'labels') return;
  setUniforms(material, {
    uWindow: new Vector2(...look.window),
    uGamma: look.gamma,
    uInverted: look.inverted,
    uTint: new Vector3(...look.tint),
    uMapRow: look.mapRow,
  });
}

/** Sets uniforms by their names; a name that the material has not is a mistake in the code. */
export function setUniforms(material: RawShaderMaterial, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const uniform = material.uniforms[name];
    if (!uniform) throw new RangeError(`the material has no uniform ${name}`);
    uniform.value = value;
  }
}
