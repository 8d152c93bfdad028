import type { LamellaClient } from '../../../../preload/contract/api.ts';
import type { StreamCall } from '../call.ts';
import { boxRoutes, type ServedRender } from './box-routes.ts';
import { pointRoutes } from './point-routes.ts';
import { router } from './routes.ts';
import { sectionRoutes } from './section-routes.ts';
import { openServer } from './serve.ts';
import { specRoutes } from './spec-routes.ts';
import { stackRoutes } from './stack-routes.ts';

/** What is said of a server while it runs. */
export interface ServingNow {
  readonly address: string;
  readonly token: string;
  /** Requests that were answered, and those of them with an error. */
  readonly answered: number;
  readonly failed: number;
}

interface ServeInput {
  readonly library: string;
  readonly port: number;
  readonly origin?: string | undefined;
  readonly writable: boolean;
}

const answer = router<ServedRender>([...stackRoutes, ...sectionRoutes, ...specRoutes, ...pointRoutes, ...boxRoutes]);
/** How often it is said how many requests came. */
const tellMs = 500;

/** Serves a library by Render's interface until the call is cancelled. */
export async function serveRender(
  { library: ref, port, origin, writable }: ServeInput,
  call: StreamCall<ServingNow>,
  client: LamellaClient,
): Promise<void> {
  const library = call.library(ref);
  const count = { answered: 0, failed: 0 };
  let address = '';
  const service: ServedRender = { library, client, writable, kernels: call.kernels, address: () => address };
  const serving = await openServer({
    port,
    origin: origin ?? null,
    answer: (request) => answer(service, request),
    onAnswer: (status) => {
      count.answered += 1;
      if (status >= 400) count.failed += 1;
    },
  });
  address = serving.address;
  const tell = (): void => call.emit({ address, token: serving.token, ...count });
  let told = -1;
  const telling = setInterval(() => {
    if (told !== count.answered) tell();
    told = count.answered;
  }, tellMs);
  try {
    tell();
    await ended(call.signal);
  } finally {
    clearInterval(telling);
    await serving.close();
  }
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
