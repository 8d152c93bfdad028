import type { Camera, Material, Object3D } from 'three';
import { Matrix4, Mesh, MeshBasicMaterial, SRGBColorSpace, Vector3 } from 'three';

/** A triangle on its way to the canvas. */
export interface Face {
  /** Canvas pixels: x and y of three corners. */
  readonly corners: readonly number[];
  /** Towards the viewer. */
  readonly nearness: number;
  readonly colour: string;
}

/** Over the viewer's left shoulder, in view space. */
const light = new Vector3(-2, 4, 8).normalize();
/** How bright a face is that looks away from the light, of one. */
const shade = 0.55;

/**
 * Paints a small scene of three on a 2-D canvas: triangles back to front, each in one shade of its mesh's colour. The
 * graphics process, which without a graphics card has all it can do with the panes, has no part in it.
 */
export class FlatRenderer {
  readonly domElement: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D | null;
  #ratio = 1;

  constructor(canvas: OffscreenCanvas) {
    this.domElement = canvas;
    // Pixels that may be read stay in main memory: painting asks nothing of the graphics process.
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
  }

  /** Device pixels for each CSS pixel. */
  setPixelRatio(ratio: number): void {
    this.#ratio = ratio;
  }

  /** CSS pixels. */
  setSize(width: number, height: number): void {
    this.domElement.width = Math.round(width * this.#ratio);
    this.domElement.height = Math.round(height * this.#ratio);
  }

  render(scene: Object3D, camera: Camera): void {
    const { width, height } = this.domElement;
    const context = this.#context;
    if (!context) return;
    context.clearRect(0, 0, width, height);
    context.lineJoin = 'round';
    for (const face of facesIn(scene, camera, { width, height })) paint(context, face);
  }
}

/** The faces of all meshes that look at the viewer, farthest first, on a canvas of so many pixels. */
export function facesIn(scene: Object3D, camera: Camera, size: { width: number; height: number }): readonly Face[] {
  scene.updateMatrixWorld();
  camera.updateMatrixWorld();
  const faces: Face[] = [];
  scene.traverseVisible((object) => {
    if (object instanceof Mesh) faces.push(...facesOf(object, camera, size));
  });
  return faces.toSorted((a, b) => a.nearness - b.nearness);
}

function paint(
  context: OffscreenCanvasRenderingContext2D,
  { corners: [ax = 0, ay = 0, bx = 0, by = 0, cx = 0, cy = 0], colour }: Face,
): void {
  context.beginPath();
  context.moveTo(ax, ay);
  context.lineTo(bx, by);
  context.lineTo(cx, cy);
  context.closePath();
  // The line closes the seams between faces.
  context.fillStyle = context.strokeStyle = colour;
  context.fill();
  context.stroke();
}

/** The faces of a mesh that look at the viewer. */
function facesOf(
  { geometry, matrixWorld, material }: Mesh,
  camera: Camera,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Face[] {
  const viewFromMesh = new Matrix4().multiplyMatrices(camera.matrixWorldInverse, matrixWorld);
  const places = geometry.getAttribute('position');
  const points = Array.from({ length: places.count }, (_, i) =>
    new Vector3().fromBufferAttribute(places, i).applyMatrix4(viewFromMesh),
  );
  const index = geometry.getIndex()?.array ?? points.keys();
  const order = Array.from(index);
  const colour = colourOf(material);
  const faces: Face[] = [];
  for (let i = 0; i + 2 < order.length; i += 3) {
    const corners = order.slice(i, i + 3).flatMap((at) => points[at] ?? []);
    const [a, b, c] = corners;
    if (!a || !b || !c) continue;
    const normal = new Vector3().subVectors(b, a).cross(new Vector3().subVectors(c, a)).normalize();
    if (normal.z <= 0) continue;
    faces.push({
      corners: corners.flatMap((corner) => {
        const { x, y } = corner.clone().applyMatrix4(camera.projectionMatrix);
        return [((x + 1) / 2) * width, ((1 - y) / 2) * height];
      }),
      nearness: a.z + b.z + c.z,
      colour: colour(shade + (1 - shade) * Math.max(0, normal.dot(light))),
    });
  }
  return faces;
}

/** The colour of a material in a brightness of 0 to 1. */
function colourOf(material: Material | readonly Material[]): (brightness: number) => string {
  const [first] = [material].flat();
  if (!(first instanceof MeshBasicMaterial)) return () => 'transparent';
  const { r, g, b } = first.color.getRGB({ r: 0, g: 0, b: 0 }, SRGBColorSpace);
  return (brightness) => `rgb(${[r, g, b].map((part) => Math.round(255 * brightness * part)).join(' ')})`;
}
