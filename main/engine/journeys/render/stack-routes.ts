import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromWireError, LamellaError } from '../../../../preload/contract/errors.ts';
import { isJobOver, type Job } from '../../../../preload/contract/job.ts';
import { stackStateSchema, type StackSummary } from '../../../../preload/contract/library.ts';
import { stackSummaries } from '../../store/summary.ts';
import { type Answer, json } from '../../loopback/http-answer.ts';
import { checkOwner, namedProject, namedStack, nameOfStack, projectsOf, type RenderService } from './named-stack.ts';
import { type Names, numberOf, type Route } from '../../loopback/routes.ts';
import type { Request } from '../../loopback/serve.ts';
import { specsOf } from './spec-routes.ts';

const ownerPath = '/v1/owner/{owner}';
const projectPath = `${ownerPath}/project/{project}`;
const stackPath = `${projectPath}/stack/{stack}`;

/** Owners, projects, stacks; what a stack is and how large; its state; tiles put into a new version. */
export const stackRoutes: readonly Route<RenderService>[] = [
  { method: 'GET', path: '/v1/owners', answer: ({ library }) => json([library.name]) },
  { method: 'GET', path: `${ownerPath}/projects`, answer: projects },
  { method: 'GET', path: `${ownerPath}/stacks`, answer: stacks },
  { method: 'GET', path: `${ownerPath}/stackIds`, answer: stackIds },
  { method: 'GET', path: `${projectPath}/stacks`, answer: stacks },
  { method: 'GET', path: `${projectPath}/stackIds`, answer: stackIds },
  { method: 'GET', path: stackPath, answer: stackOf },
  { method: 'GET', path: `${stackPath}/bounds`, answer: bounds },
  { method: 'GET', path: `${stackPath}/z/{z}/bounds`, answer: sectionBounds },
  { method: 'GET', path: `${stackPath}/zValues`, answer: zValues },
  { method: 'GET', path: `${stackPath}/mergeableZValues`, answer: () => json([]) },
  { method: 'PUT', path: `${stackPath}/state/{state}`, answer: setState },
  { method: 'PUT', path: `${stackPath}/resolvedTiles`, answer: putTiles },
];

function projects(service: RenderService, names: Names): Answer {
  checkOwner(service, names);
  return json(projectsOf(service).map(({ name }) => name));
}

interface StackId {
  readonly owner: string;
  readonly project: string;
  readonly stack: string;
}

/** The stacks of the project that the address names, or of all. */
function idsOf(
  service: RenderService,
  names: Names,
): readonly { readonly id: StackId; readonly summary: StackSummary }[] {
  checkOwner(service, names);
  const chosen = names['project'] === undefined ? projectsOf(service) : [namedProject(service, names)];
  const all = stackSummaries(service.library.read);
  return chosen.flatMap(({ id, name }) =>
    all
      .filter(({ dataset }) => dataset === id)
      .map((summary) => ({
        id: { owner: service.library.name, project: name, stack: nameOfStack(summary, all) },
        summary,
      })),
  );
}

function stackIds(service: RenderService, names: Names): Answer {
  return json(idsOf(service, names).map(({ id }) => id));
}

async function stacks(service: RenderService, names: Names): Promise<Answer> {
  return json(await Promise.all(idsOf(service, names).map(({ id, summary }) => metadataOf(service, id, summary))));
}

function stackOf(service: RenderService, names: Names): Promise<Answer> {
  const { owner, project, named, ...summary } = namedStack(service, names);
  return metadataOf(service, { owner, project, stack: named }, summary).then(json);
}

/** Render's StackMetaData. */
async function metadataOf(
  { client, library }: RenderService,
  stackId: StackId,
  summary: StackSummary,
): Promise<unknown> {
  const { stats, facts } = (await client.stack.describe({ library: library.folder, stack: summary.id })).value;
  const { bounds: stackBounds, ...counts } = stats;
  return {
    stackId,
    state: summary.state,
    lastModifiedTimestamp: summary.createdAt,
    currentVersionNumber: summary.version,
    currentVersion: { createTimestamp: summary.createdAt, ...facts },
    stats: { stackBounds, ...counts },
  };
}

