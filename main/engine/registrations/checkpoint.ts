import { mkdirSync, readdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { registerTasks } from '../../../native-workers/register-tasks.ts';
import { deformLevelSchema, previewPlaneSchema } from '../../../preload/contract/deform.ts';
import { writeFileDurably } from '../targets/folder.ts';

/**
 * How far a deformation has come, one file a chunk of steps: 4 bytes that name it, 4 with the length of a JSON header,
 * the header, velocities, the bytes of the preview. Only the last two are kept; the last of all is what a further
 * registration may go on from.
 */
const headerSchema = z.object({
  levels: z.array(deformLevelSchema),
  /** Which of them need no further steps. */
  isDone: z.array(z.boolean()),
  /** The chunk that it was written after, -1 before the first of a level. */
  level: z.number().int(),
  chunk: z.number().int(),
  state: registerTasks['register-lddmm'].output.shape.state.nullable(),
  weight: z.number(),
  planes: z.array(previewPlaneSchema),
  velocityBytes: z.number().int().min(0),
  previewBytes: z.number().int().min(0),
});
export type CheckpointHeader = Omit<z.infer<typeof headerSchema>, 'velocityBytes' | 'previewBytes'>;

export interface Checkpoint {
  readonly header: CheckpointHeader;
  readonly velocities: Uint8Array;
  readonly preview: Uint8Array;
}

export interface ChunkAt {
  readonly level: number;
  readonly chunk: number;
}

const magic = 'LMDF';
const mostHeader = 16 * 2 ** 20;
const pattern = /^state-(\d{2})-(\d{4})\.bin$/;
const nameOf = ({ level, chunk }: ChunkAt): string =>
  `state-${String(level).padStart(2, '0')}-${String(chunk + 1).padStart(4, '0')}.bin`;

export const isBefore = (a: ChunkAt, b: ChunkAt): boolean =>
  a.level === b.level ? a.chunk < b.chunk : a.level < b.level;

/** First to last. */
export function checkpointsIn(folder: string): readonly ChunkAt[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.toSorted().flatMap((name) => {
    const found = pattern.exec(name);
    return found ? [{ level: Number(found[1]), chunk: Number(found[2]) - 1 }] : [];
  });
}

/** Whole or not at all; then those before the one before are removed. */
export async function writeCheckpoint(folder: string, { header, velocities, preview }: Checkpoint): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const whole = { ...header, velocityBytes: velocities.byteLength, previewBytes: preview.byteLength };
  const text = Buffer.from(JSON.stringify(whole));
  const head = Buffer.alloc(8);
  head.write(magic, 0, 'latin1');
  head.writeUInt32LE(text.byteLength, 4);
  await writeFileDurably(join(folder, nameOf(header)), [head, text, velocities, preview]);
  const old = checkpointsIn(folder).filter((one) => isBefore(one, header));
  for (const one of old.slice(0, -1)) await rm(join(folder, nameOf(one)), { force: true });
}

/** Those before the last, once nothing goes on from them. */
export async function forgetEarlier(folder: string): Promise<void> {
  for (const one of checkpointsIn(folder).slice(0, -1)) await rm(join(folder, nameOf(one)), { force: true });
}

/** The last one before a chunk, or of all; null where there is none. `parts`: what is read of it. */
export async function readCheckpoint(
  folder: string,
  parts: { readonly velocities: boolean; readonly preview: boolean },
  before?: ChunkAt,
): Promise<Checkpoint | null> {
  const last = checkpointsIn(folder).findLast((one) => !before || isBefore(one, before));
  if (!last) return null;
  const file = await open(join(folder, nameOf(last)), 'r').catch(() => null);
  // Removed since the folder was listed: a newer one is there.
  if (!file) return before ? null : readCheckpoint(folder, parts);
  try {
    const read = async (at: number, length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      if (bytesRead < length) throw new Error(`${nameOf(last)} ends before its bytes do`);
      return bytes;
    };
    const head = Buffer.from(await read(0, 8));
    const length = head.readUInt32LE(4);
    if (head.toString('latin1', 0, 4) !== magic || length > mostHeader) throw new Error(`${nameOf(last)} is damaged`);
    const header = headerSchema.parse(JSON.parse(Buffer.from(await read(8, length)).toString('utf8')));
    const { velocityBytes, previewBytes, ...rest } = header;
    const none = new Uint8Array();
    return {
      header: rest,
      velocities: parts.velocities ? await read(8 + length, velocityBytes) : none,
      preview: parts.preview ? await read(8 + length + velocityBytes, previewBytes) : none,
    };
  } finally {
    await file.close();
  }
}
