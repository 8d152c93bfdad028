import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { isAlive, thisProcess } from './folder-lock.ts';

const noteSchema = z.object({
  path: z.string(),
  holder: z.object({ pid: z.number(), host: z.string(), born: z.string().nullable(), since: z.string() }),
});

/**
 * Which temporary files this engine has begun outside of any library, noted in its folder, so that the engine that
 * starts after a kill can delete what was left. Losing a note leaves a file behind and harms nothing, so no method throws.
 */
export class UnfinishedFiles {
  readonly #folder: string | null;
  readonly #prefix: string;
  readonly #log: (line: string) => void;

  /** `folder` null: nothing is noted. `prefix`: what the name of every temporary file begins with; no other is deleted. */
  constructor(folder: string | null, prefix: string, log: (line: string) => void) {
    this.#folder = folder === null ? null : join(folder, 'unfinished-files');
    this.#prefix = prefix;
    this.#log = log;
  }

  note(id: string, path: string): void {
    this.#quietly((folder) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${id}.json`), JSON.stringify({ path, holder: thisProcess() }));
    });
  }

  forget(id: string): void {
    this.#quietly((folder) => rmSync(join(folder, `${id}.json`), { force: true }));
  }

  /** Deletes what engines of this machine that are gone have left. */
  sweep(): void {
    this.#quietly((folder) => {
      mkdirSync(folder, { recursive: true });
      for (const name of readdirSync(folder)) this.#sweepNote(join(folder, name));
    });
  }

  #sweepNote(file: string): void {
    this.#quietly(() => {
      const note = noteSchema.safeParse(parsed(readFileSync(file, 'utf8')));
      if (note.success) {
        const { path, holder } = note.data;
        if (holder.host !== hostname() || isAlive(holder)) return;
        if (basename(path).startsWith(this.#prefix)) rmSync(path, { force: true });
      }
      rmSync(file, { force: true });
    });
  }

  #quietly(work: (folder: string) => void): void {
    if (this.#folder === null) return;
    try {
      work(this.#folder);
    } catch (error) {
      this.#log(`The notes of unfinished files: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
