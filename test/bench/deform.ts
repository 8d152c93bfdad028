import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Vec3 } from '../../preload/contract/space.ts';
import { spacedUm, writeNrrd } from '../engine/write-nrrd.ts';
import { type Bent, bent, type BentPair, type Voxels } from './bent-volumes.ts';
import { makeBrainScene, sceneSize } from './brain-scene.ts';
import type { Bench, BenchRow } from './row.ts';

const peers = ['elastix', 'ants', 'dipy'] as const;
const each = <T extends z.ZodType>(value: T) => z.record(z.string(), value);
const peerAnswer = z.object({
  secs: z.object({ elastix: z.number(), ants: z.number(), dipy: z.number() }),
  /** Of every two, the mean Dice of all regions. */
  dice: each(each(z.number())),
  /** With the labels of the fixed volume, where they are known. */
  truth: each(z.number()).optional(),
});
type PeerAnswer = z.infer<typeof peerAnswer>;

interface Scene extends BentPair {
  /** Labels of the fixed volume, where they are known. */
  readonly truth: Uint8Array | null;
  /** The moving volume's x is the fixed one's z, and the other way around: peers don't look for that. */
  readonly isTurned: boolean;
}

interface Held {
  readonly mostMb: number;
  readonly leastVoxels: number;
  /** Of the time of ANTs. */
  readonly partOfAnts: number;
  /** Throws where ours is not as good as it should be. */
  check(answer: PeerAnswer): void;
}

const shared = join(import.meta.dirname, '../../../shared/data');

function invertedScene({ folder }: Bench): Scene {
  const { fixed, moving, inverted } = makeBrainScene();
  const um = 25;
  const size = [sceneSize, sceneSize, sceneSize];
  const file = (name: string, values: Float32Array | Uint8Array): string =>
    writeNrrd(join(folder, `${name}.nrrd`), size, values, spacedUm([um, um, um]));
  return {
    fixed: file('fixed', fixed.levels),
    moving: file('moving', inverted),
    labels: file('labels', moving.labels),
    ...{ voxelNm: 1000 * um, truth: fixed.labels, isTurned: false },
  };
}

function realBrain(): Scene {
  const file = (name: string): string => {
    const path = join(shared, name);
    if (!existsSync(path)) throw new Error(`${name} is not in ../shared/data`);
    return path;
  };
  return {
    fixed: file('mouse-brain/downsampled.tiff'),
    moving: file('atlas/average_template_100.nrrd'),
    labels: file('atlas/annotation_100.nrrd'),
    ...{ voxelNm: 100_000, truth: null, isTurned: true },
  };
}

function turned({ sizeXyz: [width, height, depth], values }: Voxels): Voxels {
  const at = (i: number): number => {
    const [x, y, z] = [i % depth, Math.floor(i / depth) % height, Math.floor(i / (depth * height))];
    return values[(x * height + y) * width + z]!;
  };
  return { sizeXyz: [depth, height, width], values: values.map((_, i) => at(i)) };
}

function leave(folder: string, { fixed, moving, labels, seen }: Bent, { truth, isTurned }: Scene): [Vec3, Vec3] {
  const there = isTurned ? [turned(moving), turned(labels)] : [moving, labels];
  writeFileSync(join(folder, 'fixed.f32'), Float32Array.from(fixed.values));
  writeFileSync(join(folder, 'moving.f32'), Float32Array.from(there[0]!.values));
  writeFileSync(join(folder, 'labels.u32'), Uint32Array.from(there[1]!.values));
  writeFileSync(join(folder, 'ours.u32'), Uint32Array.from(seen.values));
  if (truth) writeFileSync(join(folder, 'truth.u32'), Uint32Array.from(truth));
  return [fixed.sizeXyz, there[0]!.sizeXyz];
}

