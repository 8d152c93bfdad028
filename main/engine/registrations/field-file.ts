import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { voxelsIn } from '../formats/pyramid.ts';
import { guarded, syncFolder, writeFileDurably, writeFully } from '../targets/folder.ts';
import type { FieldStep } from '../volumes/warped/field-of.ts';
import { gridHeader } from './deform-space.ts';
import type { WorkingGrid } from './working-levels.ts';

/** Micrometres, as the kernels give them and as the files of fields hold them. */
const vectorUnitNm = 1000;

/**
 * Writes displacements (f32 x, y, z of each voxel, µm) as a NRRD of volume space: raw, all x, then all y, then all z, so
 * that boxes of it are read without the rest.
 */
export async function writeField(path: string, grid: WorkingGrid, displacements: Uint8Array): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await writeFileDurably(path, [new TextEncoder().encode(headOf(grid)), planar(displacements, voxelsIn(grid.sizeXyz))]);
}

/** Vectors of some sections of a field, from the first on: all x, then all y, then all z, µm. */
export interface FieldSlab {
  readonly sections: number;
  readonly vectors: Float32Array;
}

/** The same, slab by slab along z: the field may be larger than memory. */
export async function writeFieldSlabs(path: string, grid: WorkingGrid, slabs: AsyncIterable<FieldSlab>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await guarded(basename(path), dirname(path), async () => {
    const file = await open(partial, 'w');
    try {
      const head = new TextEncoder().encode(headOf(grid));
      await writeFully(file, head, 0);
      const sectionBytes = 4 * grid.sizeXyz[0] * grid.sizeXyz[1];
      let z = 0;
      for await (const { sections, vectors } of slabs) {
        const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
        for (let part = 0; part < 3; part++) {
          const own = bytes.subarray(part * sections * sectionBytes, (part + 1) * sections * sectionBytes);
          await writeFully(file, own, head.length + (part * grid.sizeXyz[2] + z) * sectionBytes);
        }
        z += sections;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  });
}

export const fieldBytes = (grid: WorkingGrid): number => headOf(grid).length + 12 * voxelsIn(grid.sizeXyz);

export const fieldStep = (source: string): FieldStep => ({
  type: 'field',
  source,
  allowPrivate: false,
  holds: 'displacement',
  frame: 'volume',
  vectorUnitNm,
  interpolation: 'linear',
  inverse: false,
});

function headOf(grid: WorkingGrid): string {
  const { spacingUm, originUm } = gridHeader(grid);
  const [x, y, z] = spacingUm;
  const lines = [
    'NRRD0005',
    '# Lamella: displacements in micrometres',
    'type: float',
    'dimension: 4',
    'space dimension: 3',
    `sizes: ${[...grid.sizeXyz, 3].join(' ')}`,
    `space directions: (${x},0,0) (0,${y},0) (0,0,${z}) none`,
    'kinds: domain domain domain vector',
    'endian: little',
    'encoding: raw',
    'space units: "um" "um" "um"',
    `space origin: (${originUm.join(',')})`,
  ];
  return `${lines.join('\n')}\n\n`;
}

function planar(vectors: Uint8Array, count: number): Uint8Array {
  const from = new Float32Array(vectors.buffer, vectors.byteOffset, 3 * count);
  const to = new Float32Array(3 * count);
  for (let k = 0; k < 3; k++) for (let i = 0, at = k * count; i < count; i++) to[at++] = from[3 * i + k]!;
  return new Uint8Array(to.buffer);
}
