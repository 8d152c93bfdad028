import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm, rmdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import { convertingKey } from '../formats/image-stack/stack-files.ts';
import type { VolumeFormat, VolumeNotes, VolumeWriter } from '../formats/volume-format.ts';
import { type JobRun, unitKey } from '../jobs/job.ts';
import { openFolderSource } from '../sources/folder.ts';
import { openFolderTarget, type FolderTarget } from '../targets/folder.ts';
import { assembleFile } from './assemble.ts';
import { removeHalfWritten } from './half-written.ts';
import type { WrittenBlock } from './write-blocks.ts';

/** There while a dataset is being written: without it a folder is somebody else's. */
const markerKey = convertingKey;
const partialSuffix = '.partial';
const litter: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);
const markerSchema = z.object({ what: z.string(), token: z.string() });

export interface OutputResult {
  readonly files: number;
  readonly bytes: number;
}

/** `last`: the file that makes a folder a dataset. */
interface Finished extends OutputResult {
  readonly last: string;
  readonly stamp: string | null;
}

const finishedSchema = z.object({ files: z.number(), bytes: z.number(), last: z.string(), stamp: z.string() });

/** A file or folder that a job fills. Until it is finished it is visibly not a dataset: no metadata, or `NAME.partial`. */
export class VolumeOutput {
  /** Where parts go. */
  readonly target: FolderTarget;
  readonly #job: JobRun;
  readonly #out: string;
  readonly #isFile: boolean;
  readonly #what: string;
  #resumed = false;

  /** `what`: everything that decides which bytes are written; an output of the same `what` that was cut short is gone on with. */
  constructor(job: JobRun, out: string, as: NonNullable<VolumeFormat['write']>['as'], what: unknown) {
    this.#job = job;
    this.#out = out;
    this.#isFile = as !== 'folder';
    this.#what = createHash('sha256').update(JSON.stringify(what)).digest('hex');
    const folder = this.#isFile ? `${out}${partialSuffix}` : out;
    this.target = openFolderTarget(openFolderSource(folder, basename(folder)));
  }

  /**
   * What an earlier run for the same finished, where that is still there as it was left: this one may have been cut
   * short on its very last steps, or its answer not have been heard. What it left over is removed.
   */
  async finished(): Promise<OutputResult | null> {
    const row = this.#job.library.read.get<{ output: string }>(
      'SELECT output FROM unit WHERE key = ?',
      this.#finishKey(),
    );
    const made = finishedSchema.safeParse(row && parsed(new TextEncoder().encode(row.output)));
    if (!made.success || (await this.#stamp(made.data.last)) !== made.data.stamp) return null;
    const marker = await this.#marker();
    if (marker?.what === this.#what) await this.#removeLeftovers();
    // Cut short between the marker and the folder that held it; what holds anything stays.
    else if (this.#isFile) await rmdir(this.target.folder).catch(() => undefined);
    return { files: made.data.files, bytes: made.data.bytes };
  }

  /** Takes the place, and gives a token that is another one wherever the files are not those of before. Throws 'conflict'. */
  async claim(): Promise<string> {
    const marker = await this.#marker();
    if (marker?.what === this.#what) {
      this.#resumed = true;
      return marker.token;
    }
    if (marker) throw this.#inTheWay('it holds another conversion that was cut short');
    const there = statSync(this.#out, { throwIfNoEntry: false });
    if (there && (this.#isFile || !there.isDirectory())) throw this.#inTheWay('it is there already');
    const entries = (await this.target.children('')) ?? [];
    const foreign = entries.find(({ name }) => !litter.has(name) && !name.startsWith('.lamella-part-'));
    if (foreign) throw this.#inTheWay(`it holds "${foreign.name}"`);
    const token = randomUUID();
    const marks = new TextEncoder().encode(`${JSON.stringify({ what: this.#what, token })}\n`);
    await this.target.put(markerKey, marks).catch((error: unknown) => {
      throw isLamellaError(error, 'not-writable') ? this.#notWritable(error) : error;
    });
    return token;
  }

  /** Writes what makes the parts a dataset, last of all its last file; then nothing tells any more that it was unfinished. */
  async finish(writer: VolumeWriter, notes: VolumeNotes, blocks: readonly WrittenBlock[]): Promise<OutputResult> {
    const [made] = await this.#job.stage({
      name: 'Finishing',
      unit: 'files',
      weight: 1,
      units: [
        {
          key: this.#finishKey(),
          subject: basename(this.#out),
          run: (signal) => this.#writeRest(writer, notes, blocks, signal),
          stillThere: () => false,
        },
      ],
    });
    await this.#removeLeftovers();
    return { files: made?.files ?? 0, bytes: made?.bytes ?? 0 };
  }

  /** The marker last: while it is there, the rest is known to be ours. */
  async #removeLeftovers(): Promise<void> {
    if (!this.#isFile) return this.target.delete(markerKey);
    for (const { name } of (await this.target.children('')) ?? [])
      if (name !== markerKey) await rm(this.target.pathOf(name), { recursive: true, force: true });
    await rm(this.target.folder, { recursive: true, force: true });
  }

  async #marker(): Promise<z.output<typeof markerSchema> | null> {
    const bytes = await this.target.get(markerKey).catch(() => undefined);
    return markerSchema.safeParse(parsed(bytes)).data ?? null;
  }

  /** Tells a file that was changed since: of a folder, the one that makes it a dataset. null where it is not there. */
  async #stamp(last: string): Promise<string | null> {
    const path = this.#isFile ? this.#out : this.target.pathOf(last);
    const found = await stat(path, { bigint: true }).catch(() => null);
    return found && `${found.size} ${found.mtimeNs} ${found.ino}`;
  }

  async #writeRest(
    writer: VolumeWriter,
    notes: VolumeNotes,
    blocks: readonly WrittenBlock[],
    signal: AbortSignal,
  ): Promise<Finished> {
    const sum = (of: (block: WrittenBlock) => number): number => blocks.reduce((total, block) => total + of(block), 0);
    if (writer.assemble) {
      // Single files keep their notes too: the writer puts them into the file.
      await writer.metadata(notes);
      const sizes = new Map(blocks.flatMap(({ chunks }) => chunks.map(({ key, bytes }) => [key, bytes] as const)));
      const bytes = await assembleFile(this.target, await writer.assemble(sizes), this.#out, signal);
      return { files: 1, bytes, last: '', stamp: await this.#stamp('') };
    }
    if (this.#resumed) await removeHalfWritten(this.target);
    const rest = await writer.metadata(notes);
    for (const { key, bytes } of rest) await this.target.put(key, bytes);
    const last = rest.at(-1)?.key ?? '';
    return {
      last,
      stamp: await this.#stamp(last),
      files: sum(({ files }) => files) + rest.length,
      bytes: sum(({ bytes }) => bytes) + rest.reduce((total, { bytes }) => total + bytes.byteLength, 0),
    };
  }

  readonly #finishKey = (): string => unitKey('finish-volume', 2, this.#what);

  #notWritable(error: LamellaError): LamellaError {
    return new LamellaError('not-writable', `Nothing was written to "${this.#out}": ${error.message}`, {
      hint: 'Check that the folder above it is one, and that you may write there; or name another place.',
      fields: { out: this.#out },
      cause: error,
    });
  }

  #inTheWay(why: string): LamellaError {
    return new LamellaError('conflict', `Nothing was written to "${this.#out}": ${why}.`, {
      hint: 'Name a place that is not there yet, or delete what is there if nobody needs it.',
      fields: { out: this.#out },
    });
  }
}

function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
