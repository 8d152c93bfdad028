import { opposite, type End } from '../orientation.ts';
import type { Axis } from '../volume-geometry.ts';

/** The directions in which an atlas is looked at, as its orientation tells them. Pure. */

/** Along an axis of the voxels; `back`: towards voxel 0. */
export interface Direction {
  readonly axis: Axis;
  readonly back: boolean;
}

export type OutsideId = 'above' | 'left' | 'right' | 'front';
export type CutId = 'coronal' | 'sagittal' | 'horizontal';
export type FaceId = OutsideId | CutId;

/** A picture of an atlas: where its right and its lower edge lie, and where whoever looks at it looks. */
export interface Face {
  readonly id: FaceId;
  readonly title: string;
  readonly right: Direction;
  readonly down: Direction;
  readonly into: Direction;
  /** What lies beyond each edge: `A`, or `-x` where the atlas does not say. */
  readonly edges: { readonly left: string; readonly right: string; readonly top: string; readonly bottom: string };
}

interface Looks {
  readonly id: FaceId;
  readonly title: string;
  /** Towards these. */
  readonly right: End;
  readonly down: End;
  readonly into: End;
}

/** As drawings of brains have them: in front is up or at the left, and left is left but for who is looked in the face. */
const outside: readonly Looks[] = [
  { id: 'left', title: 'Left', right: 'p', down: 'i', into: 'r' },
  { id: 'above', title: 'Above', right: 'r', down: 'p', into: 'i' },
  { id: 'right', title: 'Right', right: 'a', down: 'i', into: 'l' },
  { id: 'front', title: 'Front', right: 'l', down: 'i', into: 'p' },
];
const cuts: readonly Looks[] = [
  { id: 'coronal', title: 'Coronal', right: 'r', down: 'i', into: 'p' },
  { id: 'sagittal', title: 'Sagittal', right: 'p', down: 'i', into: 'r' },
  { id: 'horizontal', title: 'Horizontal', right: 'r', down: 'p', into: 'i' },
];

export interface Faces {
  readonly outside: readonly Face[];
  readonly cuts: readonly Face[];
}

/** `orientation`: where x, y and z begin (`asl`); null where the atlas does not say: edges are named by axes then. */
export function facesOf(orientation: string | null): Faces {
  const begins = [...(orientation ?? 'lsa')] as End[];
  const towards = (end: End): Direction => {
    const axis = begins.findIndex((begin) => begin === end || begin === opposite[end]) as Axis;
    return { axis, back: begins[axis] === end };
  };
  const word = (end: End): string => {
    if (orientation !== null) return end.toUpperCase();
    const { axis, back } = towards(end);
    return `${back ? '−' : '+'}${'xyz'[axis]}`;
  };
  const faceOf = (isCut: boolean, { id, title, right, down, into }: Looks): Face => ({
    id,
    title:
      orientation !== null ? title : isCut ? `Across ${'xyz'[towards(into).axis]}` : `From ${word(opposite[into])}`,
    ...{ right: towards(right), down: towards(down), into: towards(into) },
    edges: { left: word(opposite[right]), right: word(right), top: word(opposite[down]), bottom: word(down) },
  });
  return {
    outside: outside.map((looks) => faceOf(false, looks)),
    cuts: cuts.map((looks) => faceOf(true, looks)),
  };
}
