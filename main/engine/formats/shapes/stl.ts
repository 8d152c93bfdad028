import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/stl.ts. */
export const stl: ShapeFormat = fileFormat({ id: 'stl', label: 'STL', kind: 'mesh', endings: ['.stl'] });
