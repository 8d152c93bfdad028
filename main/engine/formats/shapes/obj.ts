import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/obj.ts. */
export const obj: ShapeFormat = fileFormat({ id: 'obj', label: 'OBJ', kind: 'mesh', endings: ['.obj'] });
