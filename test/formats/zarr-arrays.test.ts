import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zarr } from '../../main/engine/formats/zarr.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { memoryStore } from '../conformance/memory-store.ts';
import { readAll } from '../conformance/whole-level.ts';

interface Made {
  readonly name: string;
  readonly dtype: string;
  readonly sha256: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Made by zarr-python and tensorstore: fixtures/make_zarr.py. */
const made = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/zarr-arrays.json'), 'utf8'),
) as readonly Made[];
const codec = kernelCodec();

describe('arrays that zarr-python and tensorstore wrote', () => {
  it.each(made.map((array) => [array.name, array] as const))('%s', async (_name, { files, dtype, sha256 }) => {
    const store = memoryStore();
    for (const [key, base64] of Object.entries(files)) store.files.set(key, Buffer.from(base64, 'base64'));
    const opened = await zarr.open({ source: store, key: '' }, { codec, scratch: async () => '' });
    expect(opened.plan.dtype).toBe(dtype);
    expect(
      createHash('sha256')
        .update(await readAll(opened, 0))
        .digest('hex'),
    ).toBe(sha256);
  });
});
