import { brickKey, sourceKey } from '../../renderer/scene/stage/sources.ts';
import type { Want } from '../../renderer/scene/stage/want-list.ts';
import { WantList } from '../../renderer/scene/stage/want-list.ts';
import type { BenchRow } from './row.ts';
import { medianOf } from './row.ts';

const inView = 2048;
const soon = 192;
const ahead = 768;
const steps = 200;
/** Channels of a volume that take turns in the list. */
const sources = [0, 1, 2, 3].map((channel) => sourceKey('volume-0a1b2c3d4e5f', channel, 0));

/** The wants of a view that has gone `step` columns on: most stay, some are new. */
function wantsAt(step: number): readonly Want[] {
  const want = (i: number, tier: Want['tier']): Want => {
    const source = sources[i & 3] ?? '';
    const address = [0, step * 8 + (i & 63), i >> 6, 0] as const;
    return { key: brickKey(source, address), source, address, tier };
  };
  return [
    ...Array.from({ length: inView }, (_, i) => want(i, 0)),
    ...Array.from({ length: soon }, (_, i) => want(inView + i, 1)),
    ...Array.from({ length: ahead }, (_, i) => want(inView + soon + i, 2)),
  ];
}

/** Priority updates a second of the scheduler of bricks, keys and all, while a third of what is wanted is here. */
export const wantList: BenchRow = {
  id: 'want-list',
  workload: `Scheduler of bricks: ${inView + soon + ahead} wants of a view that moves, microseconds for 1,000 updates`,
  unit: 'us',
  target: '<= 10000 us for 1,000 (100,000 a second)',
  isMet: (ours) => ours <= 10_000,
  measure: () => {
    const rounds: number[] = [];
    for (let round = -2; round < 5; round++) {
      const list = new WantList();
      let wants = 0;
      const started = performance.now();
      for (let step = 0; step < steps; step++) {
        const now = wantsAt(step);
        list.update(now, (key) => key.charCodeAt(key.length - 3) % 3 === 0);
        wants += now.length;
      }
      if (round >= 0) rounds.push(((performance.now() - started) * 1000 * 1000) / wants);
    }
    return Promise.resolve(medianOf(rounds));
  },
};
