import type { ShapeFormat } from './shape-format.ts';

/** Every format of meshes and skeletons. To add one: one file that exports a ShapeFormat, and one line here. */
export const shapeFormats: readonly ShapeFormat[] = [];
