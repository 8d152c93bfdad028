import { mkdirSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
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

/**
 * The same, run by run of vectors that follow each other (all x of a run, then all y, then all z, µm): the field may be
 * larger than memory. Nothing is left of one that is broken off by an error.
 */
export async function writeFieldRuns(
  path: string,
  grid: WorkingGrid,
  runs: AsyncIterable<Float32Array>,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await guarded(basename(path), dirname(path), async () => {
    try {
      await writeRunsTo(partial, grid, runs);
    } catch (error) {
      await unlink(partial).catch(() => undefined);
      throw error;
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  });
}

async function writeRunsTo(path: string, grid: WorkingGrid, runs: AsyncIterable<Float32Array>): Promise<void> {
  const file = await open(path, 'w');
  try {
    const head = new TextEncoder().encode(headOf(grid));
    await writeFully(file, head, 0);
    const partBytes = 4 * voxelsIn(grid.sizeXyz);
    let at = head.length;
    for await (const vectors of runs) {
      const own = vectors.byteLength / 3;
      for (let part = 0; part < 3; part++) {
        const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset + part * own, own);
        await writeFully(file, bytes, at + part * partBytes);
      }
      at += own;
    }
    await file.sync();
  } finally {
    await file.close();
  }
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
