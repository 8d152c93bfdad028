// Fifty kills at seeded moments across the main job, from raw tiles to the verified publication: what comes out is, byte
// for byte, what comes out when nothing is killed.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { acquireTiles } from './acquisition.ts';
import { cli, fromSources, jobsOf, resultThroughKills, run, seeded } from './kill-harness.ts';
import type { KillTime } from './kill-harness.ts';
import { tempFolder } from './temp-library.ts';

const KILLS = 50;
const KILLS_PER_STEP = 20;

const metadata = {
  title: 'Killed and resumed',
  creators: [{ name: 'Doe, Jane' }],
  licence: 'CC-BY-4.0',
  modality: 'EM',
  species: 'Mus musculus',
  voxelSizeNm: [4, 4, 40],
};

/** Mostly at work, one time in five while it starts. */
const when = (random: () => number): KillTime =>
  random() < 0.2 ? { ms: 20 + random() * 180, since: 'start' } : { ms: random() * 200, since: 'progress' };

interface Steps {
  readonly library: string;
  readonly out: string;
  step(args: readonly string[]): Promise<Record<string, string>>;
}

/** The whole main job; `step` runs one job of it and gives its result. */
async function mainJob({ library, out, step }: Steps, source: string, metadataFile: string): Promise<void> {
  const inLibrary = ['--library', library];
  const { dataset = '' } = await step([
    'ingest',
    'start',
    ...inLibrary,
    '--source',
    source,
    '--layout',
    'tiles:TileConfiguration.txt',
  ]);
  const { stack = '' } = await step(['stitch', 'start', ...inLibrary, '--dataset', dataset, '--model', 'translation']);
  const { volume = '' } = await step(['stitch', 'fuse', ...inLibrary, '--stack', stack]);
  await step([
    'publish',
    'start',
    ...inLibrary,
    '--volume',
    volume,
    '--format',
    'precomputed',
    '--metadata',
    metadataFile,
    '--out',
    out,
  ]);
}

/** SHA-256 of every file below a folder but those that tell of times and ids. */
function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const rows = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')] as const;
  });
  return Object.fromEntries(
    rows.filter(([path]) => !/receipt|manifest|provenance/.test(path)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The one volume of a library; its folder is called by its id. */
function volumeHashes(library: string): Record<string, string> {
  const [volume = '', ...others] = readdirSync(join(library, 'volumes'));
  expect(others).toEqual([]);
  return hashes(join(library, 'volumes', volume));
}

test('fifty kills across the main job change nothing of what comes out', { timeout: 300_000 }, async () => {
  const folder = tempFolder();
  const source = join(folder, 'tiles');
  acquireTiles(source, { sections: 6, rows: 4, cols: 4 });
  const metadataFile = join(folder, 'metadata.json');
  writeFileSync(metadataFile, JSON.stringify(metadata));

  const quiet = { library: join(folder, 'quiet'), out: join(folder, 'quiet-out') };
  await mainJob(
    {
      ...quiet,
      step: async (args) => {
        const { code, stdout, stderr } = await run(cli([...args, '--json'], fromSources));
        expect(code, stderr).toBe(0);
        return JSON.parse(stdout) as Record<string, string>;
      },
    },
    source,
    metadataFile,
  );

  const random = seeded(50);
  let kills = 0;
  // On a fast machine a step is over after few kills: then the whole job is done again, in another library.
  for (let round = 0; kills < KILLS; round++) {
    const killed = { library: join(folder, `killed-${round}`), out: join(folder, `killed-out-${round}`) };
    const step = async (args: readonly string[]): Promise<Record<string, string>> => {
      const survived = await resultThroughKills(
        args,
        killed.library,
        { random, most: KILLS_PER_STEP, when },
        fromSources,
      );
      kills += survived.kills;
      return survived.result as Record<string, string>;
    };
    await mainJob({ ...killed, step }, source, metadataFile);
    expect(hashes(killed.out)).toEqual(hashes(quiet.out));
    expect(volumeHashes(killed.library)).toEqual(volumeHashes(quiet.library));
    const check = await run(cli(['library', 'check', '--library', killed.library, '--json'], fromSources));
    expect(JSON.parse(check.stdout)).toEqual({ ok: true, problems: [] });
    const states = jobsOf(killed.library).map(({ state }) => state.replace('-with-warnings', ''));
    expect(states).toEqual(['done', 'done', 'done', 'done']);
  }
});
