import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { resultOf } from '../engine/follow-job.ts';
import { spacedUm, writeNrrd } from '../engine/write-nrrd.ts';
import { seededRandom } from '../formats/mutate.ts';
import { type Bench, type BenchRow, medianOf, timesOf } from './row.ts';

/** A mouse brain at 50 um: 6 x 4 x 5 regions of blocks with their labels, round about them nothing. */
const [size, um] = [[264, 160, 228] as const, 50];
const pointsAtOnce = 1000;

function labelAt(x: number, y: number, z: number): number {
  const [i, j, k] = [x >> 5, y >> 5, z >> 5];
  return i === 0 || j === 0 || k === 0 ? 0 : 1 + i + 9 * (j + 6 * k);
}

function writeAtlas(folder: string): { readonly annotation: string; readonly ontology: string } {
  const [annotation, ontology] = [join(folder, 'annotation.nrrd'), join(folder, 'regions.csv')];
  const labels = new Uint32Array(size[0] * size[1] * size[2]);
  const used = new Set<number>();
  for (let z = 0, at = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++) for (let x = 0; x < size[0]; x++) used.add((labels[at++] = labelAt(x, y, z)));
  writeNrrd(annotation, size, labels, spacedUm([um, um, um]));
  const rows = [...used].filter((id) => id > 0).map((id) => `${id},region ${id},r${id},100000`);
  writeFileSync(ontology, `id,name,acronym,parent\n100000,root,root,\n${rows.join('\n')}\n`);
  return { annotation, ontology };
}

function randomPoints(): [number, number, number][] {
  const random = seededRandom(11);
  const middle = (n: number): number => (Math.floor(random() * n) + 0.5) * um * 1000;
  return Array.from({ length: pointsAtOnce }, () => [middle(size[0]), middle(size[1]), middle(size[2])]);
}

/** Up to 150 um, every 100 um: as fine as registrations to such an atlas are. */
function writeField(folder: string): string {
  const step = 100;
  const fieldSize = size.map((n) => (n * um) / step) as unknown as typeof size;
  const vectors = new Float32Array(3 * fieldSize[0] * fieldSize[1] * fieldSize[2]);
  for (let z = 0, i = 0; z < fieldSize[2]; z++)
    for (let y = 0; y < fieldSize[1]; y++)
      for (let x = 0; x < fieldSize[0]; x++) {
        vectors[i++] = 0.15 * Math.sin(y / 17);
        vectors[i++] = 0.15 * Math.sin(z / 19);
        vectors[i++] = 0.15 * Math.sin(x / 13);
      }
  const place = [
    'space: left-posterior-superior',
    `space directions: none (${step / 1000},0,0) (0,${step / 1000},0) (0,0,${step / 1000})`,
    'kinds: vector domain domain domain',
    `space origin: (${step / 2000},${step / 2000},${step / 2000})`,
    'space units: "mm" "mm" "mm"',
  ];
  return writeNrrd(join(folder, 'field.nrrd'), [3, ...fieldSize], vectors, place);
}

async function measureLed({ folder, threads }: Bench): Promise<number> {
  const engine = createEngine({ threads });
  try {
    const [client, library] = [engine.client(), join(folder, 'library')];
    const started = client.atlas.import({ library, ...writeAtlas(folder), orientation: 'asl' });
    const made = await resultOf<{ readonly atlas: string; readonly annotation: string }>(client, library, started);
    const steps = [{ type: 'field' as const, source: writeField(folder), frame: 'volume' as const, vectorUnitNm: 1e6 }];
    const { volume } = await client.warp.create({ library, volume: made.annotation, steps });
    const points = randomPoints();
    const asked = { library, atlas: made.atlas, points, space: volume.id };
    const lookUp = async () => (await client.atlas.lookup(asked)).value;
    const { points: found, regions } = await lookUp();
    const { points: led } = (await client.warp.points({ library, volume: volume.id, points })).value;
    const wrong = led.filter((point, i) => {
      const [a, b, c] = point!.map((nm) => Math.floor(nm / (um * 1000)));
      const isIn = [a, b, c].every((v, k) => v! >= 0 && v! < size[k]!);
      return (regions[found[i]?.region ?? -1]?.id ?? '0') !== String(isIn ? labelAt(a!, b!, c!) : 0);
    });
    if (wrong.length > 0) throw new Error(`${wrong.length} points are in other regions`);
    return medianOf(await timesOf(50, 10, lookUp));
  } finally {
    await engine.close();
  }
}

async function measure({ folder, threads }: Bench): Promise<number> {
  const engine = createEngine({ threads });
  try {
    const [client, library] = [engine.client(), join(folder, 'library')];
    const started = client.atlas.import({ library, ...writeAtlas(folder), orientation: 'asl' });
    const { atlas } = await resultOf<{ readonly atlas: string }>(client, library, started);
    const points = randomPoints();
    const lookUp = async () => (await client.atlas.lookup({ library, atlas, points })).value;
    const { points: found, regions } = await lookUp();
    const wrong = points.filter(([x, y, z], i) => {
      const [a, b, c] = [x, y, z].map((nm) => Math.floor(nm / (um * 1000)));
      const wanted = labelAt(a ?? 0, b ?? 0, c ?? 0);
      return (regions[found[i]?.region ?? -1]?.id ?? '0') !== String(wanted);
    });
    if (wrong.length > 0) throw new Error(`${wrong.length} points are in other regions`);
    return medianOf(await timesOf(50, 10, lookUp));
  } finally {
    await engine.close();
  }
}

export const regionLookup: BenchRow = {
  id: 'region-lookup',
  workload: 'The regions of 1,000 points anywhere in an atlas of 264 x 160 x 228 voxels, warm, by a call of the engine',
  unit: 'ms',
  target: '5 ms or less',
  isMet: (ours) => ours <= 5,
  measure,
};

export const regionLookupLed: BenchRow = {
  id: 'region-lookup-led',
  workload:
    'The regions of 1,000 points anywhere in a volume that a field of 132 x 80 x 114 vectors leads to that atlas, warm, by a call of the engine',
  unit: 'ms',
  target: '5 ms or less',
  isMet: (ours) => ours <= 5,
  measure: measureLed,
};
