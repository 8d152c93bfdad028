import type { DataTexture } from 'three';
import { Color, LinearSRGBColorSpace, WebGLRenderer } from 'three';
import { BackgroundQuad } from './background-quad.ts';
import { BrickAtlas } from './brick-atlas.ts';
import { colourMapTexture, rgbOfHex } from './look.ts';
import type { OrbitPainter } from './orbit.ts';
import { SliceDrawer } from './slice-drawer.ts';
import { VolumePainter } from './volume/volume-painter.ts';

export const background = '#0e0e10';

/** Everything that lives on the GPU, and can be lost at any moment and made again from what is in memory. */
export class Graphics {
  readonly renderer: WebGLRenderer;
  readonly canvas: OffscreenCanvas;
  readonly slices = new SliceDrawer();
  readonly background = new BackgroundQuad(rgbOfHex(background));
  readonly colourMaps: DataTexture = colourMapTexture();
  readonly max3D: number;
  atlas: BrickAtlas;

  /** Throws where there is no WebGL 2. `onLost` is told when the context goes. */
  constructor(capBytes: number, onLost: () => void) {
    this.canvas = new OffscreenCanvas(16, 16);
    const context = this.canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: true,
      stencil: false,
      powerPreference: 'high-performance',
    });
    if (!context) throw new Error('WebGL 2 is not available');
    this.renderer = new WebGLRenderer({ canvas: this.canvas, context, alpha: true, antialias: false });
    this.renderer.autoClear = false;
    this.renderer.sortObjects = false;
    // The buffer holds colours as they are shown: three must not convert the background.
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.renderer.setClearColor(new Color(...rgbOfHex(background)), 1);
    this.max3D = Number(context.getParameter(context.MAX_3D_TEXTURE_SIZE));
    this.atlas = new BrickAtlas(capBytes, Math.min(this.max3D, 1024));
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      onLost();
    });
  }

  setCap(capBytes: number): void {
    this.atlas.dispose();
    this.atlas = new BrickAtlas(capBytes, Math.min(this.max3D, 1024));
  }

  /** One for each 3-D pane. */
  orbitPainter(): OrbitPainter {
    return new VolumePainter();
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
    this.atlas.dispose();
    this.slices.dispose();
    this.background.dispose();
    this.colourMaps.dispose();
    this.renderer.dispose();
  }
}
