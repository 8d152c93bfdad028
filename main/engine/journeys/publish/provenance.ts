import { createHash } from 'node:crypto';
import { z } from 'zod';
import { tasks, type TaskName } from '../../../../native-workers/tasks.ts';
import type { Metadata } from '../../../../preload/contract/publish.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import type { ReadHandle } from '../../store/library-store.ts';
import type { StoredVolume } from '../../store/volume-rows.ts';

/** One job on the way from the tiles to the volume. */
interface Step {
  readonly step: string;
  readonly lamella: string;
  readonly kernels: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Provenance {
  readonly format: 'lamella-provenance';
  readonly version: 1;
  /** How the volume was made, in sentences for a methods section. */
  readonly methods: string;
  readonly metadata: Metadata;
  readonly volume: {
    readonly dtype: string;
    readonly sizeXyz: readonly number[];
    readonly voxelSizeNm: readonly number[];
    readonly originVoxel: readonly number[];
    readonly levels: number;
  };
  readonly steps: readonly Step[];
  readonly sources: {
    readonly tiles: number;
    readonly sections: number;
    readonly sha256: string;
    readonly files: readonly SourceFile[];
  };
}

interface SourceFile {
  readonly name: string;
  readonly sha256: string;
}

/** More source files than this are told by their common hash alone. */
const maxListed = 20_000;

/**
 * How the volume came to be: parameters, versions and the hashes of the source files. It tells no times, ids, folders or
 * user names, so that the same data made in the same way has the same provenance anywhere, to the byte.
 */
export function provenanceOf(
  read: ReadHandle,
  { volume, job: volumeJob }: StoredVolume,
  plan: VolumePlan,
  metadata: Metadata,
): Provenance {
  const stack = read.get<StackRow>(
    'SELECT dataset, model, links, dropped, rms_px, max_px, verdict, job FROM stack WHERE id = ?',
    volume.stack,
  );
  const dataset = stack && read.get<{ job: string }>('SELECT job FROM dataset WHERE id = ?', stack.dataset);
  const steps = [dataset?.job, stack?.job, volumeJob].flatMap((job) => (job === undefined ? [] : stepOf(read, job)));
  const sources = stack ? sourcesOf(read, stack.dataset) : { tiles: 0, sections: 0, sha256: '', files: [] };
  const [level] = plan.levels;
  const about = {
    dtype: plan.dtype,
    sizeXyz: level?.sizeXyz ?? [],
    voxelSizeNm: level?.voxelSizeNm ?? [],
    originVoxel: volume.originVoxel,
    levels: plan.levels.length,
  };
  return {
    format: 'lamella-provenance',
    version: 1,
    methods: stack ? methodsText(stack, sources, about, steps) : addedText(volume.source.format, about, steps),
    metadata,
    volume: about,
    steps,
    sources,
  };
}

interface StackRow {
  readonly dataset: string;
  readonly model: string;
  readonly links: number;
  readonly dropped: number;
  readonly rms_px: number;
  readonly max_px: number;
  readonly verdict: string;
  readonly job: string;
}

interface JobRow {
  readonly kind: string;
  readonly input: string;
  readonly kernels: string;
  readonly lamella_version: string;
}

/** What each journey computes with. A resumed job's row may lack a kernel whose units were all done before. */
const kernelsOfKind: Readonly<Record<string, readonly TaskName[]>> = {
  'ingest.start': ['inspect-tile'],
  'stack.import': ['inspect-tile'],
  'stitch.start': ['correlate-pair', 'solve-stack'],
  'stitch.fuse': ['render-region', 'downsample-voxels', 'encode-block'],
  'volume.add': ['decode-voxels', 'downsample-voxels'],
};

function stepOf(read: ReadHandle, job: string): Step[] {
  const row = read.get<JobRow>('SELECT kind, input, kernels, lamella_version FROM job WHERE id = ?', job);
  if (!row) return [];
  const used = numbersSchema.parse(parsed(row.kernels));
  const kernels = Object.fromEntries(
    (kernelsOfKind[row.kind] ?? []).map((name) => [name, used[name] ?? tasks[name].version]),
  );
  return [{ step: row.kind, lamella: row.lamella_version, kernels, parameters: parametersOf(parsed(row.input)) }];
}

const numbersSchema = z.record(z.string(), z.number()).catch({});
const inputSchema = z.record(z.string(), z.unknown()).catch({});

/** These name things of one library on one machine. */
const local: ReadonlySet<string> = new Set([
  'library',
  'source',
  'image',
  'dataset',
  'stack',
  'volume',
  'out',
  'name',
  'allowPrivate',
]);

function parametersOf(input: unknown): Readonly<Record<string, unknown>> {
  const kept = Object.entries(inputSchema.parse(input)).filter(([key]) => !local.has(key));
  return Object.fromEntries(
    kept
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, typeof value === 'string' ? withoutFolders(value) : value]),
  );
}

/** `render:/home/ada/tiles/spec.json` -> `render:spec.json`; a file-name pattern has no folders to lose. */
const withoutFolders = (text: string): string => text.replace(/^([a-z]+:)?.*[\\/]/s, '$1');

function sourcesOf(read: ReadHandle, dataset: string): Provenance['sources'] {
  const all = createHash('sha256');
  const files: SourceFile[] = [];
  const sections = new Set<number>();
  let tiles = 0;
  for (const { name, sha256, section } of read.each<SourceFile & { section: number }>(
    'SELECT name, sha256, section FROM tile WHERE dataset = ? ORDER BY name',
    dataset,
  )) {
    all.update(`${name}\0${sha256}\n`);
    sections.add(section);
    if (tiles++ < maxListed) files.push({ name, sha256 });
  }
  return { tiles, sections: sections.size, sha256: all.digest('hex'), files: tiles <= maxListed ? files : [] };
}

/** A volume that was not made here. */
function addedText(format: string, about: Provenance['volume'], steps: readonly Step[]): string {
  const version = steps.at(-1)?.lamella ?? '';
  return `A volume of ${about.sizeXyz.join(' x ')} voxels (${about.voxelSizeNm.join(' x ')} nm, ${about.dtype}, ${about.levels} levels of resolution) was read from ${format} and written anew, voxel for voxel. Lamella ${version}.`;
}

function methodsText(
  stack: StackRow,
  sources: Provenance['sources'],
  about: Provenance['volume'],
  steps: readonly Step[],
): string {
  const version = steps.at(-1)?.lamella ?? '';
  const aligned = ` Overlapping tiles were matched by phase correlation checked by normalised cross-correlation, and all placements were solved at once by robust regularised least squares (${stack.model} model; ${stack.links} links, ${stack.dropped} dropped; residual RMS ${stack.rms_px.toFixed(3)} px, largest ${stack.max_px.toFixed(3)} px).`;
  const kernels = steps
    .flatMap((step) => Object.entries(step.kernels).map(([name, number]) => `${name} ${number}`))
    .join(', ');
  return (
    `${sources.tiles} image tiles in ${sources.sections} sections were imported.${aligned}` +
    ` The tiles were blended into one ${about.dtype} volume of ${about.sizeXyz.join(' x ')} voxels (${about.voxelSizeNm.join(' x ')} nm) with ${about.levels} levels of resolution, each made from the one before by block means.` +
    ` Lamella ${version}; kernels ${kernels}.`
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
