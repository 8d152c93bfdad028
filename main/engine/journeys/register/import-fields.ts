import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { fieldBytes, type FieldSlab, writeFieldSlabs } from '../../registrations/field-file.ts';
import type { StraightField } from '../../registrations/imported-chain.ts';
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
  const grid = to.straight?.grid;
  return {
    key: unitKey('take-transform', 1, path, stamp, out, to.straight),
    subject: basename(path),
    run: async (signal) => {
      if (out !== null && to.straight) {
        const { straight } = to;
        await withField(volumes, job, path, (field) =>
          writeFieldSlabs(out, straight.grid, slabsOf(path, field, straight, signal)),
        );
      }
      return { bytes: stamp[0], sha256: await checksum(path, signal) };
    },
    stillThere: () =>
      out === null || (grid !== undefined && statSync(out, { throwIfNoEntry: false })?.size === fieldBytes(grid)),
  };
}

async function* slabsOf(
  path: string,
  { sizeXyz, read }: VectorField,
  { umFromVector: m }: StraightField,
  signal: AbortSignal,
): AsyncGenerator<FieldSlab> {
  const [w, h, d] = sizeXyz;
  const most = Math.max(1, Math.floor(mostVectors / (w * h)));
  for (let z = 0; z < d; z += most) {
    signal.throwIfAborted();
    const sections = Math.min(most, d - z);
    const stored = await read([0, 0, z], [w, h, sections], signal);
    const count = voxelsIn([w, h, sections]);
    const vectors = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const [x, y, t] = [stored[i]!, stored[count + i]!, stored[2 * count + i]!];
      for (let part = 0; part < 3; part++) {
        const um = m[4 * part]! * x + m[4 * part + 1]! * y + m[4 * part + 2]! * t;
        if (!Number.isFinite(um)) throw notFinite(path, [i % w, Math.floor(i / w) % h, z + Math.floor(i / (w * h))]);
        vectors[part * count + i] = um;
      }
    }
    yield { sections, vectors };
  }
}

async function checksum(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20, signal }))
    hash.update(bytes as Uint8Array);
  return hash.digest('hex');
}

const notFinite = (path: string, at: readonly number[]): LamellaError =>
  new LamellaError('bad-source', `"${basename(path)}" has a vector that is no number, at voxel ${at.join(', ')}.`, {
    hint: 'Write the field again; places without a displacement have vectors of 0.',
    fields: { file: path, voxel: at.join(' ') },
  });