function deformRow(
  { id, workload, target }: Pick<BenchRow, 'id' | 'workload' | 'target'>,
  make: (bench: Bench) => Scene,
  held: Held,
): BenchRow {
  const left: { sizes: [Vec3, Vec3] | null; secs: number } = { sizes: null, secs: Infinity };
  return {
    ...{ id, workload, target, unit: 's' },
    isMet: (ours, theirs) => ours <= (theirs ?? Infinity),
    measure: async (bench) => {
      const scene = make(bench);
      const made = await bent(bench, scene);
      const [mean, most] = made.inverseVoxels;
      console.error(
        `  ours: ${made.secs.toFixed(1)} s, ${made.peakMb.toFixed(0)} MB, least determinant ${made.least.toFixed(2)}, there and back ${mean.toFixed(4)} voxels, at most ${most.toFixed(3)}`,
      );
      if (made.peakMb > held.mostMb || mean > 0.1 || most > 0.5) throw new Error('too much memory, or no inverse');
      left.sizes = leave(bench.folder, made, scene);
      return (left.secs = made.secs);
    },
    peer: {
      name: 'itk-elastix 0.25.4 B-spline of 8 voxels by mutual information; antspyx 0.6.3 SyN and dipy 1.12.1 SyN too',
      requirements: ['numpy==2.3.5', 'scipy==1.15.3', 'dipy==1.12.1', 'itk-elastix==0.25.4', 'antspyx==0.6.3'],
      measure: async (bench, python) => {
        const sizes = left.sizes!.map((size) => size.join());
        const out = await python('deform.py', bench.folder, ...sizes, String(held.leastVoxels));
        const answer = peerAnswer.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
        console.error(`  ${JSON.stringify(answer)}`);
        held.check(answer);
        if (!(left.secs <= held.partOfAnts * answer.secs.ants)) throw new Error(`ANTs takes ${answer.secs.ants} s`);
        return answer.secs.elastix;
      },
    },
  };
}

/** Nobody knows the truth: ours agrees with each peer as the other peers do, or more. */
function agrees({ dice }: PeerAnswer): void {
  for (const peer of peers) {
    const others = peers.filter((other) => other !== peer).map((other) => dice[peer]![other]!);
    const theirs = others.reduce((sum, one) => sum + one, 0) / others.length;
    const ours = dice['ours']![peer]!;
    console.error(`  ${peer}: agrees with the other peers by ${theirs.toFixed(4)}, with ours by ${ours.toFixed(4)}`);
    if (!(ours >= theirs - 0.01)) throw new Error(`${peer} agrees with ours less than with others`);
  }
}

function overlaps({ truth }: PeerAnswer): void {
  const { ours = 0, elastix = 1 } = truth ?? {};
  if (!(ours >= Math.max(0.955, elastix - 0.006))) throw new Error(`Dice ${ours}, elastix ${elastix}`);
}

export const deformRows: readonly BenchRow[] = [
  deformRow(
    {
      id: 'register-inverted',
      workload:
        'affine and deformation of 96^3 voxels with 24 regions, contrast inverted and bent, by the jobs of the engine as they are by default, to fields on disk; two threads',
      target: 'at Dice 0.955 or more, at most 0.006 below elastix: the time of elastix and of ANTs, 1 GB',
    },
    invertedScene,
    { mostMb: 1024, leastVoxels: 1, partOfAnts: 1, check: overlaps },
  ),
  deformRow(
    {
      id: 'register-100um',
      workload:
        'a real mouse brain of 108 x 77 x 135 voxels and the Allen template, 100 um: affine in 24 orientations and deformation, by the jobs of the engine as they are by default, to fields on disk; two threads',
      target:
        'agreeing with each peer (Dice of regions of 100 voxels or more) as the other peers do, less 0.01, or more: the time of elastix, a third of that of ANTs, 1 GB',
    },
    realBrain,
    { mostMb: 1024, leastVoxels: 100, partOfAnts: 1 / 3, check: agrees },
  ),
];
