import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBuffer } from 'yauzl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../main/engine/formats/byte-store.ts';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { openPlace } from '../../main/engine/sources/index.ts';
import { openZipSource } from '../../main/engine/sources/zip.ts';
import { memoryStore } from '../conformance/memory-store.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { seededRandom } from '../formats/mutate.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { quickNetwork } from './quick-network.ts';
import { makeZip, type ZipFile, type ZipShape } from './zip-writer.ts';

const data = seededBytes('zip', 4000);
const text = new TextEncoder().encode('again and again '.repeat(500));

const good: readonly ZipFile[] = [
  { name: 'brain/' },
  { name: 'brain/0/c/0', bytes: data },
  { name: 'brain/0/c/1', bytes: text, deflate: true },
  { name: 'brain/zarr.json', bytes: text, deflate: true, localExtra: 40 },
  { name: 'brain/empty', bytes: new Uint8Array() },
  { name: 'brain/ü.bin', bytes: data, zip64: true },
  { name: 'brain-2/x', bytes: data, localExtra: 9000 },
];

/** What was read of the archive: ranges, by their length. */
function over(zip: Uint8Array): { readonly source: ByteSource; readonly reads: number[] } {
  const store = memoryStore();
  store.files.set('a.zip', zip);
  const reads: number[] = [];
  const source: ByteSource = {
    ...store,
    children: () => Promise.resolve(undefined),
    sizeOf: () => zip.byteLength,
    get: (key, range) => {
      reads.push(range?.length ?? -1);
      return store.get(key, range);
    },
  };
  return { source, reads };
}
const open = (zip: Uint8Array): Promise<ByteSource> => openZipSource(over(zip).source, 'a.zip');

function namesByYauzl(zip: Uint8Array): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(zip), { lazyEntries: false }, (error, file) => {
      const names: string[] = [];
      if (error || !file) return reject(error ?? new Error('nothing'));
      file.on('entry', (entry: { fileName: string }) => names.push(entry.fileName));
      file.on('end', () => resolve(names));
      file.on('error', reject);
    });
  });
}

describe.each([
  ['a zip', {}],
  ['a zip with a comment', { comment: 'made by PK\u0005\u0006 hand' }],
  ['a zip64', { zip64: true }],
] as const)('%s', (_name, shape: ZipShape) => {
  const zip = makeZip(good, shape);

  it('is one for another program too', async () => {
    expect(await namesByYauzl(zip)).toEqual(good.map(({ name }) => name));
  });

  it('gives its files whole and in parts', async () => {
    const source = await open(zip);
    for (const { name, bytes } of good) {
      const key = String(name);
      if (bytes === undefined) continue;
      expect(await source.get(key)).toEqual(Uint8Array.from(bytes));
      expect(await source.get(key)).toEqual(Uint8Array.from(bytes));
      expect(await source.sizeOf(key)).toBe(bytes.byteLength);
      for (const [offset, length] of [
        [0, 5],
        [3, 100],
        [bytes.byteLength - 1, 50],
        [bytes.byteLength + 9, 5],
        [4, 0],
      ] as const) {
        const from = Math.max(offset, 0);
        expect(await source.get(key, { offset: from, length })).toEqual(
          Uint8Array.from(bytes.subarray(from, from + length)),
        );
      }
    }
    expect(await source.get('brain')).toBeUndefined();
    expect(await source.get('brain/')).toBeUndefined();
    expect(await source.get('../etc')).toBeUndefined();
    expect(await source.sizeOf('none')).toBeUndefined();
  });

  it('lists', async () => {
    const source = await open(zip);
    const files = good.filter(({ bytes }) => bytes).map(({ name }) => String(name));
    expect(await source.list('')).toEqual(files.toSorted());
    expect(await source.list('brain/0')).toEqual(['brain/0/c/0', 'brain/0/c/1']);
    expect(await source.children('')).toEqual([
      { name: 'brain', isFolder: true },
      { name: 'brain-2', isFolder: true },
    ]);
    expect(await source.children('brain/')).toEqual([
      { name: '0', isFolder: true },
      { name: 'empty', isFolder: false },
      { name: 'zarr.json', isFolder: false },
      { name: 'ü.bin', isFolder: false },
    ]);
    expect(await source.children('none/')).toEqual([]);
  });
});

