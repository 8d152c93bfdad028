import { mostRegions } from '../../../../preload/contract/atlas.ts';
import type { atlasProcedures } from '../../../../preload/contract/atlas.ts';
import type { OutputOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import { storeAtlas } from '../../atlases/atlas-rows.ts';
import { countLabels } from '../../atlases/count-labels.ts';
import { colourOfId, type OrderedRegion, orderRegions } from '../../atlases/order-regions.ts';
import type { RegionRow } from '../../atlases/region-tree.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { type AtlasVolume, atlasVolumeOfJob, idOfJob } from '../../store/id-of-job.ts';
import { legendRow, legendStamp } from '../../store/legends.ts';
import type { WriteHandle } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import { addedVolume } from '../../volumes/added-volume.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { isVolumeId } from '../../volumes/volume-id.ts';
import { type AtlasParts, atlasParts, type ImportInput } from './parts.ts';

export type ImportOutput = OutputOf<typeof atlasProcedures.import>;

type NamedParts = AtlasParts & { readonly name: string };

/** Labels that the table lacks: more of them, and it is the table of another annotation. */
const mostNotInTable = 1000;

/** Reads the tree, adds the volumes where they lie, counts the voxels of every region. */
export async function importAtlas(
  volumes: OpenVolumes,
  job: JobRun,
  input: ImportInput,
): Promise<JobEnding<ImportOutput>> {
  const given = await atlasParts(input);
  const { regions, warnings } = orderRegions(given.ontology.entries, given.ontologyFile);
  if (regions.length > mostRegions - mostNotInTable) throw tooMany(given.ontologyFile, regions.length);
  const { counts, called } = await counted(volumes, job, given.annotation);
  const parts = { ...given, name: given.name ?? called };
  const { rows, absent } = rowsOf(regions, counts, parts);
  const all = [...warnings, ...absent];
  for (const warning of all) job.warn(warning);
  const annotation = await volumeOf(volumes, job, parts, 'annotation');
  const template = await volumeOf(volumes, job, parts, 'template');
  const hemispheres = await volumeOf(volumes, job, parts, 'hemispheres');
  const { name, kind, citation, orientation, ontologyFile } = parts;
  const id = idOfJob('atlas', job.id);
  return {
    label: `Import the atlas ${name}`,
    commit: (tx) => {
      for (const volume of [annotation, template, hemispheres]) volume?.put(tx);
      const ids = { annotation: annotation?.id ?? '', template: template?.id ?? null };
      nameLabels(tx, ids.annotation, rows, ontologyFile);
      const about = { id, name, kind, citation, orientation, warnings: all, job: job.id, regions: rows };
      storeAtlas(tx, { ...about, ...ids, hemispheres: hemispheres?.id ?? null });
      return { atlas: id, ...ids, regions: rows.length, notInTable: rows.length - regions.length };
    },
  };
}

interface PartVolume {
  readonly id: string;
  put(tx: WriteHandle): void;
}

/** A volume of the library as it is, or one that is added; null where the atlas has none. */
async function volumeOf(
  volumes: OpenVolumes,
  job: JobRun,
  parts: NamedParts,
  part: AtlasVolume,
): Promise<PartVolume | null> {
  const source = parts[part];
  if (source === null) return null;
  if (isVolumeId(source)) {
    const { volume } = volumeById(job.library.read, source);
    return { id: volume.id, put: () => undefined };
  }
  const id = atlasVolumeOfJob(part, job.id);
  const sized = parts.voxelSizeNm !== null && (parts.kind === 'brainglobe' || part === 'annotation');
  const added = await addedVolume(volumes, job, id, {
    source,
    image: undefined,
    name: part === 'annotation' ? parts.name : `${parts.name}, ${part}`.slice(0, 200),
    kind: part === 'template' ? 'image' : 'segmentation',
    voxelSizeNm: (sized && parts.voxelSizeNm) || undefined,
    pyramid: 'auto',
    allowPrivate: false,
  });
  return { id, put: (tx) => added.put(tx) };
}

/** The voxels of each label, and what the annotation is called. */
async function counted(volumes: OpenVolumes, job: JobRun, annotation: string) {
  const opened = await openAnnotation(volumes, job, annotation);
  try {
    const counts = await countLabels(job, opened.volume, job.id);
    return { counts, called: opened.volume.plan.name.slice(0, 200) || 'atlas' };
  } finally {
    await opened.close();
  }
}

async function openAnnotation(
  volumes: OpenVolumes,
  job: JobRun,
  annotation: string,
): Promise<{ readonly volume: OpenVolume; close(): Promise<void> }> {
  const { library, kernels, signal } = job;
  if (!isVolumeId(annotation)) {
    const at = { ref: annotation, kind: 'segmentation', allowPrivate: false, lane: 'batch' } as const;
    return volumes.at({ ...at, kernels, cache: library.cache, signal });
  }
  const { volume } = volumeById(library.read, annotation);
  if (volume.kind === 'segmentation') return volumes.ofJob(library, annotation, kernels, signal);
  throw new LamellaError('invalid-input', `"${volume.name}" is an image: its voxels are no regions.`, {
    hint: 'Add it again with --kind segmentation if its voxels are labels.',
    fields: { volume: annotation },
  });
}

/** The regions with their voxels, and behind them the labels that the table lacks. */
function rowsOf(
  regions: readonly OrderedRegion[],
  counts: ReadonlyMap<string, number>,
  { name, ontologyFile }: NamedParts,
): { readonly rows: readonly RegionRow[]; readonly absent: readonly Warning[] } {
  const known = new Set(regions.map(({ label }) => label));
  const absent = [...counts]
    .filter(([label]) => !known.has(label))
    .toSorted(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1));
  if (counts.size > 0 && absent.length === counts.size) throw ofAnother(name, ontologyFile, 'none', absent);
  if (absent.length > mostNotInTable) throw ofAnother(name, ontologyFile, `${absent.length} are not`, absent);
  const rows = [
    ...regions.map((region, at) => ({ at, ...region, in_table: 1, voxels: counts.get(region.label) ?? 0 })),
    ...absent.map(([label, voxels], i) => ({
      at: regions.length + i,
      label,
      acronym: label,
      name: `Not in ${ontologyFile}`,
      colour: colourOfId(label),
      parent: null,
      in_table: 0,
      voxels,
    })),
  ];
  if (absent.length === 0) return { rows, absent: [] };
  const words = absent.slice(0, 20).map(([label, voxels]) => `${label} (${voxels} voxels)`);
  const more = absent.length > words.length ? ` and ${absent.length - words.length} more` : '';
  const message = `Its labels ${words.join(', ')}${more} are not in ${ontologyFile}: shown as regions without a name.`;
  return { rows, absent: [{ subject: name, message }] };
}

