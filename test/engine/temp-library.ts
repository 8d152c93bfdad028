// A folder of its own for each test, and a library in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Library } from '../../main/engine/store/library.ts';
import type { OpenLibrary } from '../../main/engine/store/library.ts';

/** Gone when the test is over. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How tests open a library; `logged` collects what it says. */
export function libraryOptions(folder: string, logged: string[] = []): OpenLibrary {
  return { folder, create: true, cacheBytes: 1 << 20, now: () => new Date(), log: (line) => logged.push(line) };
}

export function tempLibrary(folder = tempFolder()): Library {
  const library = Library.open(libraryOptions(folder));
  onTestFinished(() => library.close());
  return library;
}

/** A job row, for the foreign keys of what a test puts into a library. */
export function addJob(library: Library, id = 'job-000000000001'): string {
  library.record((tx) =>
    tx.run(
      `INSERT INTO job (id, kind, label, input, state, lamella_version, created_at, updated_at) VALUES (?, 'test.start', 'Test', '{}', 'done', '0', '', '')`,
      id,
    ),
  );
  return id;
}
