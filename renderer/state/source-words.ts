import type { WireError } from '../../preload/contract/errors.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { LayerProblem } from './layer-problems.ts';

/** What a volume lacks because its source would not give it. */
export interface AwaySource {
  readonly error: WireError | null;
  /** Other parts of it come. */
  readonly partly: boolean;
}

/** Whether a server does not answer at all, so that only what was read before shows. */
export const isOffline = ({ source }: Volume, { error, partly }: AwaySource): boolean =>
  source.kind === 'remote' && !partly && (error === null || error.tag === 'unreachable');

const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What sources call themselves "it" in, as the rest of a sentence about a volume. */
const ofItsServer = (what: string): string =>
  what
    .replace(/^it (?=answers|refuses|sends|redirects)/, 'its server ')
    .replace(/^its (?=answer|name|cert)/, 'its server’s ');

const byTag: Partial<Record<WireError['tag'], string>> = {
  'not-found': 'its files are gone',
  unauthorized: 'its server does not let you read it',
  forbidden: 'its server may not be asked',
  conflict: 'it was changed at its source',
  'bad-source': 'it can’t be opened',
};

function reasonOf({ source }: Volume, error: WireError | null): string {
  const what = error?.fields['what'];
  if (typeof what === 'string') return ofItsServer(what);
  const byItsTag = error && byTag[error.tag];
  return byItsTag ?? (source.kind === 'remote' ? 'its server does not answer' : 'its files are gone');
}

/** In one line, why parts of a volume or all of it do not come. */
export function awayProblem(volume: Volume, { error, partly }: AwaySource): LayerProblem {
  const reason = reasonOf(volume, error);
  return {
    text: partly ? `Parts do not come: ${reason}` : asSentence(reason),
    detail: error ? `${error.message} ${error.hint}` : 'The source does not answer. What was read before still shows.',
    canRetry: true,
  };
}

/** In one line, what is wrong with a part that can't be read. */
export function brokenProblem({ message, hint }: WireError): LayerProblem {
  const why = /can't be (?:read|unpacked|decoded): (.+?)\.?$/.exec(message)?.[1];
  const text = `A part can’t be read${why === undefined ? '' : `: ${why}`}`;
  return { text, detail: `${message} ${hint}`, canRetry: true };
}
