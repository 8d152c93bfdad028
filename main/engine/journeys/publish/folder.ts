import { basename, isAbsolute, relative } from 'node:path';
import { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { realPathOf } from '../../store/output-file.ts';
import type { PublishTarget } from '../../targets/index.ts';

export const manifestKey = 'lamella-manifest.json';
export const receiptKey = 'lamella-receipt.json';
export const provenanceKey = 'lamella-provenance.json';
/** There while a publication is being written, so that a later run knows the folder for its own. */
const markerKey = 'lamella-publishing.json';

const ours: ReadonlySet<string> = new Set([manifestKey, receiptKey, provenanceKey, markerKey]);
const litter: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

export interface Owner {
  readonly volume: string;
  readonly format: string;
}

const ownerSchema = z.object({ volume: z.string(), format: z.string() });

/**
 * What stands against publishing into the folder, or null. It must be empty, or hold an earlier or unfinished
 * publication of the same volume in the same format and nothing else. Writes nothing.
 */
export async function objectionTo(
  target: PublishTarget,
  owner: Owner,
  isPlanned: (key: string) => boolean,
): Promise<string | null> {
  const keys = (await target.list('')).filter((key) => !isTemporary(key) && !litter.has(nameOf(key)));
  if (keys.length === 0) return null;
  const found = await ownerOf(target);
  if (!found) return `it already holds other files, such as "${keys[0]}"`;
  if (found.volume !== owner.volume || found.format !== owner.format)
    return `it already holds ${found.volume} as ${found.format}`;
  const foreign = keys.find((key) => !ours.has(key) && !isPlanned(key));
  return foreign === undefined ? null : `it holds "${foreign}", which is no part of this publication`;
}

/** Takes the folder: throws 'conflict' where something stands against it, and clears what an earlier run left open. */
export async function claimFolder(
  target: PublishTarget,
  owner: Owner,
  isPlanned: (key: string) => boolean,
): Promise<void> {
  const objection = await objectionTo(target, owner, isPlanned);
  if (objection !== null) {
    throw new LamellaError('conflict', `Nothing was published to "${target.name}": ${objection}.`, {
      hint: 'Choose an empty folder, or one that is not there yet.',
      fields: { folder: target.name },
    });
  }
  await target.put(markerKey, new TextEncoder().encode(`${JSON.stringify(owner)}\n`));
  const left = (await target.list('')).filter(isTemporary);
  for (const key of [...left, receiptKey, manifestKey]) await target.delete(key);
}

/** The receipt is there now and says whose the folder is. */
export const releaseFolder = (target: PublishTarget): Promise<void> => target.delete(markerKey);

async function ownerOf(target: PublishTarget): Promise<Owner | null> {
  for (const key of [markerKey, receiptKey]) {
    const bytes = await target.get(key, { offset: 0, length: 2 ** 20 });
    const owner = bytes && ownerSchema.safeParse(parsed(bytes));
    if (owner?.success) return owner.data;
  }
  return null;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
const isTemporary = (key: string): boolean => nameOf(key).startsWith('.lamella-part-');

/** A dataset inside a library would be taken for the library's own files. Throws 'invalid-input'. */
export function refuseInsideLibrary(out: string, libraryFolder: string): void {
  const inside = relative(libraryFolder, realPathOf(out));
  if (inside.startsWith('..') || isAbsolute(inside)) return;
  throw new LamellaError('invalid-input', `"${out}" lies inside the library ${basename(libraryFolder)}.`, {
    hint: 'Publish to a folder outside of it.',
    fields: { out },
  });
}
