// Meshes of regions, killed half-way and started again: the files are those of a run that nothing killed; undone and
// swept, they are gone.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultOf } from './follow-job.ts';
import { cli, fromSources, run } from './kill-harness.ts';
import { opened } from './opened-engine.ts';
import { tempFolder } from './temp-library.ts';
import { spacedUm, writeNrrd } from './write-nrrd.ts';

const size = [72, 60, 48] as const;
const regions = 39;

/** Regions in slanted slabs. */
function written(folder: string): { readonly annotation: string; readonly ontology: string } {
  const labels = new Uint8Array(size[0] * size[1] * size[2]).map((_, i) => {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    return Math.floor((x + 2 * y + z) / 6) % (regions + 1);
  });
  const ontology = join(folder, 'regions.csv');
  const rows = Array.from({ length: regions }, (_, n) => `${n + 1},region ${n + 1},\n`);
  writeFileSync(ontology, `id,name,parent\n${rows.join('')}`);
  return { annotation: writeNrrd(join(folder, 'annotation.nrrd'), size, labels, spacedUm([25, 25, 25])), ontology };
}

/** The files of the one set of meshes, by their names in it. */
function filesOf(library: string): ReadonlyMap<string, Buffer> {
  const room = join(library, 'meshes');
  const [set = '', ...others] = readdirSync(room);
  expect(others).toEqual([]);
  const files = readdirSync(join(room, set), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return new Map(files.map((one) => [one.name, readFileSync(join(one.parentPath, one.name))]));
}

/** Meshes that are whole, and when each was written. */
function writtenAt(library: string): ReadonlyMap<string, bigint> {
  const room = join(library, 'meshes');
  if (!existsSync(room)) return new Map();
  const files = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.fragment'));
  return new Map(files.map((name) => [name, statSync(join(room, name), { bigint: true }).mtimeNs]));
}

test('meshes of regions killed half-way are those that nothing killed, and go with a sweep', async () => {
  const folder = tempFolder();
  const files = written(folder);
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
  const imported = (library: string, andMeshes: boolean): Promise<string> =>
    opened(async (client) => {
      const importing = client.atlas.import({ library, ...files });
      const { atlas } = await resultOf<{ atlas: string }>(client, library, importing);
      if (andMeshes) await resultOf(client, library, client.atlas.meshes({ library, atlas }));
      return atlas;
    }, 2);
  await imported(whole, true);
  const atlas = await imported(killed, false);

  const command = cli(['atlas', 'meshes', '--library', killed, '--atlas', atlas, '--json'], fromSources);
  const first = await run(command, { isTime: () => writtenAt(killed).size > 5 });
  expect(first.signal).toBe('SIGKILL');
  const before = writtenAt(killed);
  expect(before.size).toBeLessThan(regions);
  const swept = await opened((client) => client.library.sweep({ library: killed, alsoRemoved: true, dryRun: true }));
  expect(swept.folders).toEqual([]);

  const second = await run(command);
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({ meshes: regions, tooSmall: 0 });
  const after = writtenAt(killed);
  expect([...before].filter(([name, at]) => after.get(name) === at).length).toBeGreaterThan(0);
  expect(filesOf(killed)).toEqual(filesOf(whole));

  await opened(async (client) => {
    const { shape } = JSON.parse(second.stdout) as { shape: string };
    const library = killed;
    await client.library.undo({ library });
    expect((await client.library.sweep({ library })).folders).toEqual([]);
    await client.library.redo({ library });
    expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([]);
    await client.library.undo({ library });
    expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([shape]);
    expect(readdirSync(join(library, 'meshes'))).toEqual([]);
  });
});
