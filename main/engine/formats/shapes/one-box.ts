import type { MeshManifest, ShapeSet } from '../../../../preload/contract/shape.ts';

/** The manifest of a mesh that has one level of one box. */
export function manifestOf(key: string, bounds: ShapeSet['boundsNm'], bytes: number): MeshManifest {
  if (bounds === null) return { key, levels: [] };
  const box = [...bounds.min, ...bounds.max];
  return { key, levels: [{ lodScaleNm: 0, boxesNm: box, bytes: [bytes], parents: [-1] }] };
}
