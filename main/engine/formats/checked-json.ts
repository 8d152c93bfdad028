import type { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { plainWords, wordIssue } from '../../../preload/contract/issues.ts';
import type { ByteSource } from './byte-store.ts';

/** A metadata file larger than this is refused before it is read whole. */
export const maxMetadataBytes = 4 * 2 ** 20;

/** Reads and checks a JSON file of a dataset. Undefined where it is absent; 'bad-source' names the file and the field. */
export async function readCheckedJson<S extends z.ZodType>(
  source: ByteSource,
  key: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  const bytes = await source.get(key, { offset: 0, length: maxMetadataBytes + 1 });
  if (!bytes) return undefined;
  if (bytes.byteLength > maxMetadataBytes)
    throw badFile(source, key, 'it is larger than 4 MiB, too large for metadata');
  const given = parseJson(source, key, bytes);
  const checked = schema.safeParse(given, { error: plainWords });
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues.flatMap((raw) => wordIssue(raw, given));
  throw badFile(
    source,
    key,
    issue ? `${issue.field || 'the file'}: ${issue.message}` : 'it is not as the format wants it',
  );
}

function parseJson(source: ByteSource, key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badFile(source, key, 'it is not JSON', cause);
  }
}

export function badFile(source: ByteSource, key: string, why: string, cause?: unknown): LamellaError {
  return new LamellaError('bad-source', `"${key}" of ${source.name} can't be read: ${why}.`, {
    hint: 'Check that the dataset was copied whole; copy it again where it was not.',
    fields: { file: key, source: source.name },
    cause,
  });
}

/** Keys inside a dataset that metadata may name: relative, forward slashes, nothing that climbs out. */
export function isSafeKey(key: string): boolean {
  return (
    key.length > 0 &&
    key.length <= 1024 &&
    !/[\0\\:]/.test(key) &&
    key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

export function toJsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
