import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/ply.ts. */
export const ply: ShapeFormat = fileFormat({ id: 'ply', label: 'PLY', kind: 'mesh', endings: ['.ply'] });
