// TIFFs that are damaged, or made to hang or fill the memory of who reads them.
import { describe, expect, it, test } from 'vitest';
import { chunkExtent, levelAt, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import { tiff } from '../../main/engine/formats/tiff.ts';
import { parseOmeXml } from '../../main/engine/formats/tiff/ome-xml.ts';
import type { OpenOptions } from '../../main/engine/formats/volume-format.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { bytesPerVoxel } from '../../preload/contract/space.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { fixtures } from './fixtures/cases.ts';
import { memorySource } from './memory-source.ts';
import { mutate, seededRandom, fuzzTimes } from './mutate.ts';

const options: OpenOptions = { codec: kernelCodec(), scratch: () => Promise.reject(new Error('none')) };
const { cases, bytesOf } = fixtures('tiff');
const open = (file: Uint8Array, key = 'hostile.tif') =>
  tiff.open({ source: memorySource({ [key]: file }), key }, options);

/** Opens a file and reads some chunks of every level: what is given has the right size, what is thrown is ours. */
async function look(file: Uint8Array): Promise<'read' | 'refused'> {
  try {
    const volume = await open(file);
    const { plan } = volume;
    for (const [level, { gridXyz }] of plan.levels.entries()) {
      const far = { level, xyz: [gridXyz[0] - 1, gridXyz[1] - 1, gridXyz[2] - 1] } as const;
      for (const at of [{ level, xyz: [0, 0, 0] } as const, far]) {
        const wanted = { ...at, channel: plan.channels.length - 1, time: plan.times - 1 };
        const voxels = await volume.readChunk(wanted);
        const { size } = chunkExtent(levelAt(plan, level), at.xyz);
        if (voxels) expect(voxels.length).toBe(voxelsIn(size) * bytesPerVoxel[plan.dtype]);
        await volume.locate(wanted);
      }
    }
    return 'read';
  } catch (error) {
    if (!(error instanceof LamellaError)) throw error;
    expect(['bad-source', 'over-budget']).toContain(error.tag);
    expect(error.hint).not.toBe('');
    return 'refused';
  }
}

describe('mutations', () => {
  const chosen =
    /^(ome-|imagej|reduced|two-series|jpeg-ycbcr|rgba16|strips-(lzw|packbits|zstd)-uint16|tiles-deflate|uint64-big|shaped)/;
  const files = cases
    .filter(([name]) => chosen.test(name))
    .map(([name, one]) => [name, Object.values(bytesOf(one))[0]!] as const);

  test('5,000 of them, in bytes', async () => {
    const random = seededRandom(11);
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < 5000 * fuzzTimes; i++) {
      const [name, file] = files[i % files.length]!;
      try {
        counts[await look(mutateBytes(file, random))]++;
      } catch (error) {
        throw new Error(`mutation ${i}, of ${name}`, { cause: error });
      }
    }
    expect(counts.read).toBeGreaterThan(500);
    expect(counts.refused).toBeGreaterThan(500);
  });

  test('2,000 of OME-XML', () => {
    const xml = `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1"><Image ID="Image:0"><Pixels DimensionOrder="XYZCT" Type="uint16" SizeX="30" SizeY="20" SizeZ="4" SizeC="3" SizeT="2" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm"><Channel Color="-1"/><TiffData IFD="0" PlaneCount="12"><UUID FileName="a.tif">urn:uuid:1</UUID></TiffData></Pixels></Image></OME>`;
    const random = seededRandom(12);
    let parsed = 0;
    for (let i = 0; i < 2000; i++) {
      try {
        parseOmeXml(mutate(xml, random), { name: 'fuzz' });
        parsed++;
      } catch (error) {
        if (!(error instanceof LamellaError)) throw error;
      }
    }
    expect(parsed).toBeGreaterThan(20);
  });
});

