import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { holdsLibrary } from './library-folder.ts';

const recentSchema = z.object({ library: z.string(), name: z.string(), folder: z.string(), openedAt: z.string() });
export type Recent = z.infer<typeof recentSchema>;

const MAX_RECENT = 30;

/** The libraries opened lately, in a file of the settings folder. Losing it loses nothing, so no method throws. */
export class Recents {
  readonly #file: string | null;
  readonly #log: (line: string) => void;
  #recent: readonly Recent[];

  /** `folder` null: remembers for as long as the engine lives. */
  constructor(folder: string | null, log: (line: string) => void) {
    this.#file = folder === null ? null : join(folder, 'recent-libraries.json');
    this.#log = log;
    this.#recent = this.#read();
  }

  list(): readonly (Recent & { readonly present: boolean })[] {
    return this.#recent.map((recent) => ({ ...recent, present: holdsLibrary(recent.folder) }));
  }

  folderOf(id: string): string | null {
    return this.#recent.find((recent) => recent.library === id)?.folder ?? null;
  }

  add(library: { readonly id: string; readonly name: string; readonly folder: string }, now: Date): void {
    const recent: Recent = {
      library: library.id,
      name: library.name,
      folder: library.folder,
      openedAt: now.toISOString(),
    };
    this.#write([recent, ...this.#recent.filter((other) => other.library !== library.id)].slice(0, MAX_RECENT));
  }

  /** `ref`: the id, or the folder. */
  forget(ref: string): boolean {
    const kept = this.#recent.filter(({ library, folder }) => library !== ref && folder !== ref);
    const forgotten = kept.length < this.#recent.length;
    if (forgotten) this.#write(kept);
    return forgotten;
  }

  #read(): readonly Recent[] {
    if (this.#file === null) return [];
    try {
      return z.array(recentSchema).parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }

  #write(recent: readonly Recent[]): void {
    this.#recent = recent;
    if (this.#file === null) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(`${this.#file}.${process.pid}`, JSON.stringify(recent, null, 1));
      renameSync(`${this.#file}.${process.pid}`, this.#file);
    } catch (error) {
      this.#log(
        `The list of recent libraries could not be saved: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
