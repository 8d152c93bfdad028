// The import of an atlas and a measurement by region, killed and started again: what comes out is what comes out unkilled.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultOf } from './follow-job.ts';
import { fromSources, jobsOf, resultThroughKills, seeded } from './kill-harness.ts';
import { opened } from './opened-engine.ts';
import { tempFolder } from './temp-library.ts';
import { spacedUm, writeNrrd } from './write-nrrd.ts';

const size = [190, 160, 130] as const;
const kills = 2;

/** 40 regions in slanted slabs, and grey levels over them. */
function written(folder: string): {
  readonly annotation: string;
  readonly template: string;
  readonly ontology: string;
} {
  const count = size[0] * size[1] * size[2];
  const [labels, grey] = [new Uint8Array(count), new Uint16Array(count)];
  let i = 0;
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++, i++) {
        labels[i] = Math.floor((x + 2 * y + z) / 16) % 41;
        grey[i] = (x * 7 + y * 13 + z * 29) % 4096;
      }
  const write = (name: string, voxels: Uint8Array | Uint16Array): string =>
    writeNrrd(join(folder, name), size, voxels, spacedUm([25, 25, 25]));
  const ontology = join(folder, 'regions.csv');
  const rows = Array.from({ length: 40 }, (_, n) => `${n + 1},region ${n + 1},${n < 9 ? '' : (n % 9) + 1}\n`);
  writeFileSync(ontology, `id,name,parent\n${rows.join('')}`);
  const template = write('template.nrrd', grey);
  return { annotation: write('annotation.nrrd', labels), template, ontology };
}

const unkilled = (library: string, files: ReturnType<typeof written>): Promise<void> =>
  opened(async (client) => {
    const result = <T>(started: Promise<{ readonly job: string }>): Promise<T> => resultOf<T>(client, library, started);
    const importing = client.atlas.import({ library, ...files, orientation: 'lsa' });
    const { atlas, template } = await result<{ atlas: string; template: string }>(importing);
    await result(client.region.measure({ library, atlas, of: { volume: template, channel: 0, time: 0 } }));
  }, 2);

/** Everything that the library says of its one atlas and its one result. */
const told = (library: string): Promise<unknown> =>
  opened(async (client) => {
    const { atlases } = (await client.atlas.list({ library })).value;
    const { results } = (await client.region.list({ library })).value;
    expect([atlases.length, results.length]).toEqual([1, 1]);
    const { volumes } = (await client.library.info({ library })).value;
    expect(volumes).toHaveLength(2);
    const { regions } = (await client.atlas.regions({ library, atlas: atlases[0]!.id })).value;
    const result = results[0]!.id;
    const left = (await client.region.table({ library, result, hemisphere: 'left' })).value;
    return { regions, both: (await client.region.table({ library, result })).value, left };
  });

test('an atlas imported and measured through kills is the one that nothing killed', async () => {
  const folder = tempFolder();
  const { annotation, template, ontology } = written(folder);
  const random = seeded(16);
  const when = () => ({ ms: random() * 60, since: 'progress' as const });
  const imported = (library: string): string[] => [
    ...['atlas', 'import', '--library', library, '--annotation', annotation, '--ontology', ontology],
    ...['--template', template, '--orientation', 'lsa'],
  ];
  const measured = (library: string, made: unknown): string[] => {
    const { atlas, template: volume } = made as { atlas: string; template: string };
    const of = JSON.stringify({ volume, channel: 0, time: 0 });
    return ['region', 'measure', '--library', library, '--atlas', atlas, '--of', of];
  };
  const whole = join(folder, 'whole');
  await unkilled(whole, { annotation, template, ontology });
  const killed = join(folder, 'killed');
  const first = await resultThroughKills(imported(killed), killed, { random, most: kills, when }, fromSources);
  const second = await resultThroughKills(
    measured(killed, first.result),
    killed,
    { random, most: kills, when },
    fromSources,
  );
  expect(Math.min(first.kills, second.kills)).toBeGreaterThan(0);
  expect(
    jobsOf(killed)
      .filter(({ state }) => state.startsWith('done'))
      .map(({ kind }) => kind),
  ).toEqual(['region.measure', 'atlas.import']);
  expect(await told(killed)).toEqual(await told(whole));
});
