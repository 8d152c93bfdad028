import { create } from 'zustand';
import type { Volume } from '../../preload/contract/library.ts';
import { boxTextSchema, parseBox } from '../../preload/contract/space.ts';
import { byteSizeSchema, sizeTextSchema } from '../../preload/contract/volume.ts';
import { bridge, engine } from '../engine.ts';
import { startJob } from './jobs.ts';
import { isVolumeLayer } from './layers.ts';
import { openLibraryId } from './library.ts';
import { goTo } from './session.ts';
import { regionInView } from './slice-box.ts';
import { sliceLooks } from './slice-looks.ts';
import { attempt } from './toasts.ts';
import { useView } from './view.ts';
import type { WrittenFormat } from './writables.ts';
import { encodingsFor, endingOf, writableOf } from './writables.ts';

export type Region = 'whole' | 'view' | 'box';
export type Method = 'auto' | 'mean' | 'mode' | 'min' | 'max';

export interface ConvertDraft {
  readonly volume: Volume;
  readonly format: WrittenFormat;
  readonly encoding: string;
  readonly quality: number;
  readonly sharded: boolean;
  /** Empty: the format's own. */
  readonly chunk: string;
  readonly region: Region;
  readonly box: string;
  readonly level: number;
  readonly pyramid: 'auto' | 'one';
  readonly method: Method;
  readonly memory: string;
}

export const useConvert = create<{ readonly draft: ConvertDraft | null }>(() => ({ draft: null }));
const get = (): ConvertDraft | null => useConvert.getState().draft;

/** Prepares a conversion, in the room of volumes. */
export function prepareConvert(volume: Volume): void {
  const encodings = encodingsFor(writableOf('ome-zarr'), volume);
  useConvert.setState({
    draft: {
      volume,
      format: 'ome-zarr',
      encoding: encodings[0] ?? '',
      quality: 90,
      sharded: false,
      chunk: '',
      region: 'whole',
      box: '',
      level: 0,
      pyramid: 'auto',
      method: 'auto',
      memory: '2 GB',
    },
  });
  goTo('volumes');
}

/** What is in view of a volume; all of it where it has no layer. */
function regionOf(volume: Volume, level: number): string {
  const s = useView.getState();
  const layer = s.layers.find((one) => isVolumeLayer(one) && one.volume === volume.id);
  return regionInView(volume, level, layer ? sliceLooks(s, layer) : []);
}

export const dropConvert = (): void => useConvert.setState({ draft: null });

export function changeConvert(change: Partial<ConvertDraft>): void {
  const draft = get();
  if (!draft) return;
  const next = { ...draft, ...change };
  const writable = writableOf(next.format);
  const encodings = encodingsFor(writable, next.volume);
  useConvert.setState({
    draft: {
      ...next,
      // What is usual in one format is odd in another.
      encoding:
        next.format === draft.format && encodings.includes(next.encoding) ? next.encoding : (encodings[0] ?? ''),
      sharded: next.sharded && writable.canShard,
      // What is in view is of the level that is chosen.
      box: next.region === 'view' ? regionOf(next.volume, next.level) : next.box,
    },
  });
}

/** What is wrong with each field, by its name. */
export function convertProblems(draft: ConvertDraft): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {};
  if (draft.region !== 'whole') {
    const problem = boxProblem(draft);
    if (problem !== null) problems['box'] = problem;
  }
  if (draft.chunk.trim() !== '' && !sizeTextSchema.safeParse(draft.chunk.trim()).success)
    problems['chunk'] = 'A size looks like 64,64,32.';
  if (!byteSizeSchema.safeParse(draft.memory.trim()).success) problems['memory'] = 'A size looks like 2 GB.';
  return problems;
}

function boxProblem({ box, volume, level }: ConvertDraft): string | null {
  if (!boxTextSchema.safeParse(box.trim()).success) return 'A box looks like 0:512,0:512,0:64.';
  const { min, max } = parseBox(box.trim());
  const size = volume.levels[level]?.size;
  const axis = ([0, 1, 2] as const).find((a) => min[a] < 0 || max[a] <= min[a] || max[a] > (size?.[a] ?? 0));
  return axis === undefined ? null : `Along ${'xyz'[axis]} this level has voxels 0 to ${size?.[axis] ?? 0}.`;
}

const safeName = (name: string): string => name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^\.+/, '') || 'volume';

/** Asks where to write, and starts. A format of many files gets a new folder inside the one that is chosen. */
export async function startConvert(): Promise<void> {
  const draft = get();
  if (!draft || Object.keys(convertProblems(draft)).length > 0) return;
  const out = await chooseOut(draft);
  if (out === null) return;
  const { volume, format, encoding, quality, sharded, chunk, region, box, level, pyramid, method, memory } = draft;
  const job = await startJob(() =>
    engine().volume.convert({
      library: openLibraryId(),
      source: volume.id,
      out,
      format,
      ...(encoding === '' ? {} : { encoding }),
      ...(encoding === 'jpeg' ? { quality } : {}),
      sharded,
      ...(chunk.trim() === '' ? {} : { chunk: chunk.trim() }),
      level,
      ...(region === 'whole' ? {} : { box: box.trim() }),
      levels: pyramid,
      method,
      memory: memory.trim(),
    }),
  );
  if (job !== null) dropConvert();
}

async function chooseOut(draft: ConvertDraft): Promise<string | null> {
  const { volume, format } = draft;
  const { label } = writableOf(format);
  const ending = endingOf(format, draft.encoding);
  const name = safeName(volume.name);
  if (ending !== null) {
    const extension = ending.split('.').at(-1) ?? '';
    const filters = [{ name: label, extensions: [extension] }];
    return (await attempt(() => bridge.saveFile(`${name}${ending}`, filters)))?.id ?? null;
  }
  const folder = await attempt(() => bridge.pickFolder(`Choose where to put the new folder ${name}.${format}`));
  return folder ? `${folder.id}/${name}.${format}` : null;
}
