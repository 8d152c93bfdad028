import type { TransformSpec } from '../../../../preload/contract/transform.ts';

const maxDepth = 16;

/**
 * The leaves that a chain comes to, first to last, with lists opened and references followed; null where it cannot be
 * said by leaves (an interpolated transform, a reference that is not there).
 */
export function leavesOf(
  transforms: readonly TransformSpec[],
  shared: ReadonlyMap<string, TransformSpec>,
  depth = 0,
): readonly TransformSpec[] | null {
  if (depth > maxDepth) return null;
  const leaves: TransformSpec[] = [];
  for (const spec of transforms) {
    const inside = insideOf(spec, shared);
    const parts = inside === spec ? [spec] : inside && leavesOf(inside as readonly TransformSpec[], shared, depth + 1);
    if (!parts) return null;
    leaves.push(...parts);
  }
  return leaves;
}

/** What a spec stands for; itself where it is a leaf. */
function insideOf(
  spec: TransformSpec,
  shared: ReadonlyMap<string, TransformSpec>,
): TransformSpec | readonly TransformSpec[] | null {
  const { type, specList, refId, a, b } = spec;
  if (Array.isArray(specList)) return specList as readonly TransformSpec[];
  if (type === 'interpolated' || (a !== undefined && b !== undefined)) return null;
  if (typeof refId !== 'string') return spec;
  const found = shared.get(refId);
  return found ? [found] : null;
}
