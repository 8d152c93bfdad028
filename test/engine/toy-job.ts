// A kind of job with real work and real files, small enough to be killed many times: noise, compressed by the real
// kernel and written durably; then digests of groups of those files.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';
import type { JobKind, JobRun, Unit } from '../../main/engine/jobs/job.ts';
import { unitKey } from '../../main/engine/jobs/job.ts';
import type { KnownKind } from '../../main/engine/jobs/scheduler.ts';

export interface ToyInput {
  readonly seed: number;
  readonly units: number;
  /** A file that every unit writes a line to when it begins. */
  readonly log: string;
}

export interface ToyResult {
  readonly digest: string;
  readonly files: number;
}

const GROUP = 8;

/** Seeded noise that compresses by about half (xorshift32, low nibbles). */
function noise(seed: number, bytes: number): Uint8Array {
  let state = (seed * 2654435761) >>> 0 || 1;
  return Uint8Array.from({ length: bytes }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 15;
  });
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const fd = openSync(`${file}.tmp`, 'w');
  writeSync(fd, bytes);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${file}.tmp`, file);
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const box = [1 << 18, 1, 1, 1, 1] as const;

function chunkUnit(job: JobRun, { seed, log }: ToyInput, i: number): Unit<{ file: string; sha256: string }> {
  const file = job.library.pathOf('volumes', 'toy', `chunk-${i}`);
  return {
    key: unitKey('encode-block', 1, 'toy', seed, i),
    subject: `chunk ${i}`,
    run: async (signal) => {
      appendFileSync(log, `start ${i}\n`);
      const { outputs } = await job.kernels.run(
        'encode-block',
        { dtype: 'uint8', size: box, chunk: box, edges: 'cut', codecs: [{ name: 'zstd' }, { name: 'crc32c' }] },
        { inputs: [noise(seed * 1000 + i, box[0])], signal },
      );
      const bytes = outputs[0] ?? new Uint8Array();
      writeDurably(file, bytes);
      if (i % 17 === 3) job.warn({ subject: `chunk ${i}`, message: 'is odd' });
      return { file: `chunk-${i}`, sha256: sha256(bytes) };
    },
    stillThere: () => existsSync(file),
  };
}

async function run(job: JobRun, input: ToyInput): Promise<{ label: string; commit: () => ToyResult }> {
  mkdirSync(job.library.pathOf('volumes', 'toy'), { recursive: true });
  const units = Array.from({ length: input.units }, (_, i) => chunkUnit(job, input, i));
  const chunks = await job.stage({ name: 'Compressing', unit: 'chunks', units, weight: 0.9 });
  const groups = Array.from({ length: Math.ceil(chunks.length / GROUP) }, (_, g) =>
    chunks.slice(g * GROUP, (g + 1) * GROUP),
  );
  const digests = await job.stage({
    name: 'Adding up',
    unit: 'groups',
    weight: 0.1,
    units: groups.map((group, g) => ({
      key: unitKey('toy-digest', 1, group),
      subject: `group ${g}`,
      run: () =>
        Promise.resolve(
          sha256(Buffer.concat(group.map(({ file }) => readFileSync(job.library.pathOf('volumes', 'toy', file))))),
        ),
    })),
  });
  return {
    label: 'Toy',
    commit: () => ({ digest: sha256(JSON.stringify([digests, job.warnings])), files: chunks.length }),
  };
}

const toy: JobKind<ToyInput, ToyResult> = { kind: 'toy.start', label: ({ units }) => `Toy of ${units}`, run };

export const toyKinds: ReadonlyMap<string, KnownKind> = new Map([
  [
    'toy.start',
    { kind: toy as unknown as JobKind<unknown, unknown>, output: z.object({ digest: z.string(), files: z.number() }) },
  ],
]);