async function bounds(service: RenderService, names: Names): Promise<Answer> {
  const { id: stack, named } = namedStack(service, names);
  const { value } = await service.client.stack.describe({ library: service.library.folder, stack });
  if (value.stats.bounds) return json(value.stats.bounds);
  throw new LamellaError('conflict', `The stack "${named}" places no tiles, so it has no bounds.`, {
    hint: 'Put its tiles, then make it COMPLETE.',
    fields: { stack },
  });
}

interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

function sectionBounds(service: RenderService, names: Names): Answer {
  const section = numberOf(names, 'z');
  const specs = specsOf(service, names) as readonly (Readonly<Record<string, unknown>> & Bounds)[];
  if (specs.length === 0)
    throw new LamellaError('not-found', `The stack has no tile in section ${section}.`, {
      hint: 'zValues lists its sections.',
      fields: { section },
    });
  const edge = (name: keyof Bounds, pick: (...values: number[]) => number): number =>
    specs.reduce((most, spec) => pick(most, spec[name]), pick());
  const [minX, minY] = [edge('minX', Math.min), edge('minY', Math.min)];
  return json({ minX, minY, minZ: section, maxX: edge('maxX', Math.max), maxY: edge('maxY', Math.max), maxZ: section });
}

function zValues(service: RenderService, names: Names): Answer {
  const { id } = namedStack(service, names);
  const rows = service.library.read.all<{ section: number }>(
    'SELECT DISTINCT t.section FROM placement p JOIN tile t ON t.id = p.tile WHERE p.stack = ? ORDER BY t.section',
    id,
  );
  return json(rows.map(({ section }) => section));
}

async function setState(service: RenderService, names: Names): Promise<Answer> {
  checkWritable(service);
  const { id: stack } = namedStack(service, names);
  const state = stackStateSchema.safeParse(names['state']);
  if (!state.success)
    throw new LamellaError('invalid-input', `There is no state "${names['state']}".`, {
      hint: `There are ${stackStateSchema.options.join(', ')}.`,
      fields: { state: names['state'] ?? null },
    });
  await service.client.stack.setState({ library: service.library.folder, stack, state: state.data });
  return json({ state: state.data }, 201);
}

/** Versions are never written over, so the address names one that is not there yet. */
async function putTiles(service: RenderService, names: Names, { body, signal }: Request): Promise<Answer> {
  checkWritable(service);
  const { id: dataset } = namedProject(service, names);
  const name = names['stack'] ?? '';
  const all = stackSummaries(service.library.read).filter((one) => one.dataset === dataset);
  if (all.some((one) => [one.id, one.name, `v${one.version}`].includes(name)))
    throw new LamellaError('conflict', `There is a stack "${name}" already, and versions are never written over.`, {
      hint: 'Put the tiles under another name: they become a new version.',
      fields: { stack: name },
    });
  const folder = await mkdtemp(join(tmpdir(), 'lamella-put-'));
  try {
    const source = join(folder, 'resolved-tiles.json');
    await writeFile(source, body);
    const { client, library } = service;
    const { job } = await client.stack.import({ library: library.folder, dataset, source, name });
    const ended = await endOf(service, job, signal);
    if (ended.error) throw fromWireError(ended.error);
    return json(ended.result, 201);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function endOf({ client, library }: RenderService, id: string, signal: AbortSignal): Promise<Job> {
  const watching = new AbortController();
  const leave = (): void => watching.abort();
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  let last: Job | undefined;
  await client.job
    .watch(
      { library: library.folder },
      {
        signal: watching.signal,
        onValue: (job) => {
          if (job.id !== id) return;
          last = job;
          if (isJobOver(job.state)) leave();
        },
      },
    )
    .finally(() => signal.removeEventListener('abort', leave));
  if (last && isJobOver(last.state)) return last;
  throw new LamellaError('cancelled', 'The connection ended before the tiles were in; the job goes on.', {
    hint: 'Look at its end with job list.',
    fields: { job: id },
  });
}

function checkWritable({ writable }: RenderService): void {
  if (writable) return;
  throw new LamellaError('forbidden', 'What is served may only be read.', {
    hint: 'Serve with --writable to set states and put tiles.',
  });
}
