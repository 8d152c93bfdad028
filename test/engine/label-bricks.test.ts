// Labels reach the window with every id exact.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { brickSource } from '../../main/engine/journeys/view/brick-source.ts';
import { usualPatience } from '../../main/engine/journeys/view/patience.ts';
import { openDatabase } from '../../main/engine/store/database.ts';
import { volumeById } from '../../main/engine/store/volume-rows.ts';
import { unpackBricks, type Brick } from '../../preload/contract/brick.ts';
import type { Volume } from '../../preload/contract/library.ts';
import { indexedIds } from './indexed-ids.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { tempLibrary } from './temp-library.ts';

/** Ids that a float, or 16 bits of hash, would take for one another; the right half is background. */
const ids = [2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n, 1n, 1n << 32n];
const size = [128, 64, 8] as const;
const idAt = (x: number, y: number, z: number): bigint => (x >= 64 ? 0n : (ids[(x + y + 3 * z) % ids.length] ?? 0n));

function writeLabels(file: string): void {
  const header = `NRRD0004\ntype: uint64\ndimension: 3\nsizes: ${size.join(' ')}\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n`;
  const [w, h, d] = size;
  const voxels = BigUint64Array.from({ length: w * h * d }, (_, i) =>
    idAt(i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))),
  );
  writeFileSync(file, Buffer.concat([Buffer.from(header), Buffer.from(voxels.buffer)]));
}

async function added({ client, library, folder, result }: TempEngine): Promise<Volume> {
  const source = join(folder, 'labels.nrrd');
  writeLabels(source);
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, kind: 'segmentation' }));
  return (await client.view.volume({ library, volume })).value;
}

async function bricksOf({ client, library }: TempEngine, volume: Volume): Promise<{ bricks: Brick[]; cached: number }> {
  const [nx, ny, nz] = [0, 1, 2].map((a) => Math.ceil((size[a] ?? 1) / (volume.levels[0]?.brick[a] ?? 1)));
  const all = Array.from({ length: (nx ?? 0) * (ny ?? 0) * (nz ?? 0) }, (_, i) => i);
  const got: { bricks: Brick[]; cached: number } = { bricks: [], cached: 0 };
  await client.view.bricks(
    {
      library,
      volume: volume.id,
      bricks: all.map((i) => [0, i % (nx ?? 1), Math.floor(i / (nx ?? 1)) % (ny ?? 1), 0]),
    },
    {
      signal: new AbortController().signal,
      onValue: (value, bytes) => {
        got.bricks.push(...unpackBricks(bytes?.slice() ?? new Uint8Array()));
        got.cached += value.fromCache;
      },
    },
  );
  return got;
}

test('bricks of labels hold ids of 64 bits as they are, and background is empty', async () => {
  const at = tempEngine();
  const volume = await added(at);
  expect(volume.display).toEqual({ dtype: 'uint32', range: [0, 2 ** 32 - 1], labels: true });
  for (const round of ['file', 'cache'] as const) {
    const { bricks, cached } = await bricksOf(at, volume);
    expect(cached).toBe(round === 'cache' ? bricks.length : 0);
    expect(bricks.map(({ voxels }) => voxels.byteLength > 0)).toContain(true);
    for (const brick of bricks) {
      const [bx, by, bz] = volume.levels[0]?.brick ?? [1, 1, 1];
      const [, x0, y0, z0] = brick.address;
      const [w, h] = brick.size;
      const read = indexedIds(brick.voxels, w * h * brick.size[2]);
      const wanted = read.map((_, i) =>
        idAt(x0 * bx + (i % w), y0 * by + (Math.floor(i / w) % h), z0 * bz + Math.floor(i / (w * h))),
      );
      expect(read).toEqual(wanted);
    }
  }
});

test('a library of before, whose labels were hashed, is read as labels are sent now', async () => {
  const at = tempEngine();
  const { id } = await added(at);
  await at.engine.close();
  const db = openDatabase({ file: join(at.library, 'library.db'), synchronous: 'FULL' });
  db.prepare('UPDATE volume SET display = ?').run('{"dtype":"uint16","range":[0,65535],"labels":true}');
  db.close();
  const { volume } = volumeById(tempLibrary(at.library).read, id);
  expect(volume.display).toEqual({ dtype: 'uint32', range: [0, 2 ** 32 - 1], labels: true });
});

test('a hashed brick of an old cache is never taken for an indexed one', async () => {
  const at = tempEngine();
  const volume = await added(at);
  await at.engine.close();
  const library = tempLibrary(at.library);
  onTestFinished(() => library.cache.clear());
  const shown = { read: () => Promise.reject(new Error('not read')), answers: true, notOpened: null, heardAt: 0 };
  const env = { shown, patience: usualPatience, library, ahead: false };
  const kernels = { run: () => Promise.reject(new Error('not run')), threads: 1 };
  const source = brickSource(volume, { channel: 0, time: 0 }, { ...env, kernels });
  library.cache.putSoon(`brick/${volume.id}/0/0/0/0/0/0`, new Uint8Array(8192).fill(7));
  expect(source.has([0, 0, 0, 0])).toBe(false);
});
