import { spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../preload/contract/publish.ts';
import { seededRandom } from '../formats/mutate.ts';
import { expectSameVoxels, filesBelow, formats, metadata } from './publish-home.ts';
import { makeSampleVolume, newFolder } from './sample-volume.ts';

describe('a publication that is killed', () => {
  // About 650 parts in some ten units of the ledger.
  const size = { sizeXyz: [300, 260, 20], chunkXyz: [32, 32, 4] } as const;

  it.each(formats)('keeps the units that were done, and ends as one that was not killed: %s', async (format) => {
    const { folder, remove } = newFolder();
    const sample = await makeSampleVolume(folder, size);
    const file = join(folder, 'metadata.json');
    writeFileSync(file, JSON.stringify(metadata));
    const wanted = endOf(
      await runAndKill([sample.library, sample.volume, format, file, join(folder, 'whole')], Number.POSITIVE_INFINITY),
    );
    const out = join(folder, 'out');
    const random = seededRandom(format.length);
    let [killed, kept] = [0, 0];
    let printed: string | null = null;
    for (let round = 0; round < 12 && printed === null; round++) {
      const before = partsBelow(out);
      printed = await runAndKill(
        [sample.library, sample.volume, format, file, out],
        round < 6 ? 100 + Math.floor(random() * 150) : Number.POSITIVE_INFINITY,
      );
      if (printed === null) killed++;
      const after = partsBelow(out);
      kept += [...before].filter(([path, inode]) => after.get(path) === inode).length;
    }
    expect(killed).toBeGreaterThan(2);
    expect(kept).toBeGreaterThan(100);
    expect(endOf(printed)).toMatchObject({
      manifestSha256: wanted.manifestSha256,
      parts: wanted.parts,
      verified: true,
    });
    expect(filesBelow(out)).toEqual(filesBelow(join(folder, 'whole')));
    await expectSameVoxels(sample, format, out);
    remove();
  });
});

function endOf(printed: string | null): Receipt {
  const { state, error, result } = JSON.parse(printed ?? '{}') as {
    state: string;
    error: unknown;
    result: { receipt: Receipt };
  };
  expect({ state, error }).toEqual({ state: 'done', error: null });
  return result.receipt;
}

/** Parts with the number of the file that holds them: one that was written anew has another. */
const partsBelow = (folder: string): Map<string, number> =>
  new Map(
    filesBelow(folder)
      .filter((path) => path.includes('/') && !path.endsWith('.json'))
      .map((path) => [path, statSync(join(folder, path)).ino]),
  );

/** Runs the publication in a process of its own, and kills it once it has written `files` files; null = killed. */
function runAndKill(args: readonly string[], files: number): Promise<string | null> {
  const out = args.at(-1) ?? '';
  const begun = Date.now();
  const isNew = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= begun;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'publish-child.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  const timer = Number.isFinite(files)
    ? setInterval(() => {
        if (filesBelow(out).filter((path) => isNew(join(out, path))).length >= files) child.kill('SIGKILL');
      }, 3)
    : undefined;
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer);
      resolve(code === null ? null : printed);
    });
  });
}
