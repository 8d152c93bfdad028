import type { LamellaClient } from '../../../../preload/contract/api.ts';
import { router } from '../../loopback/routes.ts';
import { serveUntil, type ServingNow } from '../../loopback/serve-until.ts';
import type { StreamCall } from '../call.ts';
import { boxRoutes, type ServedRender } from './box-routes.ts';
import { pointRoutes } from './point-routes.ts';
import { sectionRoutes } from './section-routes.ts';
import { specRoutes } from './spec-routes.ts';
import { stackRoutes } from './stack-routes.ts';

interface ServeInput {
  readonly library: string;
  readonly port: number;
  readonly origin?: string | undefined;
  readonly writable: boolean;
}

const answer = router<ServedRender>(
  [...stackRoutes, ...sectionRoutes, ...specRoutes, ...pointRoutes, ...boxRoutes],
  'docs/render-service.md',
);

/** Serves a library by Render's interface until the call is cancelled. */
export async function serveRender(
  { library: ref, port, origin, writable }: ServeInput,
  call: StreamCall<ServingNow>,
  client: LamellaClient,
): Promise<void> {
  const library = call.library(ref);
  let address = '';
  const service: ServedRender = { library, client, writable, kernels: call.kernels, address: () => address };
  await serveUntil(
    call.signal,
    { prefix: '/render-ws', port, origin: origin ?? null, answer: (request) => answer(service, request) },
    (now) => call.emit(now),
    (served) => (address = served),
  );
}
