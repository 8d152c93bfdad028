import { z } from 'zod';
import type { LamellaClient } from '../../../../preload/contract/api.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { plainWords, wordIssue } from '../../../../preload/contract/issues.ts';
import { pointNmSchema } from '../../../../preload/contract/warp.ts';
import { atlasById, treeOf } from '../../atlases/atlas-rows.ts';
import { json } from '../../loopback/http-answer.ts';
import { numberOf, type Route, router } from '../../loopback/routes.ts';
import { serveUntil, type ServingNow } from '../../loopback/serve-until.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import type { StreamCall } from '../call.ts';

interface Served {
  readonly library: LibraryStore;
  readonly client: LamellaClient;
}

const lookupSchema = z.object({ points: z.array(pointNmSchema).min(1).max(20_000), space: z.string().optional() });

/** Of docs/atlases.md: what is asked as the contract's procedures are, and answered with their JSON. */
const routes: readonly Route<Served>[] = [
  {
    method: 'GET',
    path: '/v1/atlases',
    answer: async ({ library, client }) => json((await client.atlas.list({ library: library.id })).value),
  },
  {
    method: 'GET',
    path: '/v1/atlases/{atlas}',
    answer: ({ library }, { atlas }) => json({ atlas: atlasById(library, atlas ?? '') }),
  },
  {
    method: 'GET',
    path: '/v1/atlases/{atlas}/regions',
    answer: async ({ library, client }, { atlas = '' }, { query }) => {
      const [find, under] = [query.get('find') ?? '', query.get('under') ?? undefined];
      const paging = Object.fromEntries(
        ['from', 'most'].filter((name) => query.has(name)).map((name) => [name, Number(query.get(name))]),
      );
      return json((await client.atlas.regions({ library: library.id, atlas, find, under, ...paging })).value);
    },
  },
  {
    method: 'GET',
    path: '/v1/atlases/{atlas}/regions/{region}',
    answer: ({ library }, { atlas = '', region: named = '' }) => {
      const tree = treeOf(library, atlasById(library, atlas).id);
      const region = tree.branch(named);
      const inside = tree.regions.filter(({ parent }) => parent === region.at);
      return json({ region, path: tree.pathOf(region.at), inside });
    },
  },
  {
    method: 'GET',
    path: '/v1/atlases/{atlas}/at/{x},{y},{z}',
    answer: async ({ library, client }, names, { query }) => {
      const point = [numberOf(names, 'x'), numberOf(names, 'y'), numberOf(names, 'z')] as const;
      const asked = { atlas: names['atlas'] ?? '', points: [point], space: query.get('space') ?? undefined };
      return json((await client.atlas.lookup({ library: library.id, ...asked })).value);
    },
  },
  {
    method: 'PUT',
    path: '/v1/atlases/{atlas}/lookup',
    answer: async ({ library, client }, { atlas = '' }, { body }) => {
      const asked = lookupOf(body);
      return json((await client.atlas.lookup({ library: library.id, atlas, ...asked })).value);
    },
  },
];

function lookupOf(body: Uint8Array): z.output<typeof lookupSchema> {
  let given: unknown;
  try {
    given = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw noLookup('it is not JSON', cause);
  }
  const read = lookupSchema.safeParse(given, { error: plainWords });
  if (read.success) return read.data;
  const [issue] = read.error.issues.flatMap((raw) => wordIssue(raw, given));
  throw noLookup(issue ? `${issue.field || 'it'}: ${issue.message}` : 'its fields are others');
}

const noLookup = (why: string, cause?: unknown): LamellaError =>
  new LamellaError('invalid-input', `That is no question for regions: ${why}.`, {
    hint: 'Send {"points": [[x, y, z]], "space": "volume-…"}, in nanometres.',
    cause,
  });

const answer = router(routes, 'docs/atlases.md');

/** Serves the atlases of a library until the call is cancelled. */
export function serveAtlases(
  {
    library: ref,
    port,
    origin,
  }: { readonly library: string; readonly port: number; readonly origin?: string | undefined },
  call: StreamCall<ServingNow>,
  client: LamellaClient,
): Promise<void> {
  const served: Served = { library: call.library(ref), client };
  const options = { prefix: '/atlas', port, origin: origin ?? null };
  return serveUntil(call.signal, { ...options, answer: (request) => answer(served, request) }, (now) => call.emit(now));
}
