import type { MeshManifest, ShapeSet } from '../../../preload/contract/shape.ts';
import type { OpenShapes } from '../formats/shapes/shape-format.ts';
import { ledMesh, ledSkeleton, pointsOf } from './led-vertices.ts';

/** A map that shapes are seen through. */
export interface ShapeWay {
  /** Leads points (x, y, z of each, nanometres) in place; NaN where it leads nowhere. */
  lead(points: Float64Array, signal: AbortSignal): Promise<void>;
  /** Left hands become right ones. */
  readonly mirrors: boolean;
}

const forever = new AbortController().signal;

/** Shapes in another space: each is led there as it is read, so that nothing of a large set is made beforehand. */
export function ledShapes(shapes: OpenShapes, way: ShapeWay): OpenShapes {
  const set = { facts: shapes.facts, keys: (signal?: AbortSignal) => shapes.keys(signal) };
  if (shapes.kind === 'skeleton')
    return {
      ...set,
      kind: 'skeleton',
      skeleton: async (key, signal = forever) => {
        const found = await shapes.skeleton(key, signal);
        const points = pointsOf(found.bytes, found.nodes);
        await way.lead(points, signal);
        return ledSkeleton(found, points);
      },
    };
  return {
    ...set,
    kind: 'mesh',
    manifest: async (key, signal = forever) => ledManifest(await shapes.manifest(key, signal), way, signal),
    mesh: async (at, signal = forever) => {
      const found = await shapes.mesh(at, signal);
      const points = pointsOf(found.bytes, found.vertices);
      await way.lead(points, signal);
      return ledMesh(found, points, way.mirrors);
    },
  };
}

async function ledManifest(manifest: MeshManifest, way: ShapeWay, signal: AbortSignal): Promise<MeshManifest> {
  const levels = [];
  for (const level of manifest.levels)
    levels.push({ ...level, boxesNm: [...(await ledBoxes(level.boxesNm, way, signal))] });
  return { ...manifest, levels };
}

/** Along each side of a box, where it is looked whither it leads. */
const probes = 3;
/** What is between the probes bends by a part of the box: so much room is left around them. */
const room = 0.05;

/** Boxes (least x, y, z, largest x, y, z) around where boxes lead; one that leads nowhere stays. */
async function ledBoxes(boxes: readonly number[], way: ShapeWay, signal: AbortSignal): Promise<Float64Array> {
  const [count, each] = [boxes.length / 6, probes ** 3];
  const points = new Float64Array(count * each * 3);
  for (let i = 0; i < points.length; i++) {
    const [box, n, k] = [Math.floor(i / (3 * each)), Math.floor(i / 3) % each, i % 3];
    const step = Math.floor(n / probes ** k) % probes;
    const [low, high] = [boxes[6 * box + k]!, boxes[6 * box + 3 + k]!];
    points[i] = low + ((high - low) * step) / (probes - 1);
  }
  await way.lead(points, signal);
  const out = Float64Array.from(boxes);
  for (let box = 0; box < count; box++) {
    const found = boundsOf(points.subarray(3 * each * box, 3 * each * (box + 1)));
    if (!found) continue;
    for (let k = 0; k < 3; k++) {
      const margin = room * (found.max[k]! - found.min[k]!);
      out[6 * box + k] = found.min[k]! - margin;
      out[6 * box + 3 + k] = found.max[k]! + margin;
    }
  }
  return out;
}

/** Of the points that are anywhere; null where none is. */
export function boundsOf(points: Float64Array): NonNullable<ShapeSet['boundsNm']> | null {
  const [min, max]: [[number, number, number], [number, number, number]] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ];
  for (let i = 0; i < points.length; i++) {
    const value = points[i]!;
    if (!Number.isFinite(value)) continue;
    const k = (i % 3) as 0 | 1 | 2;
    min[k] = Math.min(min[k], value);
    max[k] = Math.max(max[k], value);
  }
  return min.every(Number.isFinite) ? { min, max } : null;
}

/** Bounds of a set once it is led; null where they are not known. */
export async function ledBounds(
  boundsNm: ShapeSet['boundsNm'],
  way: ShapeWay,
  signal: AbortSignal,
): Promise<ShapeSet['boundsNm']> {
  if (!boundsNm) return null;
  const [a, b, c, d, e, f] = await ledBoxes([...boundsNm.min, ...boundsNm.max], way, signal);
  return { min: [a!, b!, c!], max: [d!, e!, f!] };
}
