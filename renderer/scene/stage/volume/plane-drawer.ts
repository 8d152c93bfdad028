import type { WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera,
  DoubleSide,
  DynamicDrawUsage,
  EqualDepth,
  FramebufferTexture,
  GLSL3,
  LessDepth,
  Matrix3,
  Mesh,
  NoBlending,
  RawShaderMaterial,
  Scene,
  Vector2,
  Vector3,
} from 'three';
import { map3 } from '../../../state/volume-geometry.ts';
import type { Graphics } from '../graphics.ts';
import { lookUniforms, setLook } from '../look.ts';
import type { OrbitScene } from '../orbit.ts';
import type { Ramps } from '../plane-cuts.ts';
import { rampsOf } from '../plane-cuts.ts';
import { viewThrough } from '../plane-view.ts';
import { blendOf, kindOf, readShiftPx } from '../slice-drawer.ts';
import type { SliceKind } from '../slice-material.ts';
import { blendedAs, definesOf } from '../slice-material.ts';
import type { RayLayer } from './layer-table.ts';
import { poolsOf, putUniforms, tableNumbers, tableTextures } from './layer-table.ts';
import type { LayerShelf } from './layer-textures.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import type { PlanePiece } from './plane-pieces.ts';
import { planePieces } from './plane-pieces.ts';
import { planeFragment, planeVertex } from './plane-shaders.ts';
import { slicePlanes } from './ray-layers.ts';

const mostCorners = 3 * 64;

/**
 * Draws the planes through the cross-hair into a 3-D pane. First what the layers cover, black, which settles which plane is
 * seen at a pixel; then the layers of that plane over it, bottom first, at the very same depth: blended as in slice panes.
 */
export class PlaneDrawer {
  readonly #shelf: LayerShelf;
  readonly #materials = new Map<string, RawShaderMaterial>();
  readonly #corners = new BufferAttribute(new Float32Array(3 * mostCorners), 3).setUsage(DynamicDrawUsage);
  readonly #geometry = new BufferGeometry().setAttribute('position', this.#corners);
  readonly #mesh = new Mesh(this.#geometry);
  readonly #scene = new Scene();
  readonly #camera = new Camera();
  #below: FramebufferTexture | null = null;

  constructor(shelf: LayerShelf) {
    this.#shelf = shelf;
    this.#mesh.frustumCulled = false;
    this.#scene.add(this.#mesh);
  }

  /** Into a target that is cleared, with depth. `layers`: bottom first. */
  draw(graphics: Graphics, orbit: OrbitScene, frame: OrbitFrame, layers: readonly RayLayer[]): void {
    const { boundsNm, scene, size } = orbit;
    const pieces = planePieces(frame, size, slicePlanes(orbit), boundsNm, scene.clip);
    const runs = this.#load(pieces);
    const place = placeOf(orbit, frame);
    const parts = layers.flatMap((drawn) => {
      const pools = poolsOf(drawn);
      const k = orbit.layers.indexOf(drawn.drawn);
      return pools.textures.length > 0 ? [{ drawn, pools, kind: kindOf(drawn.drawn, blendOf(drawn.drawn, k)) }] : [];
    });
    for (const step of ['cover', 'colour'] as const)
      for (const [i, { view }] of pieces.entries())
        for (const { drawn, pools, kind } of parts) {
          const ramps = rampsIn(drawn, view);
          if (!ramps) continue;
          const material = this.#materialOf(step, kind, drawn, pools.textures.length);
          putUniforms(material, {
            ...place,
            ...rampUniforms(drawn, ramps, place.uOutlinePx),
            ...tableNumbers(drawn.table),
          });
          putUniforms(material, tableTextures(drawn, pools, this.#shelf.of(drawn.layer.id)));
          this.#setLook(material, drawn, graphics, scene.checkerPx * orbit.magnified);
          if (step === 'colour' && kind.blend === 'difference') this.#copyBelow(graphics.renderer, frame, material);
          this.#render(graphics.renderer, material, runs[i] ?? [0, 0]);
        }
  }

  /** Fans of triangles, one a piece: where they begin and how long they are. */
  #load(pieces: readonly PlanePiece[]): readonly (readonly [from: number, count: number])[] {
    const index: number[] = [];
    let vertex = 0;
    const runs = pieces.map(({ corners }) => {
      const from = index.length;
      corners.forEach(([x, y, z], i) => {
        this.#corners.setXYZ(vertex + i, x, y, z);
        if (i >= 2) index.push(vertex, vertex + i - 1, vertex + i);
      });
      vertex += corners.length;
      return [from, index.length - from] as const;
    });
    this.#corners.needsUpdate = true;
    this.#geometry.setIndex(index);
    return runs;
  }

  #materialOf(step: 'cover' | 'colour', kind: SliceKind, { table }: RayLayer, pools: number): RawShaderMaterial {
    const levels = table.levels.length;
    const drawn = step === 'cover' ? { ...covering, bits: kind.bits, checker: kind.checker } : kind;
    const name = `${step} ${levels} ${pools} ${JSON.stringify(drawn)}`;
    const known = this.#materials.get(name) ?? planeMaterial(step, drawn, levels, pools);
    this.#materials.set(name, known);
    return known;
  }

