import { originSchema } from '../../preload/contract/bridge.ts';
import type { WireError } from '../../preload/contract/errors.ts';

/** Where something to add lies: volumes, and meshes and skeletons. Pure. */
export interface Source {
  /** What the engine is told: a grant, or an address. */
  readonly ref: string;
  /** What the user is shown. */
  readonly text: string;
  readonly kind: 'file' | 'folder' | 'address';
}

/** Of a name that is an address or a path, the last part. */
export const shortName = (name: string): string =>
  name
    .replace(/[\\/|:]+$/, '')
    .split(/[\\/|]/)
    .at(-1) || name;

const addressPattern = /^([a-z][a-z0-9-]*:(\/\/)?)?(https?|s3|gs|s3\+https?):\/\/\S+$/i;

/** What is wrong with an address that was typed, or null. */
export const addressProblem = (text: string): string | null =>
  addressPattern.test(text.trim()) ? null : 'An address starts with https://, http://, s3:// or gs://.';

export const addressSource = (text: string): Source => ({ ref: text.trim(), text: text.trim(), kind: 'address' });

/** The server that a refused address is on, where asking the user for it may help; null otherwise. */
export function refusedServer({
  source,
  problem,
}: {
  readonly source: Source | null;
  readonly problem: WireError | null;
}): string | null {
  if (!source || problem?.tag !== 'forbidden' || addressProblem(source.ref) !== null) return null;
  const address = /https?:\/\/[^\s|]+/i.exec(source.ref)?.[0];
  if (address === undefined) return null;
  try {
    const { origin } = new URL(address);
    return originSchema.safeParse(origin).success ? origin : null;
  } catch {
    return null;
  }
}
