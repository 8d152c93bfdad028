import licences from 'spdx-license-list/spdx-simple.json';
import { create } from 'zustand';
import { z } from 'zod';
import type { Grant } from '../../preload/contract/bridge.ts';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import { plainWords } from '../../preload/contract/issues.ts';
import { metadataSchema, publishProcedures } from '../../preload/contract/publish.ts';
import type { Metadata, Receipt } from '../../preload/contract/publish.ts';
import { bridge, engine } from '../engine.ts';
import { resultOf, startJob, useJobs } from './jobs.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { session, setSession } from './session.ts';
import { attempt } from './toasts.ts';

export type Format = Receipt['format'];
export type Plan = OutputOf<(typeof publishProcedures)['plan']>;
export type PublishStep = 'volume' | 'format' | 'metadata' | 'folder' | 'check' | 'receipt';

/** Metadata as it is typed: nothing is valid yet, and nothing typed is ever lost. */
const draftSchema = z.object({
  title: z.string().default(''),
  creators: z.array(z.object({ name: z.string(), orcid: z.string() })).default([{ name: '', orcid: '' }]),
  licence: z.string().default('CC-BY-4.0'),
  modality: metadataSchema.shape.modality.default('EM'),
  species: z.string().default(''),
  description: z.string().default(''),
});
export type MetadataDraft = z.infer<typeof draftSchema>;

interface PublishState {
  readonly step: PublishStep;
  readonly format: Format;
  readonly metadata: MetadataDraft;
  readonly out: Grant | null;
  readonly plan: Plan | null;
  readonly planProblem: WireError | null;
  readonly planning: boolean;
  /** The publish job started from this wizard. */
  readonly job: string | null;
  /** Publication whose receipt is shown. */
  readonly shown: string | null;
  readonly verification: {
    readonly publication: string;
    readonly ok: boolean;
    readonly parts: number;
    readonly problems: readonly string[];
  } | null;
  readonly verifying: boolean;
}

const draftKey = 'lamella.metadata.1';

function recallDraft(): MetadataDraft {
  try {
    return draftSchema.parse(JSON.parse(localStorage.getItem(draftKey) ?? '{}'));
  } catch {
    return draftSchema.parse({});
  }
}

export const usePublish = create<PublishState>(() => ({
  step: 'volume',
  format: 'precomputed',
  metadata: recallDraft(),
  out: null,
  plan: null,
  planProblem: null,
  planning: false,
  job: null,
  shown: null,
  verification: null,
  verifying: false,
}));

const get = usePublish.getState;
const set = usePublish.setState;

/** Known SPDX ids: those made for data first. */
const forData = [
  'CC-BY-4.0',
  'CC0-1.0',
  'CC-BY-SA-4.0',
  'CC-BY-NC-4.0',
  'ODC-By-1.0',
  'ODbL-1.0',
  'PDDL-1.0',
  'CDLA-Permissive-2.0',
];
export const licenceIds: readonly string[] = [
  ...forData,
  ...(licences as string[]).filter((id) => !forData.includes(id)).toSorted(),
];

export const goToStep = (step: PublishStep): void => set({ step });
export const setFormat = (format: Format): void => set({ format, plan: null });

export function editMetadata(change: Partial<MetadataDraft>): void {
  set(({ metadata }) => ({ metadata: { ...metadata, ...change }, plan: null }));
  localStorage.setItem(draftKey, JSON.stringify(get().metadata));
}

/** The metadata as the engine takes it: empty optional fields left out, the voxel size from the volume. */
function metadataOf(draft: MetadataDraft, volume: string | null): unknown {
  const voxelSizeNm = useLibrary.getState().library?.volumes.find(({ id }) => id === volume)?.levels[0]?.voxelSizeNm;
  const creators = draft.creators.map(({ name, orcid }) =>
    orcid.trim() === '' ? { name } : { name, orcid: orcid.trim() },
  );
  return { ...draft, licence: draft.licence.trim(), creators, voxelSizeNm };
}

export type Problems = Readonly<Record<string, string>>;

/** What is wrong, by field path (`title`, `creators.0.orcid`); the same schema that the engine checks with. */
export function metadataProblems(draft: MetadataDraft, volume: string | null): Problems {
  const parsed = metadataSchema.safeParse(metadataOf(draft, volume), { error: plainWords });
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message] as const);
  const licence = draft.licence.trim();
  const unknown =
    licence !== '' && !licenceIds.includes(licence)
      ? [['licence', `${licence} is not an SPDX licence id; did you mean CC-BY-4.0?`] as const]
      : [];
  return Object.fromEntries([...problems.toReversed(), ...unknown]);
}

export async function chooseOut(): Promise<void> {
  const out = await attempt(() => bridge.pickFolder('Choose an empty folder to publish into'));
  if (out) set({ out, plan: null });
}

interface Order {
  readonly library: string;
  readonly volume: string;
  readonly format: Format;
  readonly metadata: Metadata;
  readonly out: string;
}

/** What would be published; null where a step is missing. */
function order(): Order | null {
  const { format, metadata, out } = get();
  const { volume } = session();
  const parsed = metadataSchema.safeParse(metadataOf(metadata, volume));
  return volume !== null && out && parsed.success
    ? { library: openLibraryId(), volume, format, metadata: parsed.data, out: out.id }
    : null;
}

/** Asks what publishing would write; writes nothing. */
export async function dryRun(): Promise<void> {
  const what = order();
  if (!what) return;
  set({ planning: true, plan: null, planProblem: null });
  try {
    const { value } = await engine().publish.plan(what);
    set({ plan: value });
  } catch (error) {
    set({ planProblem: toWireError(error) });
  } finally {
    set({ planning: false });
  }
}

export async function startPublish(): Promise<void> {
  const what = order();
  if (!what) return;
  const job = await startJob(
    () => engine().publish.start(what),
    (ended) => {
      const done = resultOf(ended, publishProcedures.start.output);
      if (done) set({ step: 'receipt', shown: done.receipt.publication, job: null });
    },
  );
  set({ job });
}

export function showReceipt(publication: string): void {
  set({ shown: publication, step: 'receipt' });
  setSession({ room: 'publish' });
}

/** Starts the wizard anew, with the metadata as it was. */
export const publishAnother = (): void => set({ step: 'volume', out: null, plan: null, job: null, shown: null });

/** The full receipt, where its job is still known. */
export function receiptOf(publication: string): Receipt | null {
  for (const job of Object.values(useJobs.getState().jobs)) {
    const done = job.kind === 'publish.start' ? resultOf(job, publishProcedures.start.output) : null;
    if (done?.receipt.publication === publication) return done.receipt;
  }
  return null;
}

export const revealOut = (): void => {
  const { out } = get();
  if (out) void bridge.reveal(out.id);
};

/** Reads every part back again. */
export async function verifyAgain(publication: string): Promise<void> {
  set({ verifying: true, verification: null });
  const answer = await attempt(() => engine().publish.verify({ library: openLibraryId(), publication }));
  set({ verifying: false, verification: answer && { publication, ...answer.value } });
}
