import { randomBytes } from 'node:crypto';
import type { ParsedOf } from '../../../../preload/contract/define.ts';
import type { Onto, registerProcedures } from '../../../../preload/contract/register.ts';
import type { ShapeSet } from '../../../../preload/contract/shape.ts';
import type { OpenShapes } from '../../formats/shapes/shape-format.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import type { Kernels } from '../../jobs/job.ts';
import { type RegistrationRoom, stepsOnto, volumesOnto } from '../../registrations/chain-of.ts';
import { ledBounds, type ShapeWay } from '../../registrations/led-shapes.ts';
import { pointsOf } from '../../registrations/led-vertices.ts';
import { openWay, type WayBetween } from '../../registrations/open-led-shapes.ts';
import { registrationById } from '../../registrations/registration-rows.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { shapeRow, shapesById } from '../../store/shape-rows.ts';

/** A set of shapes of a library, open. */
export type ShapesOf = (library: LibraryStore, id: string, kernels: Kernels) => Promise<OpenShapes>;

type Input = ParsedOf<typeof registerProcedures.shapes>;

/** The way that points go to lie in the space of `onto`: a chain takes points of its result to its source. */
export function wayOnto(room: RegistrationRoom, id: string, onto: Onto): WayBetween {
  const registration = registrationById(room.library.read, id);
  const back: Onto = onto === 'fixed' ? 'moving' : 'fixed';
  const { result, source } = volumesOnto(registration, back);
  return { steps: stepsOnto(registration, back), from: result, to: source };
}

/** Adds a set that is seen through a registration. Its points are led as they are read. */
export async function leadShapes(room: RegistrationRoom, shapesOf: ShapesOf, input: Input) {
  const { library, kernels, signal } = room;
  const { set } = shapesById(library.read, input.shapes);
  const shapes = await shapesOf(library, input.shapes, kernels);
  const between = wayOnto(room, input.registration, input.onto);
  const way = await openWay(room, between);
  try {
    const to = (await room.volumes.shown(library, between.to, kernels)).volume.plan;
    const checked = await checkedOf(shapes, way, to, signal);
    const led: ShapeSet = {
      ...set,
      id: `shape-${randomBytes(6).toString('hex')}`,
      name: input.name ?? `${set.name}, in ${to.name}`.slice(0, 200),
      source: { kind: 'local', text: `${set.id} through ${input.registration}` },
      boundsNm: await ledBounds(set.boundsNm, way, signal),
      liesIn: between.to,
      createdAt: new Date().toISOString(),
    };
    const { kind, text: address } = led.source;
    const row = shapeRow(led, { kind, address, allowPrivate: false, led: { shapes: set.id, ...between } });
    library.edit(`Lead ${set.name} through a registration`, (tx) => tx.put('shape', row));
    return { shapes: led, checked };
  } finally {
    await way.close();
  }
}

/** So many shapes and vertices are looked at before a set is added; the others are led when they are read. */
const mostChecked = { shapes: 100, vertices: 2_000_000 } as const;

/** How many vertices of the first shapes lead nowhere, or beyond the volume whose space they are brought to. */
async function checkedOf(shapes: OpenShapes, way: ShapeWay, to: VolumePlan, signal: AbortSignal) {
  const found = { shapes: 0, vertices: 0, beyond: 0, nowhere: 0 };
  for (const { key } of (await shapes.keys(signal)).slice(0, mostChecked.shapes)) {
    if (found.vertices >= mostChecked.vertices) break;
    for (const points of await vertexListsOf(shapes, key, signal)) {
      await way.lead(points, signal);
      count(points, to, found);
    }
    found.shapes++;
  }
  return found;
}

/** Of a skeleton, or of the coarsest level of a mesh. */
async function vertexListsOf(shapes: OpenShapes, key: string, signal: AbortSignal): Promise<readonly Float64Array[]> {
  if (shapes.kind === 'skeleton') {
    const { bytes, nodes } = await shapes.skeleton(key, signal);
    return [pointsOf(bytes, nodes)];
  }
  const { levels } = await shapes.manifest(key, signal);
  const level = levels.length - 1;
  const lists: Float64Array[] = [];
  for (let box = 0; box < (levels[level]?.bytes.length ?? 0); box++) {
    const { bytes, vertices } = await shapes.mesh({ key, level, box }, signal);
    lists.push(pointsOf(bytes, vertices));
  }
  return lists;
}

function count(points: Float64Array, plan: VolumePlan, found: { vertices: number; beyond: number; nowhere: number }) {
  const { originNm, sizeXyz, voxelSizeNm } = levelAt(plan, 0);
  found.vertices += points.length / 3;
  for (let p = 0; p + 2 < points.length; p += 3) {
    const at = points.subarray(p, p + 3);
    if (!at.every(Number.isFinite)) found.nowhere++;
    else if (!at.every((v, k) => v >= originNm[k]! && v <= originNm[k]! + sizeXyz[k]! * voxelSizeNm[k]!))
      found.beyond++;
  }
}
