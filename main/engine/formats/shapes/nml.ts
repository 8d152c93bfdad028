import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/nml.ts. */
export const nml: ShapeFormat = fileFormat({ id: 'nml', label: 'NML', kind: 'skeleton', endings: ['.nml'] });
