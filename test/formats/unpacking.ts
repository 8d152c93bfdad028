import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { OpenVolume, VolumeFormat } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { readAll } from '../conformance/whole-level.ts';
import { memorySource } from './memory-source.ts';

/** For tests of formats that unpack files: a folder of this process, which goes with the tests of the file. */
let folder = '';
export function useScratch(): void {
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lamella-raw-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
}
export const newScratch = (): string => mkdtempSync(join(folder, 'open-'));

export const codec = kernelCodec();
export const options = { codec, scratch: async () => newScratch() };
export const refused = (what: string) => ({ tag: 'bad-source', message: expect.stringContaining(what) });
export const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;

export const open = (
  format: VolumeFormat,
  key: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<OpenVolume> => format.open({ source: memorySource(files), key }, options);

/** Of level 0: x fastest, then y, z, channel, time. */
export async function hashOf(volume: OpenVolume): Promise<string> {
  const hash = createHash('sha256')
    .update(await readAll(volume, 0))
    .digest('hex');
  await volume.close?.();
  return hash.slice(0, 16);
}
