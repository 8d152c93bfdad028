import {
  type Affine,
  applyAffine,
  composeAffine,
  identityAffine,
  invertAffine,
} from '../../../preload/contract/space.ts';

/** What a tilespec's list of transforms comes to as one affine map, and what of it could not be used. */
export interface FlatTransform {
  readonly worldFromTile: Affine;
  /** Plain words, one for each transform left out or approximated, in list order. */
  readonly problems: readonly string[];
}

const maxDepth = 16;
const maxLeaves = 256;
/** A map that stretches further than this, or moves tiles beyond it in pixels, is a mistake in the file. */
const saneLinear = 1e4;
const saneShift = 1e12;

/**
 * Flattens Render's `transforms` (leaf, list, ref; applied first to last) of a width x height tile. Affine-type leaves
 * compose exactly; a polynomial is replaced by its affine part at the tile's centre; other classes are left out.
 * `shared` resolves refs where the file carries the shared transforms.
 */
export function flattenTransforms(
  transforms: unknown,
  shared: ReadonlyMap<string, unknown>,
  centre: readonly [number, number],
): FlatTransform {
  const problems: string[] = [];
  const leaves = leavesOf(transforms, shared, problems);
  const worldFromTile = leaves.reduce<Affine>(
    (map, leaf) => composeAffine(leafToAffine(leaf, applyAffine(map, ...centre), problems), map),
    identityAffine,
  );
  if (isSane(worldFromTile)) return { worldFromTile, problems };
  return {
    worldFromTile: identityAffine,
    problems: [...problems, 'its transforms come to no usable map and were left out'],
  };
}

type Leaf = Readonly<Record<string, unknown>>;

function leavesOf(root: unknown, shared: ReadonlyMap<string, unknown>, problems: string[]): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (node: unknown, depth: number): void => {
    if (leaves.length >= maxLeaves || depth > maxDepth) {
      problems.push('its transforms nest too deep or are too many, the rest was left out');
    } else if (Array.isArray(node)) {
      for (const child of node.slice(0, maxLeaves)) visit(child, depth + 1);
    } else if (isRecord(node)) {
      visitSpec(node, depth);
    }
  };
  const visitSpec = (spec: Leaf, depth: number): void => {
    if (Array.isArray(spec['specList'])) return visit(spec['specList'], depth);
    if (typeof spec['refId'] !== 'string') return void leaves.push(spec);
    if (shared.has(spec['refId'])) return visit(shared.get(spec['refId']), depth + 1);
    problems.push(`the shared transform ${quote(spec['refId'])} is not in the file and was left out`);
  };
  if (root !== undefined && root !== null) visit(root, 0);
  return leaves;
}

function leafToAffine(leaf: Leaf, at: readonly [number, number], problems: string[]): Affine {
  const className = typeof leaf['className'] === 'string' ? leaf['className'] : 'of no class';
  const simpleName = className.slice(className.lastIndexOf('.') + 1);
  const numbers = numbersOf(leaf['dataString']);
  const leftOut = (why: string): Affine => {
    problems.push(`transform ${quote(className)} ${why}`);
    return identityAffine;
  };
  const reader = readers.get(simpleName);
  if (!reader) return leftOut('is not affine and was left out');
  const map = numbers && reader(numbers, at);
  if (!map || !isSane(map)) return leftOut('has a data string that does not fit its class and was left out');
  if (simpleName === 'PolynomialTransform2D')
    problems.push(`transform ${quote(className)} was replaced by its affine part at the tile's centre`);
  return map;
}

type Reader = (numbers: readonly number[], at: readonly [number, number]) => Affine | null;

/** Data strings as mpicbg writes them. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'AffineModel2D',
    ([a, b, c, d, e, f, ...rest]) =>
      f === undefined || rest.length > 0 ? null : [a ?? 1, b ?? 0, c ?? 0, d ?? 1, e ?? 0, f],
  ],
  [
    'TranslationModel2D',
    ([tx, ty, ...rest]) => (ty === undefined || rest.length > 0 ? null : [1, 0, 0, 1, tx ?? 0, ty]),
  ],
  [
    'RigidModel2D',
    ([theta, tx, ty, ...rest]) => (ty === undefined || rest.length > 0 ? null : similarity(1, theta ?? 0, tx ?? 0, ty)),
  ],
  [
    'SimilarityModel2D',
    ([s, theta, tx, ty, ...rest]) =>
      ty === undefined || rest.length > 0 ? null : similarity(s ?? 1, theta ?? 0, tx ?? 0, ty),
  ],
  ['PolynomialTransform2D', polynomialAt],
]);

function similarity(s: number, theta: number, tx: number, ty: number): Affine {
  const [cos, sin] = [s * Math.cos(theta), s * Math.sin(theta)];
  return [cos, sin, -sin, cos, tx, ty];
}

/** First-order Taylor expansion at (x, y). Terms: for j = 0..order, for i = 0..j: x^(j-i) y^i; all of x', then of y'. */
function polynomialAt(numbers: readonly number[], [x, y]: readonly [number, number]): Affine | null {
  const terms = numbers.length / 2;
  const order = (Math.sqrt(8 * terms + 1) - 3) / 2;
  if (!Number.isInteger(order) || order < 1 || order > 10) return null;
  const [value, dx, dy] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ] as [[number, number], [number, number], [number, number]];
  let k = 0;
  for (let j = 0; j <= order; j++) {
    for (let i = 0; i <= j; i++, k++) {
      const p = j - i;
      for (const axis of [0, 1] as const) {
        const c = numbers[axis * terms + k] ?? 0;
        value[axis] += c * x ** p * y ** i;
        if (p > 0) dx[axis] += c * p * x ** (p - 1) * y ** i;
        if (i > 0) dy[axis] += c * i * x ** p * y ** (i - 1);
      }
    }
  }
  return [dx[0], dx[1], dy[0], dy[1], value[0] - dx[0] * x - dy[0] * y, value[1] - dx[1] * x - dy[1] * y];
}

/** The numbers of a data string, or null where a word is none. */
function numbersOf(text: unknown): readonly number[] | null {
  if (typeof text !== 'string' || text.length > 100_000) return null;
  const numbers = text.trim().split(/\s+/).map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

function isSane(m: Affine): boolean {
  const linear = m.slice(0, 4).every((v) => Number.isFinite(v) && Math.abs(v) <= saneLinear);
  const shift = m.slice(4).every((v) => Number.isFinite(v) && Math.abs(v) <= saneShift);
  return linear && shift && invertAffine(m) !== null;
}

const isRecord = (value: unknown): value is Leaf =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (text: string): string => `"${text.length > 80 ? `${text.slice(0, 77)}…` : text}"`;
