import type { Atlas } from '../../../../preload/contract/atlas.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { RegionOf, regionProcedures, RegionResult } from '../../../../preload/contract/region.ts';
import { atlasById } from '../../atlases/atlas-rows.ts';
import { storeRegionResult } from '../../atlases/region-results.ts';
import { merged, type RegionTally } from '../../atlases/region-tally.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import type { OpenShapes } from '../../formats/shapes/shape-format.ts';
import type { JobEnding, JobRun, Kernels } from '../../jobs/job.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { shapesById } from '../../store/shape-rows.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { countPoints, middlesOfShapes, pointsDrawn, pointsOfTable } from './points.ts';
import { measureSegments } from './segments.ts';
import { type MeasuredSpace, openSpace } from './space.ts';
import { type BlockTallies, measureVoxels } from './voxels.ts';

type Measure = typeof regionProcedures.measure;
export type MeasureInput = Omit<ParsedOf<Measure>, 'library'>;
export type MeasureOutput = OutputOf<Measure>;
export type OpenShapesOf = (library: LibraryStore, id: string, kernels: Kernels) => Promise<OpenShapes>;

export interface RegionRoom {
  readonly volumes: OpenVolumes;
  readonly shapes: OpenShapesOf;
}

/** Throws 'invalid-input' where the thing can't be measured, or nothing leads from it to the atlas. */
export async function measureRegions(
  room: RegionRoom,
  job: JobRun,
  input: MeasureInput,
): Promise<JobEnding<MeasureOutput>> {
  const atlas = atlasById(job.library, input.atlas);
  const about = checked(job.library, input.of);
  const space = await openSpace(room.volumes, job, {
    ...{ atlas, space: about.space, level: input.level, hemispheres: input.hemispheres },
  });
  try {
    const found = await measured(room, job, input.of, space);
    const read = found.blocks.filter((block) => block !== null);
    if (read.length === 0) throw nothingRead(about.name);
    const tallies = merged([...read.flat(), ...found.points]);
    const { unit, total } = found;
    const inRegions = tallies.reduce((sum, tally) => sum + (unit === 'voxels' ? tally.voxels : tally.found), 0);
    warnOf(job, { atlas, about, space, found, inRegions, asked: input.hemispheres });
    const result: RegionResult = {
      id: idOfJob('region', job.id),
      name: input.name ?? `${about.name} by region of ${atlas.name}`.slice(0, 200),
      atlas: atlas.id,
      of: input.of,
      ...{ space: about.space, level: space.level, voxelSizeNm: space.grid.voxelSizeNm, through: [...space.through] },
      ...{ hemispheres: space.tellsSides, unit, total, inRegions, unread: found.blocks.length - read.length },
      createdAt: new Date().toISOString(),
    };
    return {
      label: `Measure ${about.name} by region`,
      commit: (tx) => {
        storeRegionResult(tx, result, tallies, job.id);
        return { result: result.id, total, inRegions };
      },
    };
  } finally {
    await space.close();
  }
}

interface Found {
  readonly blocks: readonly BlockTallies[];
  readonly points: readonly RegionTally[];
  readonly unit: RegionResult['unit'];
  readonly total: number;
}

async function measured(room: RegionRoom, job: JobRun, of: RegionOf, space: MeasuredSpace): Promise<Found> {
  if ('volume' in of) {
    const blocks = await measureVoxels(job, space, of);
    return { blocks, points: [], unit: 'voxels', total: voxelsIn(space.grid.sizeXyz) };
  }
  if ('segments' in of) {
    const { blocks, centroids } = await measureSegments(job, space, of.time);
    const points = await countPoints(job, space, centroids, 'segments');
    return { blocks, points, unit: 'segments', total: centroids.length / 3 };
  }
  const places = await placesOf(room, job, of);
  const points = await countPoints(job, space, places, 'points');
  const blocks = await measureVoxels(job, space, null);
  return { blocks, points, unit: 'points', total: places.length / 3 };
}

async function placesOf(
  room: RegionRoom,
  job: JobRun,
  of: Exclude<RegionOf, { volume: string } | { segments: string }>,
): Promise<Float64Array> {
  if ('annotations' in of) return pointsDrawn(job, of.annotations);
  if ('points' in of) return pointsOfTable(of.points, of.unitNm);
  return middlesOfShapes(job, await room.shapes(job.library, of.shapes, job.kernels), of.shapes);
}

interface About {
  readonly space: string;
  readonly name: string;
}

function checked({ read }: LibraryStore, of: RegionOf): About {
  if ('shapes' in of) return { space: of.space, name: shapesById(read, of.shapes).set.name };
  if ('points' in of) return { space: of.space, name: of.points.split(/[\\/]/).at(-1) ?? 'points' };
  if ('annotations' in of)
    return { space: of.annotations, name: `points in ${volumeById(read, of.annotations).volume.name}` };
  const isImage = 'volume' in of;
  const id = isImage ? of.volume : of.segments;
  const { name, kind, channels, times } = volumeById(read, id).volume;
  const many = channels?.length ?? 1;
  if (isImage !== (kind === 'image')) throw otherKind(id, name, isImage);
  if (of.time >= times || (isImage && of.channel >= many))
    throw new LamellaError('invalid-input', `"${name}" has ${many} channels and ${times} times.`, {
      hint: 'Both are counted from 0.',
      fields: { volume: id, time: of.time, ...(isImage && { channel: of.channel }) },
    });
  const channel = isImage && many > 1 ? `, channel ${of.channel}` : '';
  return { space: id, name: `${name}${channel}` };
}

const otherKind = (id: string, name: string, asImage: boolean): LamellaError =>
  new LamellaError('invalid-input', `"${name}" holds ${asImage ? 'labels: they have no grey levels' : 'no labels'}.`, {
    hint: asImage ? 'Count them with --of \'{"segments": "…"}\'.' : 'Measure it with --of \'{"volume": "…"}\'.',
    fields: { volume: id },
  });

const nothingRead = (name: string): LamellaError =>
  new LamellaError('bad-source', `No block of ${name} could be read.`, {
    hint: 'The warnings of the job say why; volume refresh and relink find what moved.',
  });

interface Ended {
  readonly atlas: Atlas;
  readonly about: About;
  readonly space: MeasuredSpace;
  readonly found: Found;
  readonly inRegions: number;
  readonly asked: boolean;
}

function warnOf(job: JobRun, { atlas, about, space, found, inRegions, asked }: Ended): void {
  const warn = (message: string): void => job.warn({ subject: about.name, message });
  if (inRegions === 0) warn(`Nothing of it lies in a region of ${atlas.name}: check what leads there, and units.`);
  if (asked && !space.tellsSides)
    warn(`Left and right are not told apart: ${atlas.name} has no orientation. Import it with --orientation.`);
  const unread = found.blocks.filter((block) => block === null).length;
  if (unread > 0) warn(`${unread} of ${found.blocks.length} blocks could not be read: what lies in them is missing.`);
}
