import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { fieldBytes, writeFieldRuns } from '../../registrations/field-file.ts';
import type { StraightField } from '../../registrations/imported-chain.ts';
import { sha256OfFile } from '../../sources/file-hash.ts';
import type { VectorField } from '../../transforms/vector-field.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { type ImportedFile, withField } from './import-files.ts';

/** What is kept of a file beside what it says. */
export interface TakenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** Vectors that are copied at once. */
const mostVectors = 2 ** 20;

/** Its checksum, and, of a field, its copy among the fields of the library. */
export function takeUnit(
  volumes: OpenVolumes,
  job: JobRun,
  { path, stamp, copy }: ImportedFile,
  to: { readonly folder: string; readonly straight: StraightField | null },
): Unit<TakenFile> {
  const out = copy === null ? null : join(to.folder, copy);
  const { straight } = to;
  return {
    key: unitKey('take-transform', 1, path, stamp, out, straight),
    subject: basename(path),
    run: async (signal) => {
      if (out !== null && straight)
        await withField(volumes, job, path, (field) =>
          writeFieldRuns(out, straight.grid, runsOf(path, field, straight, signal)),
        );
      return { bytes: stamp[0], sha256: await sha256OfFile(path, signal) };
    },
    stillThere: () =>
      out === null ||
      (straight !== null && statSync(out, { throwIfNoEntry: false })?.size === fieldBytes(straight.grid)),
  };
}

async function* runsOf(
  path: string,
  { sizeXyz, read }: VectorField,
  { umFromVector: m }: StraightField,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  for (const { min, size } of boxesOf(sizeXyz)) {
    signal.throwIfAborted();
    const stored = await read(min, size, signal);
    const count = voxelsIn(size);
    const vectors = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const [x, y, t] = [stored[i]!, stored[count + i]!, stored[2 * count + i]!];
      for (let part = 0; part < 3; part++) {
        const um = m[4 * part]! * x + m[4 * part + 1]! * y + m[4 * part + 2]! * t;
        if (!Number.isFinite(um)) throw notFinite(path, voxelAt(i, size, min));
        vectors[part * count + i] = um;
      }
    }
    yield vectors;
  }
}

/** Whole sections, or rows of one where a section is too much: their voxels follow each other. */
function* boxesOf([w, h, d]: Vec3): Generator<{ readonly min: Vec3; readonly size: Vec3 }> {
  const rows = Math.min(h, Math.max(1, Math.floor(mostVectors / w)));
  const sections = rows < h ? 1 : Math.max(1, Math.floor(mostVectors / (w * h)));
  for (let z = 0; z < d; z += sections)
    for (let y = 0; y < h; y += rows)
      yield { min: [0, y, z], size: [w, Math.min(rows, h - y), Math.min(sections, d - z)] };
}

const voxelAt = (i: number, [w, h]: Vec3, [x, y, z]: Vec3): Vec3 => [
  x + (i % w),
  y + (Math.floor(i / w) % h),
  z + Math.floor(i / (w * h)),
];

const notFinite = (path: string, at: readonly number[]): LamellaError =>
  new LamellaError('bad-source', `"${basename(path)}" has a vector that is no number, at voxel ${at.join(', ')}.`, {
    hint: 'Write the field again; places without a displacement have vectors of 0.',
    fields: { file: path, voxel: at.join(' ') },
  });
