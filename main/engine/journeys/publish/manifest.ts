import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { partSchema, type Part } from '../../../../preload/contract/publish.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { toJsonBytes } from '../../formats/checked-json.ts';
import type { Unit } from '../../jobs/job.ts';
import { manifestKey } from './folder.ts';
import { sha256Of } from './parts.ts';

const manifestSchema = z.object({
  format: z.literal('lamella-manifest'),
  version: z.literal(1),
  parts: z.array(partSchema),
});

/** Every part by path, in byte order of the paths: the same dataset has the same manifest, and the same hash of it. */
export function manifestBytes(parts: readonly Part[]): Uint8Array {
  const sorted = parts.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const rows = sorted.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  return toJsonBytes({ format: 'lamella-manifest', version: 1, parts: rows });
}

/** The parts that a manifest lists, or why it can't be read. */
export async function readManifest(source: ByteSource, sha256: string): Promise<readonly Part[] | string> {
  const bytes = await source.get(manifestKey);
  if (!bytes)
    return `${manifestKey}: it is not in ${source.name}; if the dataset was moved, name its folder (--folder)`;
  if (sha256Of(bytes) !== sha256) return `${manifestKey}: it is not the one of the receipt`;
  const manifest = manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  return manifest.success ? manifest.data.parts : `${manifestKey}: it can't be read`;
}

/** What is wrong with a part as it is read back, or null. */
export async function faultOf(source: ByteSource, part: Part): Promise<string | null> {
  const bytes = await source.get(part.path, { offset: 0, length: part.bytes + 1 });
  if (!bytes) return 'it is not there';
  if (bytes.byteLength !== part.bytes)
    return `it has ${bytes.byteLength > part.bytes ? 'more' : bytes.byteLength} bytes, not ${part.bytes}`;
  return sha256Of(bytes) === part.sha256 ? null : 'its bytes are not those that were written';
}

/** A part that was read back and is not what was written. */
export interface BadPart {
  readonly path: string;
  readonly fault: string;
}

/** Reads parts back. The key is new each time, so that no run believes an earlier one. */
export function verifyUnit(source: ByteSource, parts: readonly Part[]): Unit<readonly BadPart[]> {
  return {
    key: `verify-${randomUUID()}`,
    subject: parts[0]?.path ?? '',
    run: async (signal) => {
      const bad: BadPart[] = [];
      for (const part of parts) {
        signal.throwIfAborted();
        const fault = await faultOf(source, part);
        if (fault !== null) bad.push({ path: part.path, fault });
      }
      return bad;
    },
  };
}

export function verificationFailed(name: string, bad: readonly BadPart[]): LamellaError {
  const [first] = bad;
  const more = bad.length > 1 ? ` ${bad.length - 1} more parts are wrong too.` : '';
  return new LamellaError(
    'verification-failed',
    `"${first?.path}" of ${name} was written, but reads back differently: ${first?.fault}.${more}`,
    {
      hint: 'The wrong parts were removed: resume to write them again. If it comes back, the disk is failing.',
      fields: { part: first?.path ?? '', parts: bad.length },
    },
  );
}