  #setLook(
    material: RawShaderMaterial,
    { layer, drawn, labelColours }: RayLayer,
    graphics: Graphics,
    checkerPx: number,
  ) {
    setLook(material, drawn.look, { colourMaps: graphics.colourMaps, labelColours });
    putUniforms(material, {
      uOdd: layer.type === 'image' && layer.checker === 'odd' ? 1 : 0,
      uCheckerPx: checkerPx,
    });
  }

  #copyBelow(renderer: WebGLRenderer, { width, height }: OrbitFrame, material: RawShaderMaterial): void {
    if (this.#below?.image.width !== width || this.#below.image.height !== height) {
      this.#below?.dispose();
      this.#below = new FramebufferTexture(width, height);
    }
    renderer.copyFramebufferToTexture(this.#below);
    putUniforms(material, { uBelow: this.#below });
  }

  #render(renderer: WebGLRenderer, material: RawShaderMaterial, [from, count]: readonly [number, number]): void {
    this.#mesh.material = material;
    this.#geometry.setDrawRange(from, count);
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#below?.dispose();
    for (const material of this.#materials.values()) material.dispose();
  }
}

/** What a layer covers does not depend on what it looks like. */
const covering = {
  blend: 'over',
  labels: false,
  outlines: false,
  checker: false,
  gamma: false,
  mapped: false,
} as const;

/** An outline of more voxels than this is looked for more coarsely. */
const mostSteps = 16;

/** Where pixels lie, as the slice shader has it. */
function placeOf({ size, board, ratio, magnified }: OrbitScene, frame: OrbitFrame) {
  const px = size.width / frame.width;
  const shift = readShiftPx * px;
  const [x, y] = [size.width / 2, size.height / 2];
  // Small pictures are stretched, but an outline is never thinner than a pixel.
  const outline = Math.max(1, Math.round(ratio * magnified)) / ratio;
  return {
    uPane: new Matrix3(px, 0, shift - x, 0, -size.height / frame.height, shift + y, 0, 0, 1),
    uBoard: new Vector2(...board),
    uOutlinePx: Math.max(px, outline),
  };
}

/** Where a plane's pixels lie among the voxels of a layer's table; null where the plane passes the layer by. */
function rampsIn({ drawn, table }: RayLayer, view: PlanePiece['view']): Ramps | null {
  const level = table.volume.levels[table.target];
  return level ? rampsOf(level, viewThrough(drawn.place.layerFromWorld, view)) : null;
}

function rampUniforms({ table }: RayLayer, ramps: Ramps, outlinePx: number): Readonly<Record<string, unknown>> {
  const mostVoxels = Math.max(...map3((a) => Math.max(Math.abs(ramps[a].perX), Math.abs(ramps[a].perY))));
  const brick = table.volume.levels[table.target]?.brick ?? [1, 1, 1];
  return {
    uAt: new Vector3(...map3((a) => ramps[a].at - table.from[a] * brick[a])),
    uPerX: new Vector3(...map3((a) => ramps[a].perX)),
    uPerY: new Vector3(...map3((a) => ramps[a].perY)),
    uOutlineSteps: Math.max(1, Math.min(mostSteps, Math.ceil(outlinePx * mostVoxels))),
  };
}

function planeMaterial(step: 'cover' | 'colour', kind: SliceKind, levels: number, pools: number): RawShaderMaterial {
  const covers = step === 'cover';
  return new RawShaderMaterial({
    ...blendedAs(kind.blend),
    ...(covers && { blending: NoBlending }),
    glslVersion: GLSL3,
    vertexShader: planeVertex,
    fragmentShader: planeFragment,
    defines: { ...definesOf(kind), ...(covers && { COVER: 1 }), LEVELS: levels, POOLS: pools },
    side: DoubleSide,
    depthTest: true,
    depthWrite: covers,
    depthFunc: covers ? LessDepth : EqualDepth,
    uniforms: { ...lookUniforms(), uBelow: { value: null } },
  });
}
