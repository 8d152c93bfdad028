import type { DecodeVoxels } from '../../../native-workers/voxel-tasks.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from './byte-store.ts';
import { badFile } from './checked-json.ts';
import type { ChunkCodec } from './volume-format.ts';

/** Where stored bytes came from, for messages. */
export interface StoredFrom {
  readonly source: ByteSource;
  readonly key: string;
}

/** Decodes a chunk; what the codec says against the bytes becomes 'bad-source' that names their file. */
export async function decodeStored(
  codec: ChunkCodec,
  { source, key }: StoredFrom,
  request: DecodeVoxels,
  stored: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (stored.byteLength === 0) throw badFile(source, key, 'the file is empty');
  try {
    return await codec.decode(request, stored, signal);
  } catch (error) {
    if (isLamellaError(error, 'bad-source')) throw badFile(source, key, error.message.replace(/\.$/, ''), error);
    throw error;
  }
}
