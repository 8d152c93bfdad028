import { create } from 'zustand';
import { atlasProcedures } from '../../preload/contract/atlas.ts';
import type { FileFilter, Grant } from '../../preload/contract/bridge.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import { bridge, engine } from '../engine.ts';
import { chooseAtlas, useAtlases } from './atlases.ts';
import { resultOf, startJob } from './jobs.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { colourAsAtlas, showAnnotation } from './region-looks.ts';
import { setSession } from './session.ts';
import { attempt, toast } from './toasts.ts';
import { useView } from './view.ts';

/** An atlas that is being imported: a folder that says everything, or an annotation and the table of its regions. */

export type AtlasDescription = OutputOf<(typeof atlasProcedures)['describe']>;

/** A volume of the library by its id, or a file or folder that the user chose. */
export interface Part {
  readonly ref: string;
  readonly text: string;
}

export interface AtlasDraft {
  readonly from: 'folder' | 'parts';
  readonly folder: Part | null;
  /** Null while the folder is read, and where it is none of an atlas. */
  readonly description: AtlasDescription | null;
  readonly problem: WireError | null;
  readonly annotation: Part | null;
  readonly ontology: Part | null;
  readonly template: Part | null;
  readonly name: string;
  /** '': not said, so nothing is told of left and right. */
  readonly orientation: string;
  readonly starting: boolean;
}

export const useAtlasDraft = create<{ readonly draft: AtlasDraft | null }>(() => ({ draft: null }));

const fresh: AtlasDraft = {
  from: 'folder',
  folder: null,
  description: null,
  problem: null,
  annotation: null,
  ontology: null,
  template: null,
  name: '',
  orientation: '',
  starting: false,
};

/** What was asked for and has not become an atlas: a file of it may be wrong, and the others are chosen still. */
let unfinished: AtlasDraft | null = null;
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) unfinished = null;
});

export const askForAtlas = (given?: Partial<AtlasDraft>): void =>
  useAtlasDraft.setState({ draft: given ? { ...fresh, ...given } : (unfinished ?? fresh) });
export const dropAtlasDraft = (): void => useAtlasDraft.setState({ draft: null });
export const changeAtlasDraft = (change: Partial<AtlasDraft>): void =>
  useAtlasDraft.setState(({ draft }) => ({ draft: draft && { ...draft, ...change } }));

const partOf = ({ id, name }: Grant): Part => ({ ref: id, text: name });

export async function chooseAtlasFolder(): Promise<void> {
  const picked = await attempt(() => bridge.pickFolder('Choose the folder of a BrainGlobe atlas'));
  if (!picked) return;
  changeAtlasDraft({ folder: partOf(picked), description: null, problem: null });
  try {
    const { value } = await engine().atlas.describe({ source: picked.id });
    changeAtlasDraft({ description: value, name: value.name });
  } catch (error) {
    changeAtlasDraft({ problem: toWireError(error) });
  }
}

const volumeFiles: readonly FileFilter[] = [
  { name: 'Volumes', extensions: ['nii', 'gz', 'nrrd', 'nhdr', 'tif', 'tiff', 'btf', 'h5', 'hdf5', 'zip'] },
  { name: 'All files', extensions: ['*'] },
];
const tableFiles: readonly FileFilter[] = [
  { name: 'Tables of regions', extensions: ['json', 'csv', 'tsv', 'txt', 'label', 'ctbl'] },
  { name: 'All files', extensions: ['*'] },
];

export async function choosePart(part: 'annotation' | 'ontology' | 'template'): Promise<void> {
  const picked = await attempt(() => bridge.pickFile(part === 'ontology' ? tableFiles : volumeFiles));
  if (picked) changeAtlasDraft({ [part]: partOf(picked) });
}

const orientationPattern = /^(?!.*([lrapsi]).*\1)(?=.*[lr])(?=.*[ap])(?=.*[si])[lrapsi]{3}$/;

export const orientationProblem = (text: string): string | null =>
  text === '' || orientationPattern.test(text) ? null : 'One of l or r, of a or p and of s or i, in the order x, y, z.';

