import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LamellaClient } from '../../../../preload/contract/api.ts';
import type { StackSummary } from '../../../../preload/contract/library.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { stackSummaries } from '../../store/summary.ts';
import type { Names } from '../../loopback/routes.ts';

/** What answering takes. */
export interface RenderService {
  readonly library: LibraryStore;
  /** Everything that changes the library, and all that other journeys do, goes the way that every caller goes. */
  readonly client: LamellaClient;
  readonly address: () => string;
  /** Whether states may be set and tiles be put. */
  readonly writable: boolean;
}

/** Owner: the library; project: a dataset; stack: a version of it. */
export interface NamedStack extends StackSummary {
  readonly owner: string;
  readonly project: string;
  /** As the address names it. */
  readonly named: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
}

/** The name of a version in addresses: its own where it has one that no other version of the dataset has, else v and its number. */
export function nameOfStack(stack: StackSummary, all: readonly StackSummary[]): string {
  const same = all.filter(({ dataset, name }) => dataset === stack.dataset && name === stack.name);
  return stack.name !== '' && same.length === 1 && !stack.name.includes('/') ? stack.name : `v${stack.version}`;
}

export function projectsOf({ library: { read } }: RenderService): readonly Project[] {
  return read.all<Project>('SELECT id, name FROM dataset WHERE removed = 0 ORDER BY created_at, id');
}

/** 'not-found' for another owner than the library. */
export function checkOwner({ library }: RenderService, { owner = '' }: Names): void {
  if (owner === library.name || owner === library.id) return;
  throw new LamellaError(
    'not-found',
    `There is no owner "${owner}": the library that is served is "${library.name}".`,
    {
      hint: 'The owner of an address is the name of the library.',
      fields: { owner },
    },
  );
}

/** A dataset by its id or, where only one has it, its name. */
export function namedProject(service: RenderService, names: Names): Project {
  checkOwner(service, names);
  const { project = '' } = names;
  const all = projectsOf(service);
  const byName = all.filter(({ name }) => name === project);
  const found = all.find(({ id }) => id === project) ?? (byName.length === 1 ? byName[0] : undefined);
  if (found) return found;
  throw new LamellaError(
    'not-found',
    byName.length > 1 ? `${byName.length} datasets are named "${project}".` : `There is no dataset "${project}".`,
    {
      hint: `The project of an address is a dataset, by name or id: ${all.map(({ name, id }) => `${name} (${id})`).join(', ')}.`,
      fields: { project },
    },
  );
}

/** A stack version by its id, its name or `v` and its number. */
export function namedStack(service: RenderService, names: Names): NamedStack {
  const project = namedProject(service, names);
  const { stack = '' } = names;
  const all = stackSummaries(service.library.read).filter(({ dataset }) => dataset === project.id);
  const found = all.find((one) => one.id === stack || nameOfStack(one, all) === stack || `v${one.version}` === stack);
  if (found) return { ...found, owner: service.library.name, project: project.name, named: nameOfStack(found, all) };
  throw new LamellaError('not-found', `The dataset "${project.name}" has no stack "${stack}".`, {
    hint: `It has ${all.map((one) => nameOfStack(one, all)).join(', ') || 'none yet: stitch it'}.`,
    fields: { stack },
  });
}
