import { gltf } from './gltf.ts';
import { nml } from './nml.ts';
import { obj } from './obj.ts';
import { ply } from './ply.ts';
import { precomputedLegacyMesh } from './precomputed-legacy-mesh.ts';
import { precomputedMultiresMesh } from './precomputed-multires-mesh.ts';
import { precomputedSkeletons } from './precomputed-skeletons.ts';
import type { ShapeFormat } from './shape-format.ts';
import { stl } from './stl.ts';
import { swc } from './swc.ts';

/** Every format of meshes and skeletons. To add one: one file that exports a ShapeFormat, and one line here. */
export const shapeFormats: readonly ShapeFormat[] = [
  precomputedMultiresMesh,
  precomputedLegacyMesh,
  precomputedSkeletons,
  obj,
  ply,
  stl,
  gltf,
  swc,
  nml,
];
