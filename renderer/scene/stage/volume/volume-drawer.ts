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
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Blend, Clip } from '../../../../preload/contract/view-state.ts';
import type { VolumeLayer } from '../../../state/layers.ts';
import { storedWindow } from '../../../state/display.ts';
import type { Box3 } from '../../../state/volume-geometry.ts';
import { LayerTextures } from './layer-textures.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { longestSideNm } from './orbit-frame.ts';
import { bitsOf } from '../sources.ts';
import type { PageTable } from './page-table.ts';
import type { RayMode } from './ray-modes.ts';
import type { RaySource } from './ray-shaders.ts';
import { mostPools, rayFragment, rayVertex } from './ray-shaders.ts';
import { rayUniforms, sliceUniforms } from './ray-uniforms.ts';
import { surfaceColour } from './transfer-lut.ts';

/** Opacity is told for this part of a volume's longest side, whatever level is drawn. */
export const referencesPerSide = 256;
/** Attenuation is told for this part of it. */
export const fadesPerSide = 8;

/** A layer of a volume, ready to be drawn in a 3-D pane. */
export interface RayLayer {
  readonly layer: VolumeLayer;
  readonly table: PageTable;
  /** The texture that bricks of a level are in. */
  readonly poolOf: (level: number) => Texture | undefined;
  /** The colours of labels by their index; null for an image. */
  readonly labelColours: Texture | null;
}

/** What all layers of a pane share. */
export interface RayScene {
  readonly frame: OrbitFrame;
  readonly clip: Clip;
  /** Depth of what is opaque; null where nothing is. */
  readonly depth: Texture | null;
}

/** The planes to draw inside a volume. */
export interface SlicePlanes {
  readonly normals: readonly Vec3[];
  readonly positionNm: Vec3;
  readonly bounds: Box3;
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
  readonly #textures = new Map<string, LayerTextures>();
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();
  readonly #mesh = new Mesh(this.#geometry);
  #below: FramebufferTexture | null = null;

  constructor() {
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

  /** Draws the planes black, with their depth; then, layer by layer, `drawOnSlices` paints them. */
  drawSlices(renderer: WebGLRenderer, scene: RayScene, layers: readonly RayLayer[], planes: SlicePlanes): void {
    layers.forEach((drawn, i) => {
      const { layer } = drawn;
      const lowest = i === 0;
      const blend = lowest && (layer.blend === 'min' || layer.blend === 'multiply') ? 'over' : layer.blend;
      const material = this.#prepare('slices', { ...scene, depth: null }, drawn, blend);
      if (!material) return;
      setUniforms(
        material,
        sliceUniforms(
          scene.frame,
          { ...drawn, worldFromLayer: layer.worldFromLayer },
          planes.normals,
          planes.positionNm,
          planes.bounds,
        ),
      );
      material.depthTest = true;
      material.depthWrite = lowest;
      if (lowest) this.#render(renderer, withBlack(material));
      material.depthWrite = false;
      setUniforms(material, { uOpacity: layer.opacity });
      setBlending(material, blend);
      if (blend === 'difference') this.#keepBelow(renderer, scene.frame, material);
      this.#render(renderer, material);
    });
  }

  /** Forgets what layers had that are no more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, textures] of this.#textures) {
      if (ids.has(id)) continue;
      textures.dispose();
      this.#textures.delete(id);
    }
  }

  dispose(): void {
    this.keepOnly(new Set());
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
    const textures = this.#texturesOf(layer.id);
    textures.takeTable(table);
    setUniforms(material, {
      ...own,
      ...lookUniforms(drawn, textures),
      uCells: textures.cells,
      uInfo: textures.info,
      uPoolOf: pools.ofLevel,
      ...Object.fromEntries(pools.textures.map((texture, i) => [`uPool${i}`, texture])),
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

  #texturesOf(id: string): LayerTextures {
    const known = this.#textures.get(id) ?? new LayerTextures();
    this.#textures.set(id, known);
    return known;
  }

  /** Copies what is drawn: no blending of the GPU makes a difference. */
  #keepBelow(renderer: WebGLRenderer, { width, height }: OrbitFrame, material: RawShaderMaterial): void {
    if (this.#below?.image.width !== width || this.#below.image.height !== height) {
      this.#below?.dispose();
      this.#below = new FramebufferTexture(width, height);
    }
    renderer.copyFramebufferToTexture(this.#below);
    setUniforms(material, { uBelow: this.#below });
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

/** The textures of the levels from the target on, and which of them each level has (-1: none that a program can read). */
function poolsOf({ table, poolOf }: RayLayer): {
  readonly textures: readonly Texture[];
  readonly ofLevel: readonly number[];
} {
  const textures: Texture[] = [];
  const ofLevel = table.levels.map(({ level }) => {
    const pool = poolOf(level);
    if (!pool) return 0;
    if (!textures.includes(pool) && textures.length < mostPools) textures.push(pool);
    return Math.max(0, textures.indexOf(pool));
  });
  return { textures, ofLevel };
}

function withBlack(material: RawShaderMaterial): RawShaderMaterial {
  setUniforms(material, { uOpacity: -1 });
  material.blending = NoBlending;
  return material;
}

function setUniforms(material: RawShaderMaterial, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const uniform = material.uniforms[name];
    if (uniform) uniform.value = value;
    else material.uniforms[name] = { value };
  }
}

function setBlending(material: RawShaderMaterial, blend: Blend): void {
  material.blending = blend === 'difference' ? NoBlending : CustomBlending;
  material.blendEquation = blend === 'max' ? MaxEquation : blend === 'min' ? MinEquation : AddEquation;
  material.blendSrc = blend === 'multiply' ? DstColorFactor : OneFactor;
  material.blendDst =
    blend === 'multiply' ? ZeroFactor : blend === 'over' || blend === 'additive' ? OneMinusSrcAlphaFactor : OneFactor;
}
