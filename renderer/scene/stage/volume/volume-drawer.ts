import type { Texture, WebGLRenderer } from 'three';
import {
  AddEquation,
  BufferAttribute,
  BufferGeometry,
  Camera as ThreeCamera,
  CustomBlending,
  DstColorFactor,
  FramebufferTexture,
  GLSL3,
  MaxEquation,
  Mesh,
  MinEquation,
  NoBlending,
  OneFactor,
  OneMinusSrcAlphaFactor,
  RawShaderMaterial,
  Scene,
  ZeroFactor,
} from 'three';
import type { Blend, Clip } from '../../../../preload/contract/view-state.ts';
import { storedWindow } from '../../../state/display.ts';
import type { RayLayer } from './layer-table.ts';
import { poolsOf, putUniforms, tableTextures } from './layer-table.ts';
import type { LayerShelf, LayerTextures } from './layer-textures.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { longestSideNm } from './orbit-frame.ts';
import { bitsOf } from '../sources.ts';
import type { RayMode } from './ray-modes.ts';
import type { RaySource } from './ray-shaders.ts';
import { rayFragment, rayVertex } from './ray-shaders.ts';
import { rayUniforms } from './ray-uniforms.ts';
import { surfaceColour } from './transfer-lut.ts';

/** Opacity is told for this part of a volume's longest side, whatever level is drawn. */
export const referencesPerSide = 256;
/** Attenuation is told for this part of it. */
export const fadesPerSide = 8;

/** What all layers of a pane share. */
export interface RayScene {
  readonly frame: OrbitFrame;
  readonly clip: Clip;
  /** Depth of what is opaque; null where nothing is. */
  readonly depth: Texture | null;
}

const blendNumber: Readonly<Record<Blend, number>> = {
  over: 0,
  additive: 1,
  max: 2,
  min: 3,
  multiply: 3,
  difference: 4,
};

/** What is found at its first voxel is looked for more closely: its edge is seen. */
const isFirstHit = (mode: RayMode): boolean => mode === 'surface' || mode === 'labels';

/** Sends rays through volumes, into the viewport and the scissor box that are set. */
export class VolumeDrawer {
  readonly #geometry = new BufferGeometry();
  readonly #materials = new Map<string, RawShaderMaterial>();
  readonly #shelf: LayerShelf;
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();
  readonly #mesh = new Mesh(this.#geometry);
  #below: FramebufferTexture | null = null;

  constructor(shelf: LayerShelf) {
    this.#shelf = shelf;
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), 2));
    this.#geometry.setIndex([0, 1, 2, 2, 1, 3]);
    this.#mesh.frustumCulled = false;
    this.#scene.add(this.#mesh);
  }

  /** Blends a layer over what is drawn. `lowest`: it lies over the background alone. */
  draw(renderer: WebGLRenderer, scene: RayScene, drawn: RayLayer, lowest: boolean): void {
    const { layer } = drawn;
    if (layer.volumeMode === 'off') return;
    const mode = layer.type === 'segmentation' ? 'labels' : (layer.volumeMode as RayMode);
    const blend = lowest && (layer.blend === 'min' || layer.blend === 'multiply') ? 'over' : layer.blend;
    const material = this.#prepare(mode, scene, drawn, blend);
    if (!material) return;
    if (blend === 'difference') this.#keepBelow(renderer, scene.frame, material);
    this.#render(renderer, material);
  }

  dispose(): void {
    this.#below?.dispose();
    this.#geometry.dispose();
    for (const material of this.#materials.values()) material.dispose();
  }

  #prepare(mode: RayMode, scene: RayScene, drawn: RayLayer, blend: Blend): RawShaderMaterial | null {
    const { layer, table, labelColours } = drawn;
    const place = { ...scene, table, worldFromLayer: layer.worldFromLayer, closely: isFirstHit(mode) };
    const own = rayUniforms(place);
    const pools = poolsOf(drawn);
    if (!own || pools.textures.length === 0) return null;
    const material = this.#material({
      mode,
      levels: table.levels.length,
      pools: pools.textures.length,
      bits: bitsOf(table.volume),
      labels: layer.type === 'segmentation',
    });
    const textures = this.#shelf.of(layer.id);
    putUniforms(material, {
      ...own,
      ...lookUniforms(drawn, textures),
      ...tableTextures(drawn, pools, textures),
      uDepth: scene.depth,
      uHasDepth: scene.depth !== null,
      uLabelColours: labelColours,
      uOpacity: layer.opacity,
      uBlend: blendNumber[blend],
    });
    material.depthTest = material.depthWrite = false;
    setBlending(material, blend);
    return material;
  }

  #material(source: RaySource): RawShaderMaterial {
    const name = JSON.stringify(source);
    const known = this.#materials.get(name);
    if (known) return known;
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: rayVertex,
      fragmentShader: rayFragment(source),
      transparent: true,
      // Samplers that are not set would all read from the first texture unit, which holds another kind.
      uniforms: { uDepth: { value: null }, uBelow: { value: null } },
    });
    this.#materials.set(name, material);
    return material;
  }

  /** Copies what is drawn: no blending of the GPU makes a difference. */
  #keepBelow(renderer: WebGLRenderer, { width, height }: OrbitFrame, material: RawShaderMaterial): void {
    if (this.#below?.image.width !== width || this.#below.image.height !== height) {
      this.#below?.dispose();
      this.#below = new FramebufferTexture(width, height);
    }
    renderer.copyFramebufferToTexture(this.#below);
    putUniforms(material, { uBelow: this.#below });
  }

  #render(renderer: WebGLRenderer, material: RawShaderMaterial): void {
    this.#mesh.material = material;
    renderer.render(this.#scene, this.#camera);
  }
}

function lookUniforms({ layer, table }: RayLayer, textures: LayerTextures): Readonly<Record<string, unknown>> {
  if (layer.type === 'segmentation') return {};
  textures.takeLook(layer);
  const [low, high] = storedWindow(table.volume.display, layer.window);
  const side = longestSideNm(table.volume, layer.worldFromLayer);
  return {
    uLut: textures.lut,
    uOpaqueBefore: textures.opaqueBefore,
    uWindow: [low, 1 / Math.max(1e-6, high - low)],
    // Beyond its end of the window, an extremum looks the same.
    uEnough: layer.volumeMode === 'min' ? low : high,
    uFade: (layer.attenuation * fadesPerSide * Math.LOG2E) / side,
    uReferenceNm: side / referencesPerSide,
    uSurfaceAt: layer.surfaceAt,
    uSurfaceColour: [...surfaceColour(layer)],
  };
}

function setBlending(material: RawShaderMaterial, blend: Blend): void {
  material.blending = blend === 'difference' ? NoBlending : CustomBlending;
  material.blendEquation = blend === 'max' ? MaxEquation : blend === 'min' ? MinEquation : AddEquation;
  material.blendSrc = blend === 'multiply' ? DstColorFactor : OneFactor;
  material.blendDst =
    blend === 'multiply' ? ZeroFactor : blend === 'over' || blend === 'additive' ? OneMinusSrcAlphaFactor : OneFactor;
}