/** The annotation's labels get names in View, unless they have names already. */
function nameLabels(tx: WriteHandle, volume: string, rows: readonly RegionRow[], fileName: string): void {
  if (legendStamp(tx, volume) !== '') return;
  const labels = rows
    .filter(({ in_table }) => in_table === 1)
    .map(({ label, name, acronym, colour }) => ({ id: label, name: name || acronym, about: acronym, colour }));
  tx.put('legend', legendRow({ volume, labels, fileName, createdAt: new Date().toISOString() }));
}

function ofAnother(
  name: string,
  file: string,
  how: string,
  absent: readonly (readonly [string, number])[],
): LamellaError {
  const examples = absent.slice(0, 5).map(([label]) => label);
  const what = how === 'none' ? `no label of ${name} is in it` : `of the labels of ${name} ${how} in it`;
  return new LamellaError(
    'bad-source',
    `${file} is the table of another annotation: ${what} (${examples.join(', ')}).`,
    {
      hint: 'Give the table that came with the annotation.',
      fields: { file, labels: absent.length },
    },
  );
}

const tooMany = (file: string, regions: number): LamellaError =>
  new LamellaError(
    'over-budget',
    `${file} names ${regions} regions; an atlas has at most ${mostRegions - mostNotInTable}.`,
    {
      hint: 'Give the labels names with volume legend instead, which takes a million.',
      fields: { file, regions, budget: mostRegions - mostNotInTable },
    },
  );
