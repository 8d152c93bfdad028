import { fileFormat } from './file-shapes.ts';
import type { ShapeFormat } from './shape-format.ts';

/** Read by native-workers/shapes/gltf.ts. */
export const gltf: ShapeFormat = fileFormat({ id: 'gltf', label: 'glTF', kind: 'mesh', endings: ['.gltf', '.glb'] });
