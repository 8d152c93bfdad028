import { z } from 'zod';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { type BrainScene, makeBrainScene, meanDice, sceneSize, seenThrough, writeScene } from './brain-scene.ts';
import { threadFiles } from './em-volume.ts';
import { type BenchRow, medianOf, timesOf } from './row.ts';

/** Either contrast of the moving brain, as the scene's files call it. */
type Contrast = 'moving' | 'inverted';

/** Dice that is not worse than this, whatever peers reach. */
const least = { dice: 0.875, belowBestPeer: 0.002 } as const;
/** What the baseline says of its scene, and how near this one is to it. */
const baseline = { dice: 0.628, shiftVoxels: 11.2 } as const;
const alike = { dice: 0.01, shiftVoxels: 0.3 } as const;
const spacingUm = 25;

function checked(scene: BrainScene): BrainScene {
  const dice = meanDice(scene.fixed.labels, scene.moving.labels);
  const shift = scene.maxShiftVoxels;
  console.error(`  scene: Dice ${dice.toFixed(4)} before, places up to ${shift.toFixed(2)} voxels apart`);
  if (Math.abs(dice - baseline.dice) > alike.dice || Math.abs(shift - baseline.shiftVoxels) > alike.shiftVoxels)
    throw new Error('the scene is not that of the baseline');
  return scene;
}

/** Seconds of the whole kernel, from voxels to the map, on one thread; and the Dice of its labels. */
async function registered(
  scene: BrainScene,
  contrast: Contrast,
): Promise<{ readonly secs: number; readonly dice: number }> {
  const moving = contrast === 'moving' ? scene.moving.levels : scene.inverted;
  const inputs = [scene.fixed.levels, moving].map(({ buffer }) => new Uint8Array(buffer));
  const volume = {
    size: [sceneSize, sceneSize, sceneSize],
    spacingUm: [spacingUm, spacingUm, spacingUm],
    dtype: 'float32',
  } as const;
  const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
  const run = () => pool.run('register-affine', { fixed: volume, moving: volume }, { inputs });
  try {
    const { header: found } = await run();
    const dice = diceOf(
      scene,
      found.movingFromFixed.map((v, i) => (i % 4 === 3 ? v / spacingUm : v)),
    );
    console.error(`  ours: Dice ${dice.toFixed(4)}, verdict ${found.verdict}`);
    if (!(dice >= least.dice && found.verdict === 'pass'))
      throw new Error(`the labels overlap by ${dice} only, verdict ${found.verdict}: ${found.reasons.join()}`);
    return { secs: medianOf(await timesOf(3, 0, run)) / 1000, dice };
  } finally {
    await pool.close();
  }
}

function diceOf({ fixed, moving }: BrainScene, movingFromFixed: readonly number[]): number {
  return meanDice(fixed.labels, seenThrough(movingFromFixed, moving.labels));
}

const peerAnswer = z.object({ secs: z.number(), map: z.array(z.number()).length(12) });

function affineRow(id: string, contrast: Contrast, what: string): BenchRow {
  const scene = { made: null as BrainScene | null, dice: 0 };
  return {
    id,
    workload: `affine by mutual information of 96^3 voxels with 24 regions, ${what}; one thread of ours, two of the peers'`,
    unit: 's',
    target: 'at most 6 s and the time of elastix, at Dice 0.875 or more, at most 0.002 below the best peer',
    isMet: (ours, theirs) => ours <= Math.min(6, theirs ?? Infinity),
    measure: async (bench) => {
      scene.made = checked(makeBrainScene());
      if (bench.peers) writeScene(bench.folder, scene.made);
      const { secs, dice } = await registered(scene.made, contrast);
      scene.dice = dice;
      return secs;
    },
    peer: {
      name: 'itk-elastix 0.25.4, 4 levels of 500 iterations, 5,000 samples; Dice of dipy 1.12.1, too',
      requirements: ['numpy==2.4.6', 'scipy==1.17.1', 'dipy==1.12.1', 'itk-elastix==0.25.4'],
      measure: async (bench, python) => {
        const secsOf = async (peer: 'elastix' | 'dipy'): Promise<number> => {
          const out = await python('affine.py', peer, bench.folder, contrast);
          const { secs, map } = peerAnswer.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
          const dice = scene.made ? diceOf(scene.made, map) : Number.NaN;
          console.error(`  ${peer}: Dice ${dice.toFixed(4)} in ${secs.toFixed(2)} s`);
          if (!(scene.dice >= dice - least.belowBestPeer)) throw new Error(`${peer} gets ${dice}, ours ${scene.dice}`);
          return secs;
        };
        const secs = await secsOf('elastix');
        await secsOf('dipy');
        return secs;
      },
    },
  };
}

export const affineRows: readonly BenchRow[] = [
  affineRow('affine-mi', 'moving', 'same contrast'),
  affineRow('affine-mi-inverted', 'inverted', 'contrast inverted and bent'),
];
