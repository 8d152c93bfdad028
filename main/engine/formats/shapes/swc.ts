import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/swc.ts. */
export const swc: ShapeFormat = fileFormat({ id: 'swc', label: 'SWC', kind: 'skeleton', endings: ['.swc'] });