/** What is still missing, or null. */
export function whyNoImport({
  from,
  folder,
  description,
  annotation,
  ontology,
  orientation,
  starting,
}: AtlasDraft): string | null {
  if (starting) return 'It is starting';
  if (from === 'folder') return folder && description ? null : 'Choose the folder of an atlas first';
  if (!annotation) return 'Choose the annotation first';
  if (!ontology) return 'Choose the table of its regions first';
  return orientationProblem(orientation);
}

const inputOf = ({ from, folder, annotation, ontology, template, name, orientation }: AtlasDraft) => ({
  library: openLibraryId(),
  ...(name.trim() !== '' && { name: name.trim() }),
  ...(from === 'folder'
    ? folder && { source: folder.ref }
    : {
        ...(annotation && { annotation: annotation.ref }),
        ...(ontology && { ontology: ontology.ref }),
        ...(template && { template: template.ref }),
        ...(orientation !== '' && { orientation }),
      }),
});

export async function importAtlas(): Promise<void> {
  const { draft } = useAtlasDraft.getState();
  if (!draft || whyNoImport(draft) !== null) return;
  unfinished = draft;
  changeAtlasDraft({ starting: true });
  const job = await startJob(
    () => engine().atlas.import(inputOf(draft)),
    (ended) => {
      if (unfinished === draft) unfinished = null;
      const made = resultOf(ended, atlasProcedures.import.output);
      if (made) tellImported(made.atlas, ended.warnings.length);
    },
  );
  if (job === null) changeAtlasDraft({ starting: false });
  else dropAtlasDraft();
}

function tellImported(id: string, warnings: number): void {
  chooseAtlas(id);
  const atlas = useAtlases.getState().atlases.find((one) => one.id === id);
  if (!atlas) return;
  toast({
    tone: warnings > 0 ? 'warn' : 'good',
    title: `${atlas.name} is in the library`,
    detail:
      warnings > 0
        ? 'Something about it was odd: the Atlas section of View lists it.'
        : `${atlas.regions} regions, in the Atlas section of View.`,
    action: { label: 'Look at it', run: () => showAtlas(id) },
  });
}

/** Opens the template with the annotation over it, or the annotation alone. */
export function showAtlas(id: string): void {
  const atlas = useAtlases.getState().atlases.find((one) => one.id === id);
  if (!atlas) return;
  chooseAtlas(id);
  const volume = atlas.template ?? atlas.annotation;
  setSession({ volume, room: 'view' });
  const isShown = (of: string): boolean =>
    useView.getState().layers.some((layer) => 'volume' in layer && layer.volume === of);
  const put = (): boolean => {
    if (!isShown(volume)) return false;
    if (isShown(atlas.annotation)) colourAsAtlas(atlas);
    else showAnnotation(atlas);
    return true;
  };
  if (put()) return;
  const stop = useView.subscribe(() => {
    if (isShown(volume)) stop();
    put();
  });
}

const isTable = ({ name, kind }: Grant): boolean => kind === 'file' && /\.(json|csv|tsv|txt|label|ctbl)$/i.test(name);

/** Of two volumes the names say which one is the annotation. */
const isLabels = ({ name }: Grant): boolean => /annot|label|seg|parcel|atlas/i.test(name);
const areTold = (volumes: readonly Grant[]): boolean => volumes.length === 1 || volumes.filter(isLabels).length === 1;

/** Whether what was dropped is an atlas: its folder, or an annotation with the table of its regions and, perhaps, its template. Then it is asked for. */
export async function lookAtAtlas(grants: readonly Grant[]): Promise<boolean> {
  if (!useLibrary.getState().library) return false;
  const [first] = grants;
  const [table, ...tables] = grants.filter(isTable);
  const volumes = grants
    .filter((grant) => !isTable(grant))
    .toSorted((a, b) => Number(isLabels(b)) - Number(isLabels(a)));
  const [annotation, template, ...others] = volumes;
  if (table && annotation && tables.length === 0 && others.length === 0 && areTold(volumes)) {
    const parts = {
      annotation: partOf(annotation),
      ontology: partOf(table),
      template: template ? partOf(template) : null,
    };
    askForAtlas({ from: 'parts', ...parts });
    return true;
  }
  if (!first || grants.length > 1 || first.kind !== 'folder') return false;
  const found = await engine()
    .atlas.describe({ source: first.id })
    .catch(() => null);
  if (!found) return false;
  askForAtlas({ folder: partOf(first), description: found.value, name: found.value.name });
  return true;
}
