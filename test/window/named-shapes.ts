// What a precomputed segmentation may name: meshes and skeletons in folders of its own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiresFiles } from '../formats/multires-fixture.ts';
import * as samples from '../formats/shape-samples.ts';

/** Of label 7: a mesh of two levels, and a skeleton of three nodes. */
export const namedShapes = async (): Promise<Readonly<Record<string, Uint8Array>>> => ({
  ...Object.fromEntries(Object.entries(await multiresFiles()).map(([key, bytes]) => [`meshes/lod/${key}`, bytes])),
  'skeletons/info': samples.jsonBytes(samples.skeletonInfo),
  'skeletons/7': samples.skeletonBytes(),
});

export const namesBoth = { mesh: 'meshes/lod', skeletons: 'skeletons' } as const;

/** Writes files into the folder of a segmentation, and puts `more` over its info. */
export function nameShapes(folder: string, files: Readonly<Record<string, Uint8Array>>, more: object): string {
  const info = JSON.parse(readFileSync(join(folder, 'info'), 'utf8')) as object;
  writeFileSync(join(folder, 'info'), JSON.stringify({ ...info, ...more }));
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, key, '..'), { recursive: true });
    writeFileSync(join(folder, key), bytes);
  }
  return folder;
}
