import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { isJobOver, type Job } from '../../preload/contract/job.ts';
import { acquireTiles } from '../engine/acquisition.ts';
import { acquireBlocks, voxelSizeNm } from '../engine/block-acquisition.ts';
import { writeSections } from '../engine/cut-sections.ts';
import { resultOf } from '../engine/follow-job.ts';
import type { BenchRow } from './row.ts';

type Start = () => Promise<{ readonly job: string }>;
/** A stage is cancelled when it has run so long. */
const intoStageMs = 120;

/**
 * Cancels a job in each of its stages in turn, going on where it was, until it comes to its end. Gives the longest time
 * from a cancel until the job had let go of the line of jobs: it runs again once it may.
 */
async function longestCancel(client: LamellaClient, library: string, name: string, start: Start): Promise<number> {
  const stages = new Set<string>();
  const watching = new AbortController();
  let [longest, cancelledAt] = [0, 0];
  let id = '';
  const again = async (): Promise<void> => {
    ({ job: id } = await start());
  };
  const onChange = (job: Job): void => {
    if (job.id !== id) return;
    if (job.state === 'running' && cancelledAt > 0) {
      const took = performance.now() - cancelledAt;
      longest = Math.max(longest, took);
      cancelledAt = 0;
      console.error(`  ${name}, ${[...stages].at(-1)}: ${took.toFixed(0)} ms`);
    }
    if (job.state === 'running' && job.stage !== '' && !stages.has(job.stage)) {
      stages.add(job.stage);
      setTimeout(() => void cancel(), intoStageMs);
    }
    if (!isJobOver(job.state) || job.state === 'cancelled') return;
    watching.abort();
    if (job.error) console.error(`  ${name} ended with: ${job.error.message}`);
  };
  const cancel = async (): Promise<void> => {
    const at = performance.now();
    const { state } = await client.job.cancel({ library, job: id });
    if (state !== 'cancelled') return;
    cancelledAt = at;
    await again();
  };
  await again();
  await client.job.watch({ library }, { signal: watching.signal, onValue: onChange });
  return longest;
}

async function prepared(client: LamellaClient, library: string, folder: string): Promise<Record<string, Start>> {
  const result = <T>(started: Promise<{ readonly job: string }>): Promise<T> => resultOf<T>(client, library, started);
  const layout = 'tiles:TileConfiguration.txt';
  const [tiles, sections, blocks] = ['tiles', 'sections', 'blocks'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  acquireTiles(tiles, { sections: 3, rows: 2, cols: 2, tilePx: 768, overlapPx: 160, oneTissue: true });
  writeSections(
    sections,
    [0, 1, 2].map((z) => ({ z, sidePx: 768, degrees: 3 * z, bendPx: 4 })),
  );
  acquireBlocks(blocks, { rows: 1, columns: 2, sizeXyz: [256, 256, 64], overlap: 64, errorVox: 4, seed: 5 });
  const imported = await result<{ dataset: string }>(client.ingest.start({ library, source: tiles, layout }));
  const cut = await result<{ dataset: string }>(client.ingest.start({ library, source: sections, layout }));
  const { set } = await result<{ set: string }>(
    client.block.import({ library, source: blocks, layout: 'folders', voxelSizeNm }),
  );
  const { stack } = await result<{ stack: string }>(
    client.stitch.start({ library, dataset: imported.dataset, model: 'affine' }),
  );
  const placed = await result<{ stack: string }>(client.block.stitch({ library, set }));
  return {
    stitch: () => client.stitch.start({ library, dataset: imported.dataset, model: 'rigid', searchPx: 60 }),
    solve: () => client.solve.start({ library, stack, model: 'polynomial' }),
    fuse: () => client.stitch.fuse({ library, stack }),
    align: () => client.align.start({ library, dataset: cut.dataset, model: 'elastic' }),
    intensity: () => client.intensity.estimate({ library, stack }),
    lens: () => client.intensity.lens({ library, stack }),
    'block stitch': () => client.block.stitch({ library, set, searchVox: [20, 20, 12] }),
    'block fuse': () => client.block.fuse({ library, stack: placed.stack }),
  };
}

/** P35: a cancelled job stops within a second, wherever it is. */
export const cancel: BenchRow = {
  id: 'cancel',
  workload:
    'stitch, solve, fuse, align, intensity, lens, blocks, each cancelled in every stage: until the next job may run, the longest',
  unit: 'ms',
  target: '≤ 1000 ms',
  isMet: (ours) => ours <= 1000,
  measure: async ({ folder }) => {
    const library = join(folder, 'library');
    const engine = createEngine({ threads: 2 });
    try {
      const client = engine.client();
      let longest = 0;
      for (const [name, start] of Object.entries(await prepared(client, library, folder)))
        longest = Math.max(longest, await longestCancel(client, library, name, start));
      return longest;
    } finally {
      await engine.close();
    }
  },
};
