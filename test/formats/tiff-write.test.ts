// OME-TIFF as Lamella writes it, beyond what every format is asked: BigTIFF, pyramids, texts, what is refused.
import { describe, expect, it } from 'vitest';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import { tiff } from '../../main/engine/formats/tiff.ts';
import { assembleOme } from '../../main/engine/formats/tiff/assemble-ome.ts';
import { FileBytes } from '../../main/engine/formats/tiff/file-bytes.ts';
import { TiffFile } from '../../main/engine/formats/tiff/ifd.ts';
import { omeXmlText } from '../../main/engine/formats/tiff/ome-xml-text.ts';
import { parseOmeXml } from '../../main/engine/formats/tiff/ome-xml.ts';
import { tagIds } from '../../main/engine/formats/tiff/page.ts';
import { partKey, parsePart } from '../../main/engine/formats/tiff/tile-parts.ts';
import type { VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { readAll } from '../conformance/whole-level.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { memorySource } from './memory-source.ts';

const codec = kernelCodec();
const options = { codec, scratch: () => Promise.reject(new Error('none')) };
const choices = { sharded: false, blockBytes: 2 ** 20, chunkXyz: [32, 32, 1] as const };
const write = tiff.write!;

const planOf = (more: Partial<VolumePlan> = {}, voxelSizeNm = [4, 4, 40] as const): VolumePlan => ({
  ...planVolume({
    name: 'x',
    sizeXyz: [100, 70, 3],
    dtype: 'uint8',
    chunkXyz: [32, 32, 1],
    voxelSizeNm,
    originNm: [0, 0, 0],
  }),
  ...more,
});

describe('files', () => {
  it('are BigTIFF where 32-bit offsets do not reach', async () => {
    const level = { ...planOf().levels[0]!, sizeXyz: [32, 32, 3] as const, gridXyz: [1, 1, 3] as const };
    const record = {
      plan: planOf({ levels: [level] }),
      tile: [32, 32] as const,
      codecs: [],
      tilesOfBlock: [[1, 1]] as const,
    };
    const sizesOf = (bytes: number) =>
      new Map(
        [0, 1, 2].map((z) => [partKey({ level: 0, time: 0, channel: 0, z, x: 0, y: 0 }, [bytes]), bytes] as const),
      );
    for (const [bytes, magic] of [
      [1000, 42],
      [3 * 2 ** 30, 43],
    ] as const) {
      const pieces = assembleOme(record, 'raw', {}, sizesOf(bytes));
      const head = Buffer.concat(pieces.flatMap((piece) => ('bytes' in piece ? [piece.bytes] : [])));
      expect(head[2]).toBe(magic);
      const file = await TiffFile.open((await FileBytes.open(memorySource({ x: head }), 'x'))!);
      const offsets: number[] = [];
      for (let at = file.firstIfd; at !== 0;) {
        const ifd = await file.ifd(at);
        offsets.push(await file.number(ifd, tagIds.tileOffsets, 0));
        at = ifd.next;
      }
      expect(offsets).toEqual([head.length, head.length + bytes, head.length + 2 * bytes]);
    }
  });

  it('have levels of x and y alone, also of volumes whose levels halve z', async () => {
    const plan = planOf({}, [4, 4, 4] as never);
    expect(plan.levels[1]?.stepXyz).toEqual([2, 2, 2]);
    const written = await writeVolume({ write }, plan, choices, codec, (at, bytes) =>
      seededBytes(JSON.stringify(at), bytes),
    );
    expect(written.plan.levels.map(({ sizeXyz }) => sizeXyz)).toEqual([
      [100, 70, 3],
      [50, 35, 3],
      [25, 18, 3],
    ]);
    const volume = await tiff.open(written.place, options);
    expect(volume.plan.levels.map(({ sizeXyz }) => sizeXyz)).toEqual(written.plan.levels.map(({ sizeXyz }) => sizeXyz));
    expect(Buffer.compare(await readAll(volume, 2), written.levels[2] ?? new Uint8Array())).toBe(0);
    expect(volume.notes.attributes).toEqual({ title: 'T' });
  });

  it('can be read in parts before they are finished', async () => {
    const writer = write.writer(planOf(), choices, codec);
    const parts = new Map<string, Uint8Array>();
    const block = writer.blockXyz(0);
    expect(block).toEqual([128, 128, 1]);
    const voxels = seededBytes('parts', 100 * 70);
    for (const part of await writer.encodeBlock({ level: 0, xyz: [0, 0, 1], time: 0 }, voxels))
      parts.set(part.key, part.bytes);
    for (const part of await writer.metadata({})) parts.set(part.key, part.bytes);
    const place = { source: memorySource(Object.fromEntries(parts)), key: '' };
    expect(await tiff.detect(place)).toBe(false);
    const volume = await tiff.open(place, options);
    const chunk = await volume.readChunk({ level: 0, xyz: [3, 2, 1], channel: 0, time: 0 });
    expect(Array.from(chunk ?? [])).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((y) => [...voxels.subarray((64 + y) * 100 + 96, (65 + y) * 100)]),
    );
    expect(await volume.readChunk({ level: 0, xyz: [0, 0, 0], channel: 0, time: 0 })).toBeUndefined();
    await expect(writer.assemble?.(new Map()) ?? Promise.resolve()).rejects.toThrow('were not written');
  });

  it('know their tiles from the names of parts', () => {
    const key = partKey(
      { level: 2, time: 0, channel: 11, z: 345, x: 6, y: 7 },
      Array.from({ length: 16 }, () => 2 ** 24 + 35),
    );
    expect(key.length).toBeLessThan(160);
    expect(parsePart(key)?.tileBytes).toEqual(Array.from({ length: 16 }, () => 2 ** 24 + 35));
    expect(parsePart('level-0/../x')).toBeUndefined();
  });
});

describe('OME-XML', () => {
  it('keeps any text, as ASCII', () => {
    const name = 'a & <b> "c" \'d\' \u0000\uD800 µ 😀\n]]>';
    const plan = planOf({ channels: [{ name, color: '0A0B0C', window: [1, 2] }] });
    const xml = omeXmlText(plan, { attributes: { note: '</Value>&amp;\u2028' } });
    expect(Buffer.from(xml).every((byte) => byte >= 32 && byte < 127)).toBe(true);
    const { images, lamella } = parseOmeXml(xml, { name: 'x' });
    expect(images[0]?.channels[0]).toEqual({
      name: 'a & <b> "c" \'d\' \uFFFD\uFFFD µ 😀\n]]>',
      color: '0A0B0C',
      samples: 1,
    });
    expect(images[0]?.voxelNm).toEqual([4, 4, 40]);
    expect(JSON.parse(lamella)).toEqual({ windows: [[1, 2]], attributes: { note: '</Value>&amp;\u2028' } });
  });
});

describe('what OME-TIFF can not hold', () => {
  const refuses = (what: string, plan: VolumePlan, more: object = {}): void => {
    expect(() => write.writer(plan, { ...choices, ...more }, codec)).toThrow(what);
  };
  it('is refused with the next step', () => {
    refuses('no uint64', planOf({ dtype: 'uint64' }));
    refuses('150000 planes', planOf({ times: 50_000 }));
    refuses('"gif"', planOf(), { encoding: 'gif' });
  });
});