describe('a zip', () => {
  it('is read by few and small ranges', async () => {
    const { source, reads } = over(makeZip([...good, { name: 'large', bytes: new Uint8Array(1 << 20) }]));
    const zip = await openZipSource(source, 'a.zip');
    expect(reads.length).toBe(2);
    await zip.get('large', { offset: 1000, length: 10 });
    await zip.get('large', { offset: 5000, length: 10 });
    expect(reads.slice(2)).toEqual([35, 10, 10]);
    await zip.get('brain/0/c/0');
    expect(reads.slice(5)).toEqual([30 + 11 + 4000]);
    await zip.get('brain/0/c/1', { offset: 5, length: 5 });
    await zip.get('brain/0/c/1', { offset: 50, length: 5 });
    expect(reads.length).toBe(7);
  });

  const file = (more: Partial<ZipFile> = {}): ZipFile => ({ name: 'a', bytes: data, ...more });
  const never: ReadonlyArray<readonly [string, readonly ZipFile[], shape?: ZipShape]> = [
    ['a name that climbs', [file({ name: '../a' })]],
    ['a name that climbs inside', [file({ name: 'a/../../b' })]],
    ['an absolute name', [file({ name: '/etc/passwd' })]],
    ['a drive', [file({ name: 'C:/a' })]],
    ['a backslash', [file({ name: '..\\a' })]],
    ['a zero byte', [file({ name: 'a\u0000.json' })]],
    ['a line end', [file({ name: 'a\nb' })]],
    ['a dot', [file({ name: './a' })]],
    ['an empty part', [file({ name: 'a//b' })]],
    ['no name', [file({ name: '' })]],
    ['a folder that climbs', [file(), { name: '../' }]],
    ['a name twice', [file(), file()]],
    ['a file that is a folder', [file(), file({ name: 'a/b' })]],
    ['encryption', [file({ flags: 0x801 })]],
    ['strong encryption', [file({ flags: 0x841 })]],
    ['a link', [file({ mode: 0o120777 })]],
    ['a device', [file({ mode: 0o060644 })]],
    ['a pipe', [file({ mode: 0o010644 })]],
    ['files that share their data', [file(), file({ name: 'b', says: { headerAt: 0 } })]],
    ['data beyond its end', [file({ says: { packedBytes: 1e6, bytes: 1e6 } })]],
    ['a stored file of another size', [file({ says: { bytes: 4001 } })]],
    ['a header beyond its end', [file({ says: { headerAt: 0x7fffffff } })]],
    ['more files than it says', [file(), file({ name: 'b' })], { says: { entries: 1 } }],
    ['fewer files than it says', [file()], { says: { entries: 2 } }],
    ['a directory beyond its end', [file()], { says: { offset: 5000 } }],
    ['a directory elsewhere', [file()], { says: { offset: 3 } }],
    ['several volumes', [file()], { says: { disk: 1 } }],
  ];
  it.each(never.map(([name, files, shape = {}]) => ({ name, files, shape })))('with $name is refused', async (one) => {
    await expect(open(makeZip(one.files, one.shape))).rejects.toMatchObject({
      tag: 'bad-source',
      fields: { file: 'a.zip' },
    });
  });

  it('of a million files and one is refused before its directory is read', async () => {
    const { source, reads } = over(makeZip([file()], { zip64: true, says: { entries: 1_000_001, bytes: 50_000_000 } }));
    await expect(openZipSource(source, 'a.zip')).rejects.toMatchObject({
      tag: expect.stringMatching(/over-budget|bad-source/),
    });
    expect(reads.length).toBe(2);
  });

  const damaged: ReadonlyArray<readonly [string, ZipFile, string]> = [
    ['another checksum', file({ crc: 1 }), 'bad-source'],
    ['another checksum, deflated', file({ crc: 1, deflate: true }), 'bad-source'],
    ['another name at its data', file({ localName: 'b' }), 'bad-source'],
    ['an unknown method', file({ method: 93 }), 'bad-source'],
    ['more bytes than it says', file({ deflate: true, says: { bytes: 10 } }), 'bad-source'],
    ['fewer bytes than it says', file({ deflate: true, says: { bytes: 5000 } }), 'bad-source'],
    ['no deflate', file({ method: 8 }), 'bad-source'],
    ['a bomb', file({ bytes: new Uint8Array(70 << 20), deflate: true }), 'over-budget'],
    ['a bomb that lies', file({ deflate: true, says: { bytes: 2 ** 31 } }), 'over-budget'],
  ];
  it.each(damaged)('with a file of %s gives the others', async (_name, bad, tag) => {
    const source = await open(makeZip([bad, { name: 'fine', bytes: data }]));
    await expect(source.get('a')).rejects.toMatchObject({ tag });
    expect(await source.get('fine')).toEqual(data);
  });

  it('cut anywhere is refused, and so is what is none', async () => {
    const zip = makeZip(good, { zip64: true });
    for (let end = 0; end < zip.byteLength; end += 1 + (end % 97)) {
      await expect(open(zip.subarray(0, end))).rejects.toMatchObject({ tag: 'bad-source' });
    }
    await expect(open(data)).rejects.toMatchObject({ tag: 'bad-source' });
    const none: ByteSource = { ...over(data).source, sizeOf: () => undefined };
    await expect(openZipSource(none, 'a.zip')).rejects.toMatchObject({ tag: 'not-found' });
  });

  it('that was changed anywhere gives its bytes or an error, and nothing else', async () => {
    const random = seededRandom(11);
    const zip = makeZip(good.slice(0, 5), { zip64: false });
    for (let run = 0; run < 1500; run++) {
      const changed = mutateBytes(zip, random);
      try {
        const source = await open(changed);
        for (const name of await source.list('')) {
          const [bytes, size] = [await source.get(name), await source.sizeOf(name)];
          expect(bytes?.byteLength).toBe(size);
        }
      } catch (error) {
        expect(error).toMatchObject({ tag: expect.stringMatching(/^(bad-source|over-budget)$/) });
      }
    }
  });
});

