import { create } from 'zustand';
import {
  type Block,
  type BlockLink,
  type BlockPlacement,
  blockProcedures,
  type BlockSet,
  type BlockStack,
} from '../../preload/contract/block.ts';
import type { Grant } from '../../preload/contract/bridge.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { bridge, engine } from '../engine.ts';
import { setStep } from './assemble.ts';
import { newestFirst, resultOf, startJob, useJobs } from './jobs.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { setSession } from './session.ts';
import { showFile } from './show-file.ts';
import { attempt, toast } from './toasts.ts';

export type BlockCandidate = OutputOf<typeof blockProcedures.detect>['candidates'][number];

/** A folder of blocks that is looked at before its import. */
export interface BlockDraft {
  readonly source: Grant;
  /** null while it is looked into. */
  readonly candidates: readonly BlockCandidate[] | null;
  readonly layout: string;
  readonly voxelSizeNm: Vec3;
  /** Which of the stage's axes runs along x, y and z of the pictures, with a minus where it runs against. */
  readonly axes: readonly [string, string, string];
}

interface BlockOffer {
  readonly source: Grant;
  readonly candidates: readonly BlockCandidate[];
}

interface BlocksState {
  readonly sets: readonly BlockSet[];
  readonly draft: BlockDraft | null;
  /** What a folder in Acquire would be as blocks. */
  readonly offer: BlockOffer | null;
  /** What is looked at; null where there is none. */
  readonly set: string | null;
  readonly stack: string | null;
  readonly channel: number;
  /** What the places are written as. */
  readonly format: BlockFormat;
  readonly blocks: readonly Block[];
  readonly links: readonly BlockLink[];
  readonly placements: readonly BlockPlacement[];
}

const nothing = { blocks: [], links: [], placements: [] } as const;

export const useBlocks = create<BlocksState>(() => ({
  ...nothing,
  sets: [],
  draft: null,
  offer: null,
  set: null,
  stack: null,
  channel: 0,
  format: 'terastitcher',
}));

const get = useBlocks.getState;
const put = useBlocks.setState;

export const shownSet = ({ sets, set }: BlocksState): BlockSet | undefined => sets.find(({ id }) => id === set);
export const shownVersion = (state: BlocksState): BlockStack | undefined =>
  shownSet(state)?.stacks.find(({ id }) => id === state.stack);

/** Reads what the library has of blocks; what was looked at stays where it is still there. */
export async function loadBlocks(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return put({ ...nothing, sets: [], set: null, stack: null });
  const answer = await attempt(() => engine().block.list({ library }));
  if (!answer || useLibrary.getState().library?.library !== library) return;
  const { sets } = answer.value;
  put({ sets });
  const { set, stack } = get();
  const kept = sets.find(({ id }) => id === set) ?? sets[0];
  const version = kept?.stacks.find(({ id }) => id === stack) ?? kept?.stacks[0];
  await showBlocks(kept?.id ?? null, version?.id ?? null);
}

onLibraryChanged(loadBlocks);
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadBlocks();
});

export async function showBlocks(set: string | null, stack: string | null): Promise<void> {
  const library = useLibrary.getState().library?.library;
  const isOther = set !== get().set;
  put({ set, stack, ...(isOther && { ...nothing, channel: 0 }) });
  if (set === null || library === undefined) return put(nothing);
  const answers = await attempt(() =>
    Promise.all([
      engine().block.blocks({ library, set }),
      stack === null ? null : engine().block.links({ library, stack }),
      stack === null ? null : engine().block.placements({ library, stack }),
    ]),
  );
  if (!answers || get().set !== set || get().stack !== stack) return;
  const [blocks, links, placements] = answers;
  put({
    blocks: blocks.value.blocks,
    links: links?.value.links ?? [],
    placements: placements?.value.placements ?? [],
  });
}

/** Another set, with its newest version. */
export const chooseSet = (id: string): Promise<void> =>
  showBlocks(id, get().sets.find((set) => set.id === id)?.stacks[0]?.id ?? null);

export const setBlockChannel = (channel: number): void => put({ channel });
export const changeBlockDraft = (change: Partial<BlockDraft>): void =>
  put(({ draft }) => ({ draft: draft && { ...draft, ...change } }));
export const dropBlockDraft = (): void => put({ draft: null });

/** Whether a folder that was given to Acquire holds blocks. A wrong guess costs a line that is not read. */
export async function lookForBlocks(source: Grant): Promise<void> {
  if (get().offer?.source.id === source.id) return;
  put({ offer: { source, candidates: [] } });
  const answer = await engine()
    .block.detect({ source: source.id })
    .catch(() => null);
  if (get().offer?.source.id === source.id) put({ offer: { source, candidates: answer?.value.candidates ?? [] } });
}

/** Goes on with what was offered, in Assemble. */
export function takeBlocks(): void {
  const { offer } = get();
  const [best] = offer?.candidates ?? [];
  if (!offer || !best) return;
  put({ draft: draftOf(offer.source, offer.candidates) });
  setStep('blocks');
  setSession({ room: 'assemble' });
}

