import { randomBytes } from 'node:crypto';
import { open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { sha256OfFile } from '../../sources/file-hash.ts';
import type { UnfinishedFiles } from '../../store/unfinished-files.ts';
import { guarded, syncFolder, temporaryPrefix, writeFully } from '../../targets/folder.ts';
import { Covered } from './covered.ts';

interface PartFile {
  readonly out: string;
  readonly temporary: string;
  readonly handle: FileHandle;
  readonly covered: Covered;
  /** Writes that are under way: finishing waits for them. */
  readonly writes: Set<Promise<void>>;
}

/** Files begun and not finished, at a time. */
const mostOpen = 16;
/** Spans apart from each other: a caller that leaves more holes than this is at fault. */
const mostSpans = 10_000;

/** Files that are written in parts under a temporary name beside their place, and renamed when they are whole. */
export class FilesInParts {
  readonly #open = new Map<string, PartFile>();
  readonly #unfinished: UnfinishedFiles;

  constructor(unfinished: UnfinishedFiles) {
    this.#unfinished = unfinished;
    unfinished.sweep();
  }

  /** Answers with the id to write by. Throws 'not-found' (its folder), 'not-writable', 'over-budget'. */
  async begin(out: string): Promise<string> {
    if (this.#open.size >= mostOpen) throw tooMany();
    const folder = dirname(out);
    if (!(await stat(folder).catch(() => null))?.isDirectory()) throw noFolder(folder, basename(out));
    const id = `file-${randomBytes(6).toString('hex')}`;
    const temporary = join(folder, `${temporaryPrefix}${id}`);
    this.#unfinished.note(id, temporary);
    try {
      const handle = await guarded(basename(out), folder, () => open(temporary, 'wx+'));
      this.#open.set(id, { out, temporary, handle, covered: new Covered(), writes: new Set() });
    } catch (error) {
      this.#unfinished.forget(id);
      throw error;
    }
    return id;
  }

  /** Answers with where the file ends now. Throws 'not-found', 'disk-full', 'not-writable'. */
  async write(id: string, at: number, bytes: Uint8Array): Promise<number> {
    const file = this.#find(id);
    const { out, handle, covered, writes } = file;
    if (covered.spans > mostSpans) throw tooManyHoles(out);
    const write = guarded(basename(out), dirname(out), () => writeFully(handle, bytes, at));
    writes.add(write);
    await write.finally(() => writes.delete(write));
    covered.add(at, at + bytes.byteLength);
    return covered.end;
  }

  /** Syncs and renames. Throws 'not-found', 'conflict' where bytes are missing (the file goes), 'disk-full', 'not-writable'. */
  async finish(id: string): Promise<{ readonly bytes: number; readonly sha256: string; readonly name: string }> {
    const { out, temporary, handle, covered, writes } = this.#take(id);
    const [name, folder] = [basename(out), dirname(out)];
    try {
      const results = await Promise.allSettled(writes);
      const gap = covered.gap();
      if (gap || covered.end === 0 || results.some(({ status }) => status === 'rejected')) throw notWhole(name, gap);
      return await guarded(name, folder, async () => {
        await handle.sync();
        await handle.close();
        // Parts come in any order, so the hash is that of the file as it lies on disk.
        const sha256 = await sha256OfFile(temporary);
        await rename(temporary, out);
        await syncFolder(folder);
        return { bytes: covered.end, sha256, name };
      });
    } catch (error) {
      await remove(handle, temporary);
      throw error;
    } finally {
      this.#unfinished.forget(id);
    }
  }

  /** Throws 'not-found'. */
  async discard(id: string): Promise<{ readonly bytes: number; readonly sha256: string; readonly name: string }> {
    const { out, temporary, handle, writes } = this.#take(id);
    await Promise.allSettled(writes);
    await remove(handle, temporary);
    this.#unfinished.forget(id);
    return { bytes: 0, sha256: '', name: basename(out) };
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.discard(id)));
  }

  #find(id: string): PartFile {
    const file = this.#open.get(id);
    if (file) return file;
    throw new LamellaError('not-found', `There is no file ${JSON.stringify(id)} that was begun.`, {
      hint: 'Begin it first; a file that was finished or discarded, or begun before a restart, must be begun again.',
      fields: { file: id },
    });
  }

  #take(id: string): PartFile {
    const file = this.#find(id);
    this.#open.delete(id);
    return file;
  }
}

async function remove(handle: FileHandle, temporary: string): Promise<void> {
  await handle.close().catch(() => undefined);
  await unlink(temporary).catch(() => undefined);
}

const tooMany = (): LamellaError =>
  new LamellaError('over-budget', `${mostOpen} files were begun and not finished: no more are begun.`, {
    hint: 'Wait for an export to end, or cancel one.',
    fields: { most: mostOpen },
  });

const tooManyHoles = (out: string): LamellaError =>
  new LamellaError(
    'over-budget',
    `"${basename(out)}" is written in more than ${mostSpans} pieces with holes between.`,
    {
      hint: 'Write parts that follow each other.',
      fields: { file: basename(out) },
    },
  );

const noFolder = (folder: string, name: string): LamellaError =>
  new LamellaError('not-found', `The folder ${folder} is not there, so "${name}" can't be written in it.`, {
    hint: 'Make the folder first, or name another.',
    fields: { folder },
  });

const notWhole = (name: string, gap: readonly [number, number] | null): LamellaError =>
  new LamellaError(
    'conflict',
    `"${name}" is not whole: ${gap ? `bytes ${gap[0]} to ${gap[1] - 1} were never written` : 'nothing was written, or a part failed'}.`,
    { hint: 'Export it again.', fields: { file: name } },
  );
