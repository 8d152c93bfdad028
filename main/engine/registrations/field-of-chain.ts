import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { type Affine3, affineMap, composeAffine3 } from '../transforms/affine3.ts';
import type { VectorField } from '../transforms/vector-field.ts';
import type { BlockSource } from '../volumes/write-blocks.ts';
import type { Chain } from '../volumes/warped/chain.ts';
import { levelOfGrid } from './grid-level.ts';
import { ledGrid } from './led-grid.ts';
import { paddedField } from './padded-field.ts';

/** Nodes on which a chain is written as one field, all over a volume, and the chain that is asked for vectors there. */
export interface ChainGrid {
  readonly steps: Chain['steps'];
  readonly level: VolumeLevelPlan;
}

/** Between nodes of an affine map, which is exact between any: so many along the longest side. */
const affineNodes = 8;

/**
 * The nodes of the chain's field where it comes first, bends alone and lies over all of the volume, and a node more around it. Of any other
 * chain nodes from corner to corner of the volume, `spacingNm` apart: half of its field's spacing where left out.
 */
export function chainGrid({ steps, fieldLevel }: Chain, over: VolumeLevelPlan, spacingNm?: number): ChainGrid {
  const [first, ...others] = steps;
  const isAlone = others.every(({ type }) => type === 'affine');
  if (spacingNm === undefined && first?.type === 'field' && !first.inverse && isAlone) {
    const level = ownNodes(first.field, over);
    if (level) return { steps: [{ ...first, field: paddedField(first.field) }, ...others], level };
  }
  const extent = mapAxes((i) => over.sizeXyz[i] * over.voxelSizeNm[i]);
  const usual = fieldLevel ? Math.min(...fieldLevel.voxelSizeNm) / 2 : Math.max(...extent) / affineNodes;
  const cells = mapAxes((i) => Math.max(1, Math.ceil(extent[i] / (spacingNm ?? usual) - 1e-6)));
  const sides = mapAxes((i) => extent[i] / cells[i]);
  const originNm = mapAxes((i) => over.originNm[i] - sides[i] / 2);
  const sizeXyz = mapAxes((i) => cells[i] + 1);
  return { steps, level: levelOfGrid({ sizeXyz, voxelSizeNm: sides, originNm }) };
}

/** Null where the field is turned, or does not lie over all of the volume. */
function ownNodes({ indexFromPoint: m, sizeXyz }: VectorField, over: VolumeLevelPlan): VolumeLevelPlan | null {
  const isStraight = [1, 2, 4, 6, 8, 9].every((i) => m[i] === 0) && [0, 5, 10].every((i) => (m[i] ?? 0) > 0);
  if (!isStraight) return null;
  // An inverse of an inverse: 200,000 nm are not 199,999.99999999997.
  const sides = mapAxes((i) => Number((1 / m[5 * i]!).toPrecision(12)));
  // Where node 0 has its centre, and the outer corner of the one that is put before it.
  const first = mapAxes((i) => -m[4 * i + 3]! * sides[i]);
  const originNm = mapAxes((i) => first[i] - 1.5 * sides[i]);
  const covers = ([0, 1, 2] as const).every((i) => {
    const [begin, end] = [first[i] - sides[i] / 2, first[i] + (sizeXyz[i] - 0.5) * sides[i]];
    const slack = 1e-6 * sides[i];
    return begin <= over.originNm[i] + slack && end >= over.originNm[i] + over.sizeXyz[i] * over.voxelSizeNm[i] - slack;
  });
  if (!covers) return null;
  return levelOfGrid({ sizeXyz: mapAxes((i) => sizeXyz[i] + 2), voxelSizeNm: sides, originNm });
}

/** The same spacing from a whole number of voxels on, for formats that know no other places. */
export function withWholeOrigin(nodes: ChainGrid): ChainGrid {
  const { level } = nodes;
  const sides = level.voxelSizeNm;
  const originNm = mapAxes((i) => Math.floor(level.originNm[i] / sides[i] + 1e-6) * sides[i]);
  const isThere = originNm.every((nm, i) => Math.abs(nm - level.originNm[i as 0]) < 1e-5 * sides[i as 0]);
  if (isThere) return { ...nodes, level: { ...level, originNm } };
  const sizeXyz = mapAxes((i) => level.sizeXyz[i] + 1);
  return { ...nodes, level: levelOfGrid({ sizeXyz, voxelSizeNm: sides, originNm }) };
}

export interface Frames {
  /** From nanometres of the volumes to the space and unit in which vectors are wanted. */
  readonly fromResult: Affine3;
  readonly fromSource: Affine3;
  /** Which part of the vectors comes first. */
  readonly parts: readonly (0 | 1 | 2)[];
}

/** The vectors of a box of nodes, f32, part after part: from where a node lies to where it is led. */
export function vectorsAt(
  { steps, level }: ChainGrid,
  { fromResult, fromSource, parts }: Frames,
  by: { readonly kernels: Kernels; readonly toleranceNm: number },
): BlockSource {
  return async ({ min, size }, _at, signal) => {
    const step = level.voxelSizeNm;
    const first = mapAxes((i) => level.originNm[i] + (min[i] + 0.5) * step[i]);
    const led = await ledGrid({ steps }, { size, first, step }, by, signal);
    affineMap(fromSource).applyNow(led);
    const node = composeAffine3(fromResult, [
      step[0],
      0,
      0,
      first[0],
      0,
      step[1],
      0,
      first[1],
      0,
      0,
      step[2],
      first[2],
    ]);
    return new Uint8Array(displacements(led, node, size, parts).buffer);
  };
}

/** `node`: from the index of a node to where it lies. */
function displacements(led: Float64Array, node: Affine3, size: Vec3, parts: Frames['parts']): Float32Array {
  const count = voxelsIn(size);
  const out = new Float32Array(3 * count);
  for (const [n, part] of parts.entries()) {
    const [a = 0, b = 0, c = 0, d = 0] = node.slice(4 * part, 4 * part + 4);
    let at = 0;
    for (let z = 0; z < size[2]; z++)
      for (let y = 0; y < size[1]; y++)
        for (let x = 0; x < size[0]; x++, at++) out[n * count + at] = led[3 * at + part]! - (a * x + b * y + c * z + d);
  }
  return out;
}
