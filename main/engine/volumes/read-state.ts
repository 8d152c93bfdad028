import { isLamellaError, LamellaError } from '../../../preload/contract/errors.ts';
import { parseAddress, toText } from '../sources/address.ts';
import { readRemoteFile } from '../sources/index.ts';
import type { PlaceEnv } from './open-place.ts';

export interface StateRequest {
  /** An address, as `resolveSource` gave it. */
  readonly ref: string;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** Nobody's view is larger. */
const mostMiB = 4;
const mostSeconds = 30;

/**
 * The state of a view that lies at an address: a JSON object of up to 4 MiB, in 30 s. Throws 'invalid-input' for what is no
 * address of a file, 'not-found', 'over-budget', 'bad-source' for what is no JSON, 'unreachable', 'unauthorized' and
 * 'forbidden'.
 */
export async function readState(env: PlaceEnv, { ref, allowPrivate, signal }: StateRequest): Promise<string> {
  const address = parseAddress(ref);
  if (address.kind === 'path' || address.inside.length > 0) throw noAddress(ref);
  const place = toText(address);
  const late = new AbortController();
  const stop = (): void => late.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const timer = setTimeout(() => late.abort(tooSlow(place)), mostSeconds * 1000);
  try {
    const most = mostMiB * 2 ** 20;
    const bytes = await readRemoteFile(address, { ...env, allowPrivate }, most + 1, late.signal);
    if (!bytes) throw nothingThere(place);
    if (bytes.byteLength > most) throw tooLarge(place);
    return checked(bytes, place);
  } catch (error) {
    if (late.signal.aborted && !signal.aborted) throw tooSlow(place);
    if (isLamellaError(error, 'unauthorized')) throw notPublic(place, error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function checked(bytes: Uint8Array, place: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return text;
  } catch (cause) {
    throw noState(place, cause);
  }
  throw noState(place);
}

const byHand = 'Open the link in a browser, and copy the address or the JSON of the state once the view is shown.';

const noAddress = (ref: string): LamellaError =>
  new LamellaError('invalid-input', `${ref.slice(0, 200)} is no address of a file on a server.`, {
    hint: 'A state lies at http(s)://…, gs://… or s3://…; open one of your own disk as a file.',
    fields: { source: ref.slice(0, 200) },
  });

const nothingThere = (place: string): LamellaError =>
  new LamellaError('not-found', `There is no state at ${place}.`, {
    hint: 'Check the address; whoever gave it to you may have taken the state away.',
    fields: { source: place },
  });

const tooLarge = (place: string): LamellaError =>
  new LamellaError(
    'over-budget',
    `What lies at ${place} has more than ${mostMiB} MiB; no state of a view is so large.`,
    {
      hint: 'Check the address. A state that large opens from a file.',
      fields: { source: place },
    },
  );

const tooSlow = (place: string): LamellaError =>
  new LamellaError('unreachable', `The state at ${place} did not come within ${mostSeconds} s.`, {
    hint: `Try again. ${byHand}`,
    fields: { source: place },
  });

const noState = (place: string, cause?: unknown): LamellaError =>
  new LamellaError('bad-source', `What lies at ${place} is no JSON of a state.`, {
    hint: byHand,
    fields: { source: place },
    cause,
  });

const notPublic = (place: string, cause: LamellaError): LamellaError =>
  new LamellaError('unauthorized', `The state at ${place} is not public: ${cause.message}`, {
    hint: `Lamella does not sign in. ${byHand}`,
    fields: cause.fields,
    cause,
  });
