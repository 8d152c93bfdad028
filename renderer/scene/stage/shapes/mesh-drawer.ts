import type { IUniform, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  CustomBlending,
  DoubleSide,
  GLSL3,
  LineSegments,
  Mesh,
  OneFactor,
  OneMinusSrcAlphaFactor,
  RawShaderMaterial,
  Scene,
  Vector3,
} from 'three';
import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import type { GpuShelf } from './gpu-shelf.ts';
import { ShapeCamera, clipUniforms, setClips, worldFromOrigin } from './shape-camera.ts';
import { labelLookOf } from '../../../state/drawn-layers.ts';
import { shapeColour } from '../../../ui/shape-colour.ts';
import { meshFragment, meshVertex } from './shape-shaders.ts';
import type { Triangles } from './mesh-fragment.ts';
import type { MeshPart } from './shape-store.ts';
import { bytesOfTriangles } from './shape-store.ts';
import type { ViewFrame } from './view-frame.ts';

/** Colours are multiplied by their opacity: for a target that was cleared to nothing, or is so already. */
export const premultiplied = {
  transparent: true,
  blending: CustomBlending,
  blendSrc: OneFactor,
  blendDst: OneMinusSrcAlphaFactor,
  blendSrcAlpha: OneFactor,
  blendDstAlpha: OneMinusSrcAlphaFactor,
} as const;

/** Draws meshes into the current target, which has a depth buffer. */
export class MeshDrawer {
  readonly #camera = new ShapeCamera();
  readonly #scene = new Scene();
  readonly #material: RawShaderMaterial;
  readonly #shelf: GpuShelf;

  constructor(shelf: GpuShelf) {
    this.#shelf = shelf;
    this.#scene.matrixWorldAutoUpdate = false;
    this.#material = new RawShaderMaterial({
      ...premultiplied,
      glslVersion: GLSL3,
      vertexShader: meshVertex,
      fragmentShader: meshFragment,
      side: DoubleSide,
      uniforms: {
        ...clipUniforms(),
        uColour: { value: new Vector3() },
        uOpacity: { value: 1 },
        uSilhouette: { value: 0 },
        uUnlit: { value: 0 },
      },
    });
  }

  /**
   * A layer of which some can be seen through shows its nearest face alone: depth is written before colour.
   * `coarse`: likenesses of large parts will do.
   */
  draw(
    renderer: WebGLRenderer,
    frame: ViewFrame,
    clip: Clip,
    layer: LayerOf<'mesh'>,
    parts: readonly MeshPart[],
    coarse = false,
  ): void {
    if (parts.length === 0) return;
    this.#camera.follow(frame);
    const { uniforms } = this.#material;
    setClips(uniforms, clip, frame);
    set(uniforms, { uOpacity: layer.opacity, uSilhouette: layer.silhouette, uUnlit: Number(layer.wireframe) });
    this.#scene.clear();
    for (const part of parts) this.#scene.add(this.#objectOf(part, layer, coarse));
    if (layer.opacity < 1) {
      this.#material.colorWrite = false;
      renderer.render(this.#scene, this.#camera);
      this.#material.colorWrite = true;
    }
    renderer.render(this.#scene, this.#camera);
    this.#scene.clear();
  }

  #objectOf(part: MeshPart, layer: LayerOf<'mesh'>, coarse: boolean): Mesh | LineSegments {
    const triangles = (coarse ? part.coarse : null) ?? part.triangles;
    const how = triangles === part.coarse ? 'coarse ' : '';
    const sides = bytesOfTriangles(triangles);
    const object = layer.wireframe
      ? new LineSegments(
          this.#shelf.use(part, `${how}wire`, sides + triangles.indices.byteLength, () =>
            geometryOf(triangles, edgesOf(triangles)),
          ),
          this.#material,
        )
      : new Mesh(
          this.#shelf.use(part, `${how}faces`, sides, () => geometryOf(triangles, triangles.indices)),
          this.#material,
        );
    object.frustumCulled = false;
    object.matrixAutoUpdate = false;
    object.matrixWorld.copy(worldFromOrigin(layer.worldFromLayer, part.originNm));
    const [r, g, b] = shapeColour(part.key, layer.colour, labelLookOf(layer));
    const colour = new Vector3(r / 255, g / 255, b / 255);
    object.onBeforeRender = () => {
      set(this.#material.uniforms, { uColour: colour });
      this.#material.uniformsNeedUpdate = true;
    };
    return object;
  }

  dispose(): void {
    this.#material.dispose();
  }
}

export function set(uniforms: Record<string, IUniform>, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const uniform = uniforms[name];
    if (uniform) uniform.value = value;
  }
}

function geometryOf(triangles: Triangles, indices: Uint32Array): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(triangles.positions, 3));
  geometry.setAttribute('normal', new BufferAttribute(triangles.normals, 4, true));
  geometry.setIndex(new BufferAttribute(indices, 1));
  return geometry;
}

/** The three edges of each triangle. */
function edgesOf({ indices }: Triangles): Uint32Array {
  const edges = new Uint32Array(indices.length * 2);
  for (let i = 0; i < indices.length; i++) {
    edges[i * 2] = indices[i]!;
    edges[i * 2 + 1] = indices[i % 3 === 2 ? i - 2 : i + 1]!;
  }
  return edges;
}