/** A little-endian classic TIFF of the given directories, one after the other; `next` links them. */
function handmade(
  ifds: readonly {
    readonly tags: readonly (readonly [id: number, type: number, count: number, value: number])[];
    readonly next?: number;
  }[],
  more = 0,
): Uint8Array {
  const sizes = ifds.map(({ tags }) => 2 + tags.length * 12 + 4);
  const bytes = new Uint8Array(8 + sizes.reduce((a, b) => a + b, 0) + more);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8]);
  let at = 8;
  ifds.forEach(({ tags, next }, i) => {
    view.setUint16(at, tags.length, true);
    tags.forEach(([id, type, count, value], k) => {
      view.setUint16(at + 2 + k * 12, id, true);
      view.setUint16(at + 4 + k * 12, type, true);
      view.setUint32(at + 6 + k * 12, count, true);
      view.setUint32(at + 10 + k * 12, value, true);
    });
    const end = at + (sizes[i] ?? 0);
    view.setUint32(end - 4, next ?? (i + 1 < ifds.length ? end : 0), true);
    at = end;
  });
  return bytes;
}

const page = (width: number, height: number, more: readonly (readonly [number, number, number, number])[] = []) => {
  const own = new Set(more.map(([id]) => id));
  const usual = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [273, 4, 1, 200],
    [278, 4, 1, height],
    [279, 4, 1, width * height],
  ] as const;
  return [...usual.filter(([id]) => !own.has(id)), ...more];
};

const refused = (what: string) => ({ tag: 'bad-source', message: expect.stringContaining(what) });

describe('named ways to hang or fill memory', () => {
  it('a directory that is its own next one (UTIF.js 142)', async () => {
    await expect(open(handmade([{ tags: page(4, 4), next: 8 }], 400))).rejects.toMatchObject(refused('circle'));
  });
  it('three directories in a circle', async () => {
    const one = 2 + 7 * 12 + 4;
    const ifds = [{ tags: page(4, 4) }, { tags: page(4, 4) }, { tags: page(4, 4), next: 8 + one }];
    await expect(open(handmade(ifds, 400))).rejects.toMatchObject(refused('circle'));
  });
  it('directories behind a page that are the page itself', async () => {
    const volume = await open(handmade([{ tags: page(4, 4, [[330, 4, 1, 8]]) }], 400));
    expect(volume.plan.levels).toHaveLength(1);
  });
  it('a table of 4,294,967,295 strips', async () => {
    await expect(
      open(
        handmade(
          [
            {
              tags: page(4, 4, [
                [273, 4, 0xffffffff, 100],
                [278, 4, 1, 1],
              ]),
            },
          ],
          400,
        ),
      ),
    ).rejects.toMatchObject({ tag: 'bad-source' });
  });
  it('a directory of 65,535 entries in a short file', async () => {
    const file = handmade([{ tags: page(4, 4) }], 400);
    new DataView(file.buffer).setUint16(8, 0xffff, true);
    await expect(open(file)).rejects.toMatchObject({ tag: 'bad-source' });
  });
  it('a directory beyond the end, and one of no entries', async () => {
    await expect(open(handmade([{ tags: page(4, 4), next: 0x7fffffff }], 400))).rejects.toMatchObject({
      tag: 'bad-source',
    });
    await expect(open(handmade([{ tags: [] }], 400))).rejects.toMatchObject(refused('0 entries'));
  });
  it('strips of no rows, tiles of no width (geotiff: endless loops)', async () => {
    await expect(open(handmade([{ tags: page(4, 4, [[278, 4, 1, 0]]) }], 400))).rejects.toMatchObject(refused('4 x 0'));
    const tiles = page(4, 4, [
      [322, 4, 1, 0],
      [323, 4, 1, 16],
      [324, 4, 1, 8],
      [325, 4, 1, 8],
    ]);
    await expect(open(handmade([{ tags: tiles }], 400))).rejects.toMatchObject(refused('0 x 16'));
  });
  it('a rational of nothing over nothing as a resolution', async () => {
    const volume = await open(
      handmade(
        [
          {
            tags: page(4, 4, [
              [282, 5, 1, 300],
              [296, 3, 1, 3],
            ]),
          },
        ],
        400,
      ),
    );
    expect(volume.plan.levels[0]?.voxelSizeNm).toEqual([1, 1, 1]);
  });
});

