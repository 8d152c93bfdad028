// 3-D blocks stitched and fused by processes that are killed (SIGKILL): what comes out is what comes out undisturbed.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { acquireBlocks } from './block-acquisition.ts';
import { filesOf } from './files-of-volume.ts';
import { fromSources, type Kills, resultThroughKills, seeded } from './kill-harness.ts';
import { resultOf } from './follow-job.ts';
import { opened } from './opened-engine.ts';
import { tempFolder } from './temp-library.ts';

const placesOf = async (client: LamellaClient, library: string, stack: string): Promise<unknown> =>
  (await client.block.placements({ library, stack })).value.placements.map(({ place, placedBy }) => [place, placedBy]);

test('blocks are stitched and fused through kills to the same places and voxels', { timeout: 180_000 }, async () => {
  const folder = tempFolder();
  const source = join(folder, 'brain');
  acquireBlocks(source, { rows: 2, columns: 3, sizeXyz: [72, 64, 48], overlap: 24, errorVox: 4, seed: 5 });
  const [whole, killed] = ['whole', 'killed'].map((name) => join(folder, name)) as [string, string];
  const voxelSizeNm: [number, number, number] = [500, 500, 1000];
  const imported = (client: LamellaClient, library: string) =>
    resultOf<{ set: string }>(
      client,
      library,
      client.block.import({ library, source, layout: 'folders', voxelSizeNm }),
    );

  const undisturbed = await opened(async (client) => {
    const library = whole;
    const { set } = await imported(client, library);
    const matched = client.block.stitch({ library, set, searchVox: [12, 12, 10] });
    const { stack } = await resultOf<{ stack: string }>(client, library, matched);
    const fused = client.block.fuse({ library, stack, name: 'brain' });
    const { volume } = await resultOf<{ volume: string }>(client, library, fused);
    return { places: await placesOf(client, library, stack), files: filesOf(library, volume) };
  });

  const { set } = await opened((client) => imported(client, killed));
  let fell = 0;
  const random = seeded(11);
  const throughKills = async (most: number, ...args: readonly string[]): Promise<Record<string, string>> => {
    const kills: Kills = { random, most, when: () => ({ ms: 60 * random(), since: 'progress' }) };
    const command = ['block', ...args, '--library', killed, '--threads', '1'];
    const survived = await resultThroughKills(command, killed, kills, fromSources);
    fell += survived.kills;
    return survived.result as Record<string, string>;
  };
  const { stack = '' } = await throughKills(1, 'stitch', '--set', set, '--search-vox', '12,12,10');
  expect(fell).toBeGreaterThan(0);
  const { volume = '' } = await throughKills(2, 'fuse', '--stack', stack, '--name', 'brain');
  expect(fell).toBeGreaterThan(1);

  await opened(async (client) => {
    expect(await placesOf(client, killed, stack)).toEqual(undisturbed.places);
    expect(filesOf(killed, volume)).toEqual(undisturbed.files);
    // One version and one volume: nothing was made twice, and nothing half written is left.
    const { sets } = (await client.block.list({ library: killed })).value;
    expect(sets.map(({ stacks }) => stacks.length)).toEqual([1]);
    expect(readdirSync(join(killed, 'volumes'))).toEqual([volume]);
    expect((await client.library.check({ library: killed })).value).toEqual({ ok: true, problems: [] });
  });
});