/** Light-sheet blocks are seldom given without their size; this is only where a layout does not say. */
const guessedNm: Vec3 = [1000, 1000, 1000];

const draftOf = (source: Grant, candidates: readonly BlockCandidate[]): BlockDraft => ({
  source,
  candidates,
  layout: candidates[0]?.layout ?? '',
  voxelSizeNm: candidates[0]?.voxelSizeNm ?? guessedNm,
  axes: ['x', 'y', 'z'],
});

/** Asks for a folder of blocks and says which layouts it offers. */
export async function pickBlocks(): Promise<void> {
  const source = await attempt(() => bridge.pickFolder('Choose the folder of 3-D blocks'));
  if (!source) return;
  put({ draft: { ...draftOf(source, []), candidates: null } });
  const answer = await attempt(() => engine().block.detect({ source: source.id }));
  if (get().draft?.source.id !== source.id) return;
  put({ draft: draftOf(source, answer?.value.candidates ?? []) });
}

export async function importBlocks(): Promise<void> {
  const { draft } = get();
  if (!draft) return;
  const { source, layout, voxelSizeNm, axes } = draft;
  const library = openLibraryId();
  const input = { library, source: source.id, layout, name: source.name, voxelSizeNm, axes: axes.join(',') };
  const started = await startJob(
    () => engine().block.import(input),
    (job) => {
      const set = resultOf(job, blockProcedures.import.output)?.set;
      if (set !== undefined) void chooseSet(set);
    },
  );
  if (started !== null) dropBlockDraft();
}

/** The axes that overlaps fit with, where the last stitching of the set says that its own are wrong. */
export function useFittingAxes(): string | null {
  const set = useBlocks((s) => s.set);
  const jobs = useJobs((s) => s.jobs);
  const last = newestFirst(jobs).find(({ kind, error }) => kind === 'block.stitch' && error?.fields?.['set'] === set);
  const axes = last?.error?.fields?.['axes'];
  return typeof axes === 'string' ? axes : null;
}

/** Imports the set again with the stage's axes read otherwise. */
export async function importBlocksAgain(axes: string): Promise<void> {
  const { set } = get();
  if (set === null) return;
  const library = openLibraryId();
  await startJob(
    () => engine().block.again({ library, set, axes }),
    (job) => {
      const made = resultOf(job, blockProcedures.again.output)?.set;
      if (made !== undefined) void chooseSet(made);
    },
  );
}

export async function stitchBlocks(): Promise<void> {
  const { set, channel } = get();
  if (set === null) return;
  const library = openLibraryId();
  await startJob(
    () => engine().block.stitch({ library, set, channel }),
    (job) => {
      const stack = resultOf(job, blockProcedures.stitch.output)?.stack;
      if (stack !== undefined) void showBlocks(set, stack);
    },
  );
}

export async function fuseBlocks(): Promise<void> {
  const { stack } = get();
  if (stack === null) return;
  const library = openLibraryId();
  await startJob(
    () => engine().block.fuse({ library, stack }),
    (job) => {
      const volume = resultOf(job, blockProcedures.fuse.output)?.volume;
      if (volume === undefined) return;
      const run = (): void => setSession({ volume, room: 'view' });
      toast({ tone: 'good', title: 'The blocks are one volume now', action: { label: 'View the volume', run } });
    },
  );
}

export const blockFormats = {
  terastitcher: { label: 'TeraStitcher (XML)', ending: 'xml', name: 'xml_merging' },
  spimdata: { label: 'BigStitcher, SpimData (XML)', ending: 'xml', name: 'dataset' },
  tiles: { label: 'TileConfiguration.txt', ending: 'txt', name: 'TileConfiguration.registered' },
} as const;
type BlockFormat = keyof typeof blockFormats;

export const setBlockFormat = (format: BlockFormat): void => put({ format });

/** Writes the places of the version for another program, where the user says. */
export async function exportBlocks(): Promise<void> {
  const { stack, format } = get();
  if (stack === null) return;
  const { label, ending, name } = blockFormats[format];
  const file = await attempt(() => bridge.saveFile(`${name}.${ending}`, [{ name: label, extensions: [ending] }]));
  if (!file) return;
  const written = await attempt(() => engine().block.export({ library: openLibraryId(), stack, format, out: file.id }));
  if (!written) return;
  toast({
    tone: 'good',
    title: `Wrote ${file.name}: ${written.blocks} blocks`,
    action: showFile(file.id),
  });
}

/** Dropped links first, then by falling residual. */
export const worstLinksFirst = (links: readonly BlockLink[]): readonly BlockLink[] =>
  links.toSorted((a, b) => Number(a.state === 'kept') - Number(b.state === 'kept') || missOf(b) - missOf(a));

/** How far a link misses, voxels. */
export const missOf = ({ residual: [x, y, z] }: Pick<BlockLink, 'residual'>): number => Math.hypot(x, y, z);
