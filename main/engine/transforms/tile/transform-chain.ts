import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { mixedPlane, type PlaneMap, sequencePlane } from './plane-map.ts';
import { planeOfClass } from './transform-classes.ts';

const maxDepth = 16;
const maxLeaves = 256;

export interface Chain {
  readonly map: PlaneMap;
  /** In plain words, one for each transform that could not be read and stands as the identity. */
  readonly problems: readonly string[];
}

/** The map of Render's transforms, first to last: leaf, list, ref (by `shared`) and interpolated. */
export function chainOf(transforms: unknown, shared: ReadonlyMap<string, unknown>): Chain {
  const reader = new Reader(shared);
  return { map: reader.read(transforms ?? [], 0), problems: [...new Set(reader.problems)] };
}

const identity = sequencePlane([]);
/** What was read of maps of shared transforms, as long as these are there. They are never changed. */
const readOf = new WeakMap<ReadonlyMap<string, unknown>, Map<string, Chain>>();

class Reader {
  readonly problems: string[] = [];
  readonly #shared: ReadonlyMap<string, unknown>;
  readonly #known: Map<string, Chain>;
  #leaves = 0;

  constructor(shared: ReadonlyMap<string, unknown>) {
    this.#shared = shared;
    this.#known = readOf.get(shared) ?? new Map<string, Chain>();
    readOf.set(shared, this.#known);
  }

  read(node: unknown, depth: number): PlaneMap {
    if (depth > maxDepth || this.#leaves > maxLeaves)
      return this.#without('its transforms nest too deep or are too many; the rest was left out');
    if (Array.isArray(node)) return sequencePlane(node.slice(0, maxLeaves).map((child) => this.read(child, depth + 1)));
    return isSpec(node)
      ? this.#readSpec(node, depth)
      : this.#without('one of its transforms is no object and was left out');
  }

  #readSpec(spec: TransformSpec, depth: number): PlaneMap {
    const { type, specList, refId, a, b } = spec;
    if (Array.isArray(specList)) return this.read(specList, depth);
    if (type === 'interpolated' || (isSpec(a) && isSpec(b))) return this.#readMixed(spec, depth);
    return typeof refId === 'string' ? this.#readShared(refId, depth) : this.#readLeaf(spec);
  }

  /** Thousands of tiles refer to the same few: each is read once. */
  #readShared(refId: string, depth: number): PlaneMap {
    const known = this.#known.get(refId);
    if (known) this.problems.push(...known.problems);
    if (known) return known.map;
    if (!this.#shared.has(refId))
      return this.#without(`the shared transform ${quote(refId)} is not in the file and was left out`);
    const before = this.problems.length;
    const map = this.read(this.#shared.get(refId), depth + 1);
    this.#known.set(refId, { map, problems: this.problems.slice(before) });
    return map;
  }

  #readMixed({ a, b, lambda }: TransformSpec, depth: number): PlaneMap {
    if (typeof lambda === 'number' && Number.isFinite(lambda))
      return mixedPlane(this.read(a, depth + 1), this.read(b, depth + 1), lambda);
    return this.#without('an interpolated transform has no lambda and was left out');
  }

  #readLeaf({ className, dataString }: TransformSpec): PlaneMap {
    this.#leaves++;
    if (typeof className !== 'string') return this.#without('one of its transforms names no class and was left out');
    const map = planeOfClass(className, typeof dataString === 'string' ? dataString : '');
    if (map === undefined)
      return this.#without(`transform ${quote(className)} is of a class that Lamella does not know and was left out`);
    return (
      map ??
      this.#without(`transform ${quote(className)} has a data string that does not fit its class and was left out`)
    );
  }

  #without(problem: string): PlaneMap {
    this.problems.push(problem);
    return identity;
  }
}

const isSpec = (value: unknown): value is TransformSpec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (text: string): string => `"${text.length > 80 ? `${text.slice(0, 77)}…` : text}"`;
