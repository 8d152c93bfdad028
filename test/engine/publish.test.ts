import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dtype } from '../../preload/contract/space.ts';
import {
  expectSameVoxels,
  filesBelow,
  formats,
  metadata,
  openHome,
  publish,
  receiptOf,
  sha256,
  type Home,
} from './publish-home.ts';

describe.each<Dtype>(['uint8', 'uint16'])('publishing a volume of %s', (dtype) => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome(dtype);
  });
  afterAll(() => home.close());

  it.each(formats)('as %s: same voxels, a manifest of every file, a receipt, a row', async (format) => {
    const { client, sample, folder } = home;
    const out = join(folder, `published-${format}`);
    const request = { library: sample.library, volume: sample.volume, format, metadata, out } as const;
    const { value: plan } = await client.publish.plan(request);
    expect(plan.problems).toEqual([]);
    expect(existsSync(out)).toBe(false);

    const job = await publish(home, format, out);
    const receipt = receiptOf(job);
    expect(job.state).toBe('done');
    await expectSameVoxels(sample, format, out);
    expect(receipt).toMatchObject({
      volume: sample.volume,
      format,
      out,
      verified: true,
      metadata: { ...metadata, description: '' },
    });
    expect(receipt.parts).toBe(plan.parts);
    expect(receipt.bytes).toBeLessThanOrEqual(plan.bytesAtMost);
    expect(plan.levels.reduce((sum, level) => sum + level.parts, 0)).toBeLessThan(plan.parts);

    const manifest = readFileSync(receipt.manifestFile);
    expect(sha256(manifest)).toBe(receipt.manifestSha256);
    const { parts } = JSON.parse(manifest.toString()) as { parts: { path: string; bytes: number; sha256: string }[] };
    expect(parts.map(({ path }) => path)).toEqual(parts.map(({ path }) => path).toSorted());
    expect(filesBelow(out)).toEqual(
      [...parts.map(({ path }) => path), 'lamella-manifest.json', 'lamella-receipt.json'].toSorted(),
    );
    for (const part of parts) {
      const bytes = readFileSync(join(out, part.path));
      expect([bytes.byteLength, sha256(bytes)]).toEqual([part.bytes, part.sha256]);
    }
    expect(JSON.parse(readFileSync(receipt.receiptFile, 'utf8'))).toEqual({
      ...receipt,
      out: '.',
      receiptFile: 'lamella-receipt.json',
      manifestFile: 'lamella-manifest.json',
    });
    const { value: info } = await client.library.info({ library: sample.library });
    expect(info.publications.find(({ id }) => id === receipt.publication)).toMatchObject({
      title: metadata.title,
      format,
      manifestSha256: receipt.manifestSha256,
      parts: receipt.parts,
    });
    expect(info.undo).toBe(`Publish ${metadata.title} as ${format}`);
    expect((await client.publish.verify({ library: sample.library, publication: receipt.publication })).value).toEqual({
      ok: true,
      parts: receipt.parts,
      problems: [],
    });
  });

  it('is verified where it lies now, after it was moved or copied', async () => {
    const { client, sample, folder } = home;
    const [out, moved] = [join(folder, 'to-move'), join(folder, 'moved')];
    const { publication, parts } = receiptOf(await publish(home, 'precomputed', out));
    renameSync(out, moved);
    const verify = async (at?: string) =>
      (await client.publish.verify({ library: sample.library, publication, ...(at && { folder: at }) })).value;
    expect((await verify()).problems).toEqual([expect.stringContaining('not in to-move; if the dataset was moved')]);
    expect(await verify(moved)).toEqual({ ok: true, parts, problems: [] });
    appendFileSync(join(moved, 'info'), ' ');
    expect(await verify(moved)).toMatchObject({ ok: false, problems: [expect.stringContaining('info: it has more')] });
  });

  it.each(formats)('as %s again elsewhere: the same manifest', async (format) => {
    const [first, second] = [
      receiptOf(await publish(home, format, join(home.folder, `a-${format}`))),
      receiptOf(await publish(home, format, join(home.folder, `b-${format}`))),
    ];
    expect(second.manifestSha256).toBe(first.manifestSha256);
    const other = await openHome(dtype);
    const third = receiptOf(await publish(other, format, join(other.folder, 'c')));
    await other.close();
    expect(third.manifestSha256).toBe(first.manifestSha256);
  });
});
