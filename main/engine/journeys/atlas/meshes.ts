import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { atlasProcedures, Region } from '../../../../preload/contract/atlas.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ShapeSet } from '../../../../preload/contract/shape.ts';
import { atlasById, treeOf } from '../../atlases/atlas-rows.ts';
import { LabelBoxes } from '../../atlases/label-boxes.ts';
import type { RegionTree } from '../../atlases/region-tree.ts';
import { levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../../formats/volume-format.ts';
import { type JobEnding, type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { meshesFolder, meshesRefOf } from '../../store/library-meshes.ts';
import { shapeRow } from '../../store/shape-rows.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { removeHalfWrittenIn } from '../../volumes/half-written.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';

type Meshes = typeof atlasProcedures.meshes;
export type MeshesInput = Omit<ParsedOf<Meshes>, 'library'>;
export type MeshesOutput = OutputOf<Meshes>;

/** Of a level whose regions are all held at once. */
const mostVoxels = 2 ** 24;
/** Steps of voxels are gone after so many rounds; more of them round what is fine. */
const rounds = 10;
const boxesAtOnce = 2;

interface MeshFile {
  /** 0: at this level the region has no voxels. */
  readonly triangles: number;
  readonly bytes: number;
  readonly boundsNm: NonNullable<ShapeSet['boundsNm']>;
}

/** A mesh for each region, the regions inside of it with it, as a set of shapes of the library whose keys are labels. */
export async function meshRegions(
  volumes: OpenVolumes,
  job: JobRun,
  input: MeshesInput,
): Promise<JobEnding<MeshesOutput>> {
  const { library, kernels, signal } = job;
  const atlas = atlasById(library, input.atlas);
  const tree = treeOf(library, atlas.id);
  const regions = regionsAsked(tree, input.regions);
  const opened = await volumes.ofJob(library, atlas.annotation, kernels, signal);
  const shape = idOfJob('shape', job.id);
  const folder = meshesFolder(library, shape);
  try {
    const { plan } = opened.volume;
    const level =
      input.level ??
      Math.max(
        0,
        plan.levels.findIndex(({ sizeXyz }) => voxelsIn(sizeXyz) <= mostVoxels),
      );
    const planned = levelAt(plan, level);
    if (voxelsIn(planned.sizeXyz) > mostVoxels) throw tooFine(atlas.name, planned);
    await mkdir(folder, { recursive: true });
    let boxes: Promise<LabelBoxes> | null = null;
    const units = regions.map((region): Unit<MeshFile> => ({
      key: unitKey('region-mesh', 1, job.id, region.id),
      subject: region.name || region.acronym || region.id,
      run: async (stop) => {
        boxes ??= LabelBoxes.read({ volume: opened.volume, level, tree, kernels, signal });
        return meshOf(job, { region, boxes: await boxes, planned, folder }, stop);
      },
      stillThere: ({ triangles, bytes }) => triangles === 0 || sizeOf(fragmentFile(folder, region)) === bytes,
    }));
    const stage = { name: 'Making meshes', unit: 'regions', units, inFlight: boxesAtOnce };
    const made = await job.stage(stage);
    await removeHalfWrittenIn(folder);
    const drawn = regions.filter((_, i) => (made[i]?.triangles ?? 0) > 0);
    if (drawn.length === 0) throw nothing(atlas.name, level);
    await writeNames(folder, drawn);
    const set: ShapeSet = {
      ...{ id: shape, name: input.name ?? `${atlas.name}, regions`.slice(0, 200), kind: 'mesh', unitNm: 1 },
      ...{ format: 'precomputed-legacy-mesh', count: drawn.length, boundsNm: around(made) },
      source: { kind: 'local', text: meshesRefOf(shape) },
      liesIn: atlas.annotation,
      createdAt: new Date().toISOString(),
    };
    return {
      label: `Make meshes of ${atlas.name}`,
      commit: (tx) => {
        tx.put('shape', shapeRow(set, { kind: 'local', address: meshesRefOf(shape), allowPrivate: false }));
        return { shape, meshes: drawn.length, level, tooSmall: regions.length - drawn.length };
      },
    };
  } finally {
    await opened.close();
  }
}

/** Those that have voxels; those that are named, where some are. */
function regionsAsked(tree: RegionTree, asked: readonly string[] | undefined): readonly Region[] {
  const all = asked ? asked.map((name) => tree.branch(name)) : tree.regions;
  return [...new Set(all)].filter(({ allVoxels }) => allVoxels > 0);
}

interface MeshOf {
  readonly region: Region;
  readonly boxes: LabelBoxes;
  readonly planned: VolumeLevelPlan;
  readonly folder: string;
}

async function meshOf(
  { kernels }: JobRun,
  { region, boxes, planned, folder }: MeshOf,
  signal: AbortSignal,
): Promise<MeshFile> {
  // A value is one more than the region's place.
  const [from, end] = [region.at + 1, region.end + 1];
  const box = boxes.around(from, end);
  const { voxelSizeNm: spacingNm, originNm } = planned;
  const corner = (voxel: readonly number[]): [number, number, number] => [
    originNm[0] + (voxel[0] ?? 0) * spacingNm[0],
    originNm[1] + (voxel[1] ?? 0) * spacingNm[1],
    originNm[2] + (voxel[2] ?? 0) * spacingNm[2],
  ];
  if (!box) return { triangles: 0, bytes: 0, boundsNm: { min: corner([0, 0, 0]), max: corner([0, 0, 0]) } };
  const boundsNm = { min: corner(box.min), max: corner(box.min.map((at, i) => at + (box.size[i] ?? 0))) };
  const { header, outputs } = await kernels.run(
    'region-surface',
    { size: box.size, spacingNm, originNm: boundsNm.min, from, end, rounds },
    { inputs: [boxes.cut(box)], signal, lane: 'batch' },
  );
  const bytes = outputs[0] ?? new Uint8Array();
  await writeFileDurably(fragmentFile(folder, region), [bytes]);
  await writeFileDurably(join(folder, manifestOf(region)), [json({ fragments: [fragmentOf(region)] })]);
  return { triangles: header.triangles, bytes: bytes.byteLength, boundsNm };
}

const fragmentOf = ({ id }: Region): string => `${id}.fragment`;
const fragmentFile = (folder: string, region: Region): string => join(folder, fragmentOf(region));
/** A colon, as it is written where file systems have none. */
const manifestOf = ({ id }: Region): string => `${id}%3A0`;
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;

/** google/neuroglancer, src/datasource/precomputed/segment_properties.rst. */
async function writeNames(folder: string, regions: readonly Region[]): Promise<void> {
  const values = regions.map(({ name, acronym, id }) => name || acronym || id);
  const inline = { ids: regions.map(({ id }) => id), properties: [{ id: 'label', type: 'label', values }] };
  await mkdir(join(folder, 'names'), { recursive: true });
  const properties = { '@type': 'neuroglancer_segment_properties', inline };
  await writeFileDurably(join(folder, 'names', 'info'), [json(properties)]);
  const info = { '@type': 'neuroglancer_legacy_mesh', segment_properties: 'names' };
  await writeFileDurably(join(folder, 'info'), [json(info)]);
}

function around(made: readonly MeshFile[]): ShapeSet['boundsNm'] {
  const all = made.filter(({ triangles }) => triangles > 0).map(({ boundsNm }) => boundsNm);
  const least = (i: 0 | 1 | 2): number => Math.min(...all.map(({ min }) => min[i]));
  const most = (i: 0 | 1 | 2): number => Math.max(...all.map(({ max }) => max[i]));
  return { min: [least(0), least(1), least(2)], max: [most(0), most(1), most(2)] };
}

const tooFine = (name: string, { sizeXyz }: VolumeLevelPlan): LamellaError =>
  new LamellaError('over-budget', `${name} has ${sizeXyz.join(' x ')} voxels at this level.`, {
    hint: `Meshes are made of at most ${mostVoxels} voxels: give a coarser --level, or make coarse levels with volume pyramid.`,
    fields: { voxels: voxelsIn(sizeXyz), budget: mostVoxels },
  });

const nothing = (name: string, level: number): LamellaError =>
  new LamellaError('invalid-input', `None of these regions of ${name} has a voxel at level ${level}.`, {
    hint: 'Give a finer --level, or other regions.',
    fields: { level },
  });
