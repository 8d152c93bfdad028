import { WebGLRenderer } from 'three';
import type { Volume } from '../../../preload/contract/library.ts';
import { levelForProjection } from '../../state/volume-geometry.ts';
import { BrickAtlas } from './brick-atlas.ts';
import { DenseLevel, ProjectionDrawer } from './projection-drawer.ts';
import { projectionFragment, projectionVertex, sliceFragment, sliceVertex } from './shaders.ts';
import { SliceDrawer } from './slice-drawer.ts';

/** A projection holds a level whole: this many voxels at most. */
const projectionMostVoxels = 16e6;

/** Everything that lives on the GPU, and can be lost at any moment and made again from what is in memory. */
export class Graphics {
  readonly renderer: WebGLRenderer;
  readonly canvas: OffscreenCanvas;
  readonly slices = new SliceDrawer({ vertex: sliceVertex, fragment: sliceFragment });
  readonly projection = new ProjectionDrawer({ vertex: projectionVertex, fragment: projectionFragment });
  atlas: BrickAtlas | null = null;
  /** The coarsest level, shown until the right one is complete. */
  preview: DenseLevel | null = null;
  dense: DenseLevel | null = null;

  /** Throws where there is no WebGL 2. `onLost` is told when the context goes. */
  constructor(onLost: () => void) {
    this.canvas = new OffscreenCanvas(16, 16);
    const context = this.canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference: 'high-performance',
    });
    if (!context) throw new Error('WebGL 2 is not available');
    this.renderer = new WebGLRenderer({ canvas: this.canvas, context, alpha: true, antialias: false });
    this.renderer.autoClear = false;
    this.renderer.sortObjects = false;
    this.renderer.setClearColor(0x000000, 0);
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      onLost();
    });
  }

  adopt(volume: Volume | null, part: string, capBytes: number): void {
    this.atlas?.dispose();
    this.atlas = volume && new BrickAtlas(volume, capBytes, this.#limits().atlasEdge);
    this.adoptPart(volume, part);
  }

  /** Another channel or time: the atlas holds bricks of all of them, a dense level only of one. */
  adoptPart(volume: Volume | null, part: string): void {
    this.preview?.dispose();
    this.dense?.dispose();
    this.preview = this.dense = null;
    if (!volume) return;
    const level = projectionLevelOf(volume, this.#limits().max3D);
    const coarsest = volume.levels.length - 1;
    this.dense = new DenseLevel(volume, level, part);
    this.preview = level === coarsest ? null : new DenseLevel(volume, coarsest, part);
  }

  /** Whether a dense level still waits for a brick. */
  lacks(key: string): boolean {
    return (this.dense?.lacks(key) ?? false) || (this.preview?.lacks(key) ?? false);
  }

  #limits(): { readonly max3D: number; readonly atlasEdge: number } {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    const max3D = Number(gl.getParameter(gl.MAX_3D_TEXTURE_SIZE));
    return { max3D, atlasEdge: Math.min(max3D, 1024) };
  }

  /** The level to cast rays through now. */
  get shown(): DenseLevel | null {
    return this.dense?.complete === false && this.preview ? this.preview : this.dense;
  }

  /** Makes the drawing buffer at least so large; it never shrinks, because that is slow. */
  reserve(width: number, height: number): void {
    if (width <= this.canvas.width && height <= this.canvas.height) return;
    this.renderer.setSize(Math.max(width, this.canvas.width), Math.max(height, this.canvas.height), false);
  }

  /** Loses the context, as a driver that is restarted does. */
  lose(): void {
    this.renderer.forceContextLoss();
  }

  dispose(): void {
    this.atlas?.dispose();
    this.adoptPart(null, '');
    this.slices.dispose();
    this.projection.dispose();
    this.renderer.dispose();
  }
}

export const projectionLevelOf = (volume: Volume, maxEdge = 2048): number =>
  levelForProjection(volume, projectionMostVoxels, maxEdge);