describe('a place in a zip', () => {
  let home = '';
  const network = quickNetwork();
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'lamella-zip-'));
    writeFileSync(join(home, 'a.zip'), makeZip(good));
    writeFileSync(join(home, 'one.zarr.zip'), makeZip(good.slice(0, 5)));
    writeFileSync(
      join(home, 'outer.zip'),
      makeZip([
        { name: 'x/in.zip', bytes: makeZip(good) },
        { name: 'y/in.zip', bytes: makeZip(good), deflate: true },
      ]),
    );
  });
  afterAll(() => {
    network.close();
    rmSync(home, { recursive: true, force: true });
  });
  const at = (spelling: string) => openPlace(parseAddress(join(home, spelling)), { network, allowPrivate: false });

  it.each([
    ['a.zip|zip:brain/', '', 'zarr.json'],
    ['a.zip|zip:brain|zarr:', '', 'zarr.json'],
    ['a.zip|zip:brain/zarr.json', 'zarr.json', 'zarr.json'],
    ['a.zip|zip:', '', 'brain/zarr.json'],
    ['a.zip', '', 'brain/zarr.json'],
    ['one.zarr.zip', '', 'zarr.json'],
    ['outer.zip|zip:x/in.zip|zip:brain', '', 'zarr.json'],
    ['outer.zip|zip:y/in.zip|zip:brain', '', 'zarr.json'],
  ])('%s is found', async (spelling, key, inner) => {
    const place = await at(spelling);
    expect(place.key).toBe(key);
    expect(place.kind).toBe('local');
    expect(await place.source.get(inner)).toEqual(text);
  });

  it.each([
    ['none.zip|zip:', 'not-found'],
    ['a.zip|zip:none.zip|zip:', 'not-found'],
    ['a.zip|zip:brain/zarr.json|zip:', 'bad-source'],
  ])('%s is refused', async (spelling, tag) => {
    await expect(at(spelling)).rejects.toMatchObject({ tag });
  });
});
