import type { MeshManifest } from '../../../../preload/contract/shape.ts';

/** A manifest ready to walk. A node is a box of a level; nodes are numbered level after level, finest first. */
export interface MeshTree {
  readonly key: string;
  readonly nodes: number;
  /** minX minY minZ maxX maxY maxZ a node, nm. */
  readonly boxesNm: Float64Array;
  /** The size of the detail that a node lacks, nm; infinite where a level is left out: its boxes are empty. */
  readonly lodScaleNm: Float64Array;
  /** As they come; 0: the box is empty. */
  readonly bytes: Float64Array;
  readonly roots: readonly number[];
  /** The children of node n are `children[childrenFrom[n]]` up to `childrenFrom[n + 1]`. */
  readonly childrenFrom: Uint32Array;
  readonly children: Uint32Array;
  /** The first node of each level. */
  readonly firstOfLevel: readonly number[];
}

/** Throws a RangeError that says what is wrong where boxes are no boxes, or parents are not there. */
export function treeOf({ key, levels }: MeshManifest): MeshTree {
  const firstOfLevel: number[] = [];
  let nodes = 0;
  for (const { bytes } of levels) {
    firstOfLevel.push(nodes);
    nodes += bytes.length;
  }
  levels.forEach((level, at) => checkLevel(level, at, levels[at + 1]?.bytes.length ?? 0));
  const parentOf = new Int32Array(nodes).fill(-1);
  const scales = new Float64Array(nodes);
  levels.forEach(({ parents, lodScaleNm }, level) =>
    parents.forEach((parent, box) => {
      const node = (firstOfLevel[level] ?? 0) + box;
      // As Neuroglancer has it, a level of scale 0 is not there, but for the finest.
      scales[node] = level > 0 && lodScaleNm === 0 ? Infinity : lodScaleNm;
      if (parent >= 0) parentOf[node] = (firstOfLevel[level + 1] ?? 0) + parent;
    }),
  );
  const roots = Array.from(parentOf.keys()).filter((node) => parentOf[node] === -1);
  return {
    key,
    nodes,
    boxesNm: Float64Array.from(levels.flatMap(({ boxesNm }) => boxesNm)),
    lodScaleNm: scales,
    bytes: Float64Array.from(
      levels.flatMap(({ bytes, lodScaleNm }, level) => (level > 0 && lodScaleNm === 0 ? bytes.map(() => 0) : bytes)),
    ),
    roots,
    ...childrenOf(parentOf),
    firstOfLevel,
  };
}

function checkLevel({ boxesNm, bytes, parents }: MeshManifest['levels'][number], level: number, coarser: number): void {
  const where = `level ${level} of its manifest`;
  if (boxesNm.length !== bytes.length * 6 || parents.length !== bytes.length)
    throw new RangeError(
      `${where} has ${bytes.length} sizes, ${parents.length} parents and ${boxesNm.length / 6} boxes`,
    );
  const lost = parents.find((parent) => parent >= coarser || parent < -1 || !Number.isInteger(parent));
  if (lost !== undefined) throw new RangeError(`${where} names box ${lost} of the next level, which has ${coarser}`);
  for (let i = 0; i < boxesNm.length; i++) {
    const low = boxesNm[i - (i % 6 >= 3 ? 3 : 0)] ?? 0;
    const nm = boxesNm[i] ?? Number.NaN;
    if (!Number.isFinite(nm) || nm < low) throw new RangeError(`${where} has a box from ${low} to ${nm} nm`);
  }
}

function childrenOf(parentOf: Int32Array): Pick<MeshTree, 'childrenFrom' | 'children'> {
  const childrenFrom = new Uint32Array(parentOf.length + 1);
  for (const parent of parentOf) if (parent >= 0) childrenFrom[parent + 1]! += 1;
  for (let node = 0; node < parentOf.length; node++) childrenFrom[node + 1]! += childrenFrom[node]!;
  const children = new Uint32Array(childrenFrom[parentOf.length] ?? 0);
  const next = childrenFrom.slice();
  parentOf.forEach((parent, node) => {
    if (parent >= 0) children[next[parent]!++] = node;
  });
  return { childrenFrom, children };
}

/** Where the engine knows a node by. */
export function addressOf({ firstOfLevel }: MeshTree, node: number): { readonly level: number; readonly box: number } {
  const level = firstOfLevel.findLastIndex((first) => first <= node);
  return { level, box: node - (firstOfLevel[level] ?? 0) };
}

export const nodeAt = ({ firstOfLevel }: MeshTree, level: number, box: number): number =>
  (firstOfLevel[level] ?? Number.NaN) + box;
