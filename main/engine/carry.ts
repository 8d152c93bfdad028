import { api } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import type { WithBytes } from '../../preload/contract/define.ts';
import type { Grants } from './grants.ts';
import type { JobKind, Kernels } from './jobs/job.ts';
import type { KnownKind } from './jobs/scheduler.ts';
import type { Call, CallerKind, Handlers, StreamCall } from './journeys/call.ts';
import type { LibraryAccess } from './library-access.ts';
import { renameRefs, resolveLayout, resolveSource } from './path-refs.ts';
import type { CallContext } from './rpc-server.ts';

/** One call on its way to its handler. */
export interface Carrying {
  readonly path: string;
  /** Parsed by the contract. */
  readonly input: unknown;
  readonly context: CallContext;
  readonly caller: CallerKind;
  readonly handlers: Handlers;
  readonly pool: Kernels;
  readonly access: LibraryAccess;
  readonly grants: Grants;
}

const procedures = new Map(proceduresOf(api).map(({ path, procedure }) => [path, procedure]));

/** Handlers are typed by the contract; looked up by a name that came over a wire, their types are erased. */
type Erased = JobKind<unknown, unknown> | ((input: unknown, call: Call | StreamCall<unknown>) => unknown);

function handlerOf(handlers: Handlers, path: string): Erased | undefined {
  const [domain = '', verb = ''] = path.split('.');
  const verbs = (handlers as unknown as Readonly<Record<string, Readonly<Record<string, Erased>>>>)[domain];
  return verbs?.[verb];
}

/** Every kind of job that the handlers declare, by the path of its procedure. */
export function knownKinds(handlers: Handlers): ReadonlyMap<string, KnownKind> {
  const kinds = new Map<string, KnownKind>();
  for (const [path, procedure] of procedures) {
    const kind = handlerOf(handlers, path);
    if (procedure.kind !== 'job' || typeof kind !== 'object') continue;
    if (kind.kind !== path) throw new Error(`the handler of ${path} declares the kind ${kind.kind}`);
    kinds.set(path, { kind: inItsLibrary(kind), output: procedure.output });
  }
  return kinds;
}

/** The library is not stored with a job's input: it is where the job is. */
function inItsLibrary(kind: JobKind<unknown, unknown>): JobKind<unknown, unknown> {
  const complete = (input: unknown, library: string): unknown => ({ ...(input as object), library });
  return {
    kind: kind.kind,
    runsBeside: kind.runsBeside === true,
    label: (input) => kind.label(complete(input, '')),
    run: (job, input) => kind.run(job, complete(input, job.library.folder)),
  };
}

/** Calls the handler of a procedure, or starts its job. */
export async function carryOut(carrying: Carrying): Promise<WithBytes<unknown>> {
  const { path, input, caller, access } = carrying;
  const kind = procedures.get(path)?.kind;
  const handler = handlerOf(carrying.handlers, path);
  if (!handler || !kind) throw new Error(`${path} has no handler`);
  if (typeof handler === 'object') {
    const { library, ...rest } = resolvedInput(carrying) as { readonly library: string };
    return {
      value: {
        job: access.find(library, caller, caller === 'trusted' && beginsLibraries.has(path)).jobs.start(path, rest).id,
      },
    };
  }
  const answer = await handler(input, callOf(carrying));
  return kind === 'query' ? (answer as WithBytes<unknown>) : { value: answer ?? null };
}

/** Jobs that need nothing in a library, so that a new one may be made for them. */
const beginsLibraries: ReadonlySet<string> = new Set([
  'atlas.import',
  'block.import',
  'sample.make',
  'ingest.start',
  'stack.import',
  'watch.start',
  'volume.add',
  'volume.convert',
  'volume.audit',
]);

function callOf({ context, caller, pool, access, grants }: Carrying): StreamCall<unknown> {
  return {
    caller,
    signal: context.signal,
    kernels: pool,
    library: (ref) => access.find(ref, caller, false).store,
    path: (ref) => grants.resolve(ref, caller),
    source: (ref, allowPrivate) => sourceOf(ref, allowPrivate, grants, caller),
    refer: (path) => grants.refer(path, caller),
    emit: (value, bytes) => context.emit(value, bytes),
    drained: () => context.drained(),
  };
}

/** A job outlives its call and the caller's grants, so its references become absolute paths now. */
function resolvedInput({ path, input, caller, grants }: Carrying): unknown {
  const schema = procedures.get(path)?.input;
  if (!schema) return input;
  const resolve = (ref: string): string => grants.resolve(ref, caller);
  return renameRefs(schema, input, (ref, kind, beside) => {
    if (kind === 'library') return ref;
    if (kind === 'source') return sourceOf(ref, beside['allowPrivate'] === true, grants, caller);
    return kind === 'layout' ? resolveLayout(ref, beside['source'], resolve) : resolve(ref);
  });
}

/** The reference with its path made absolute. Throws 'forbidden' where the caller may not name the path or the server. */
function sourceOf(ref: string, allowPrivate: boolean, grants: Grants, caller: CallerKind): string {
  return resolveSource(ref, allowPrivate, {
    path: (path) => grants.resolve(path, caller),
    server: (origin) => grants.checkServer(origin, caller),
  });
}