describe('bombs are refused from the header', () => {
  const before = (file: Uint8Array) => expect(open(file)).rejects;
  it('a picture of 2^31 by 2^31 in one deflated strip', async () => {
    await before(handmade([{ tags: page(0x7fffffff, 0x7fffffff, [[259, 3, 1, 8]]) }], 400)).toMatchObject(
      refused('512 MiB'),
    );
  });
  it('tiles of 65,536 by 65,536', async () => {
    const tags = page(65_536, 65_536, [
      [259, 3, 1, 8],
      [322, 4, 1, 65_536],
      [323, 4, 1, 65_536],
      [324, 4, 1, 200],
      [325, 4, 1, 100],
    ]);
    await before(handmade([{ tags }], 400)).toMatchObject(refused('512 MiB'));
  });
  it('one row of 2 GiB without compression', async () => {
    await before(handmade([{ tags: page(0x7fffffff, 1) }], 400)).toMatchObject({ tag: 'bad-source' });
  });
  it('a picture without compression that the file does not hold', async () => {
    await before(handmade([{ tags: page(20_000, 20_000) }], 400)).toMatchObject({ tag: 'bad-source' });
  });
  it('65,535 samples to a pixel', async () => {
    await before(handmade([{ tags: page(4, 4, [[277, 3, 1, 65_535]]) }], 400)).toMatchObject(refused('65535 samples'));
  });
  it('OME-XML of entities, of great depth, and of 2^31 planes', async () => {
    const parse = (xml: string) => () => parseOmeXml(xml, { name: 'x' });
    expect(parse('<!DOCTYPE a [<!ENTITY b "bb">]><OME>&b;</OME>')).toThrow('entities');
    expect(parse(`<OME>${'<a>'.repeat(100)}`)).toThrow('64 levels');
    expect(parse(`<OME>${'<a/>'.repeat(2_000_001)}</OME>`)).toThrow('2000000 elements');
    const [, one] = cases.find(([name]) => name === 'ome-set') ?? [];
    const file = one && Object.values(bytesOf(one))[0];
    const text = Buffer.from(file ?? new Uint8Array()).toString('latin1');
    const many = text
      .replace('SizeZ="4" SizeC="3" SizeT="2"', 'SizeZ="40000"SizeT="40000"   ')
      .replace(/SizeT="40000" {3}/, 'SizeT="40000"  ');
    const bytes = Buffer.from(many.slice(0, text.length).padEnd(text.length, ' '), 'latin1');
    await before(new Uint8Array(bytes)).toMatchObject({ tag: 'bad-source' });
  });
});

describe('what is not read is named', () => {
  it.each([
    [6, 'old-style JPEG'],
    [34_712, 'JPEG 2000'],
    [50_001, 'WebP'],
    [34_887, 'LERC'],
    [4, 'CCITT'],
    [12_345, 'number 12345'],
  ])('compression %i', async (code, name) => {
    await expect(open(handmade([{ tags: page(4, 4, [[259, 3, 1, code]]) }], 400))).rejects.toMatchObject(refused(name));
  });
  it('bits, formats, predictors, subsampled colours', async () => {
    const said = (more: readonly (readonly [number, number, number, number])[]) =>
      expect(open(handmade([{ tags: page(4, 4, more) }], 400))).rejects;
    await said([[258, 3, 1, 12]]).toMatchObject(refused('12 bit'));
    await said([[258, 3, 1, 1]]).toMatchObject(refused('1 bit'));
    await said([
      [258, 3, 1, 64],
      [339, 3, 1, 6],
    ]).toMatchObject(refused('complex'));
    await said([
      [259, 3, 1, 5],
      [317, 3, 1, 9],
    ]).toMatchObject(refused('predictor is number 9'));
    await said([
      [259, 3, 1, 5],
      [262, 3, 1, 6],
      [277, 3, 1, 1],
    ]).toMatchObject(refused('YCbCr'));
  });
});
