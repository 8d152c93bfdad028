import { type Affine3, invertAffine3 } from '../transforms/affine3.ts';

/** A transform as a file of ITK says it: `AffineTransform_double_3_3`, its numbers, and what it turns about. */
export interface ItkTransform {
  readonly type: string;
  readonly parameters: readonly number[];
  readonly fixed: readonly number[];
}

/** How many parameters a kind has, and the map (rows of 4, millimetres) that they say about a centre. */
interface Kind {
  readonly parameters: number;
  map(parameters: readonly number[], fixed: readonly number[]): Affine3;
}

type Linear = readonly number[];

/** y = M (x - c) + c + t. */
function aboutCentre(linear: Linear, shift: readonly number[], fixed: readonly number[]): Affine3 {
  const centre = [0, 1, 2].map((k) => fixed[k] ?? 0);
  return [0, 1, 2].flatMap((row) => {
    const [a = 0, b = 0, c = 0] = linear.slice(3 * row, 3 * row + 3);
    const turned = a * centre[0]! + b * centre[1]! + c * centre[2]!;
    return [a, b, c, centre[row]! + (shift[row] ?? 0) - turned];
  });
}

const product = (m: Linear, n: Linear): Linear =>
  Array.from({ length: 9 }, (_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + m[3 * Math.floor(i / 3) + k]! * n[3 * k + (i % 3)]!, 0),
  );

/** Rz Rx Ry; Rz Ry Rx where the fourth fixed parameter is not 0. */
function fromAngles([x = 0, y = 0, z = 0]: readonly number[], isZyx: boolean): Linear {
  const about = {
    x: [1, 0, 0, 0, Math.cos(x), -Math.sin(x), 0, Math.sin(x), Math.cos(x)],
    y: [Math.cos(y), 0, Math.sin(y), 0, 1, 0, -Math.sin(y), 0, Math.cos(y)],
    z: [Math.cos(z), -Math.sin(z), 0, Math.sin(z), Math.cos(z), 0, 0, 0, 1],
  };
  return product(about.z, isZyx ? product(about.y, about.x) : product(about.x, about.y));
}

/** The vector part of a unit quaternion. One that is too long is of half a turn. */
function fromVersor(vector: readonly number[]): Linear {
  const length = Math.hypot(...vector.slice(0, 3));
  const [x = 0, y = 0, z = 0] = vector.map((value) => (length > 1 ? value / length : value));
  const w = Math.sqrt(Math.max(0, 1 - x * x - y * y - z * z));
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    ...[2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    ...[2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
}

/** ITK adds what scales and skews to the turn, it does not multiply. */
function withScales(turn: Linear, [x = 1, y = 1, z = 1]: readonly number[], skews: readonly number[] = []): Linear {
  const [xy = 0, xz = 0, yx = 0, yz = 0, zx = 0, zy = 0] = skews;
  const added = [x - 1, xy, xz, yx, y - 1, yz, zx, zy, z - 1];
  return turn.map((value, i) => value + added[i]!);
}

const unit: Linear = [1, 0, 0, 0, 1, 0, 0, 0, 1];

const general: Kind = { parameters: 12, map: (p, fixed) => aboutCentre(p.slice(0, 9), p.slice(9), fixed) };

/** What ITK, ANTs, SimpleITK and 3D Slicer write of maps that do not bend. */
const kinds: Readonly<Record<string, Kind>> = {
  IdentityTransform: { parameters: 0, map: () => aboutCentre(unit, [], []) },
  TranslationTransform: { parameters: 3, map: (p) => aboutCentre(unit, p, []) },
  AffineTransform: general,
  MatrixOffsetTransformBase: general,
  Rigid3DTransform: general,
  ScaleTransform: { parameters: 3, map: (p, fixed) => aboutCentre(withScales(unit, p), [], fixed) },
  Euler3DTransform: {
    parameters: 6,
    map: (p, fixed) => aboutCentre(fromAngles(p, (fixed[3] ?? 0) !== 0), p.slice(3), fixed),
  },
  VersorTransform: { parameters: 3, map: (p, fixed) => aboutCentre(fromVersor(p), [], fixed) },
  VersorRigid3DTransform: {
    parameters: 6,
    map: (p, fixed) => aboutCentre(fromVersor(p.slice(0, 3)), p.slice(3), fixed),
  },
  Similarity3DTransform: {
    parameters: 7,
    map: (p, fixed) => {
      const linear = fromVersor(p.slice(0, 3)).map((value) => value * p[6]!);
      return aboutCentre(linear, p.slice(3, 6), fixed);
    },
  },
  ScaleVersor3DTransform: {
    parameters: 9,
    map: (p, fixed) => aboutCentre(withScales(fromVersor(p.slice(0, 3)), p.slice(6)), p.slice(3, 6), fixed),
  },
  ScaleSkewVersor3DTransform: {
    parameters: 15,
    map: (p, fixed) =>
      aboutCentre(withScales(fromVersor(p.slice(0, 3)), p.slice(6, 9), p.slice(9)), p.slice(3, 6), fixed),
  },
};

/** What is wrong with a transform, in a few words, and what to do about it. */
export interface Wrong {
  readonly wrong: string;
  readonly hint: string;
}

export const asField =
  'Write it as a field of displacements and import that: antsApplyTransforms -o [field.nii.gz,1], transformix -def all, TransformToDisplacementField of SimpleITK, or, in 3D Slicer, Transforms > Convert.';

/** The map (rows of 4) from millimetres to millimetres, x to the left, y to the back; or why there is none. */
export function itkMap({ type, parameters, fixed }: ItkTransform): Affine3 | Wrong {
  const [, name = type, from, to] = /^([A-Za-z0-9]+)_(?:double|float)_(\d+)_(\d+)$/.exec(type) ?? [];
  const shown = JSON.stringify(name.slice(0, 80));
  if (from !== undefined && (from !== '3' || to !== '3'))
    return { wrong: `it is a map of ${from} dimensions, not of 3`, hint: 'Give a transform of volumes.' };
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) return { wrong: `it holds a transform of the type ${shown}, which is no affine map`, hint: asField };
  const damaged = 'Write the file again, or copy it again from where it came.';
  if (parameters.length !== kind.parameters)
    return { wrong: `${shown} has ${parameters.length} parameters instead of ${kind.parameters}`, hint: damaged };
  if (fixed.length > 0 && fixed.length !== 3 && fixed.length !== 4)
    return { wrong: `${shown} turns about a centre of ${fixed.length} numbers`, hint: damaged };
  if (![...parameters, ...fixed].every(Number.isFinite))
    return { wrong: `${shown} has parameters that are no numbers`, hint: damaged };
  const map = kind.map(parameters, fixed);
  if (!map.every(Number.isFinite) || !invertAffine3(map))
    return { wrong: `${shown} flattens space: it has no way back`, hint: damaged };
  return map;
}

export const nameOfKind = (type: string): string => type.split('_')[0] ?? type;
