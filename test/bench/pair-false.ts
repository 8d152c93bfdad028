import { Pool } from '../../main/engine/jobs/pool.ts';
import { threadFiles } from './em-volume.ts';
import type { BenchRow } from './row.ts';
import { falseAccepts, hasKind, lostNeighbours, unrelatedKinds } from './unrelated.ts';

const [pairs, neighbours, mostLost] = [1000, 200, 2];

/** Pairs of tiles that do not overlap, though the stage says so. */
export const pairFalseAccepts: BenchRow = {
  id: 'pair-false-accepts',
  workload: `${pairs} pairs of 384 px tiles that show different places, searched by 75 px: ${unrelatedKinds.join(', ')}; taken for matches; of ${neighbours} EM neighbours as in P11, at most ${mostLost} may be lost`,
  unit: 'pairs',
  target: 'none',
  isMet: (ours) => ours === 0,
  measure: async ({ folder, threads }) => {
    const pool = new Pool({ ...threadFiles, threads, log: (line) => console.error(line) });
    const kinds = unrelatedKinds.filter(hasKind);
    let accepted = 0;
    try {
      for (const [i, kind] of kinds.entries()) {
        const share = Math.floor((pairs * (i + 1)) / kinds.length) - Math.floor((pairs * i) / kinds.length);
        const found = await falseAccepts(pool, folder, kind, { tiles: 40, pairs: share });
        found.accepted.forEach((line) => console.error(`  ${line}`));
        accepted += found.accepted.length;
      }
      const lost = await lostNeighbours(pool, folder, 'em', neighbours);
      lost.forEach((line) => console.error(`  lost: ${line}`));
      if (lost.length > mostLost) throw new Error(`${lost.length} of ${neighbours} neighbours were not placed`);
      return accepted;
    } finally {
      await pool.close();
    }
  },
};
