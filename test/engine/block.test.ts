import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { Block, BlockLink, BlockPlacement } from '../../preload/contract/block.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { parseSpimData, worldFromView } from '../../main/engine/formats/spimdata.ts';
import { parseTeraStitcher } from '../../main/engine/formats/terastitcher.ts';
import {
  acquireBlocks,
  type BlockAcquisition,
  placeErrors,
  textureAt,
  type TrueBlock,
  voxelSizeNm,
} from './block-acquisition.ts';
import { resultOf } from './follow-job.ts';
import { type TempEngine, tempEngine } from './temp-engine.ts';

interface Stitched {
  readonly stack: string;
  readonly links: number;
  readonly rmsVox: number;
  readonly verdict: string;
}

const usual: BlockAcquisition = { rows: 2, columns: 2, sizeXyz: [72, 64, 48], overlap: 24, errorVox: 4, seed: 3 };
const searchVox = [12, 12, 10] as const;

async function importBlocks(at: TempEngine, source: string, layout = 'folders', axes?: string): Promise<string> {
  const { client, library, result } = at;
  const started = client.block.import({
    library,
    source,
    layout,
    voxelSizeNm: [...voxelSizeNm],
    ...(axes && { axes }),
  });
  return (await result<{ set: string }>(started)).set;
}

async function acquired(
  at: TempEngine,
  more: Partial<BlockAcquisition> = {},
): Promise<{ source: string; truth: readonly TrueBlock[]; set: string }> {
  const source = join(at.folder, 'brain');
  const truth = acquireBlocks(source, { ...usual, ...more });
  return { source, truth, set: await importBlocks(at, source) };
}

const stitch = ({ client, library, result }: TempEngine, set: string, channel = 0): Promise<Stitched> =>
  result<Stitched>(client.block.stitch({ library, set, channel, searchVox: [...searchVox] }));

async function placesOf(
  at: TempEngine,
  set: string,
  stack: string,
): Promise<{ blocks: Block[]; places: Vec3[]; placements: BlockPlacement[] }> {
  const { client, library } = at;
  const { blocks } = (await client.block.blocks({ library, set })).value;
  const { placements } = (await client.block.placements({ library, stack })).value;
  return { blocks, placements, places: blocks.map(({ id }) => placements.find(({ block }) => block === id)!.place) };
}

const linksOf = async ({ client, library }: TempEngine, stack: string): Promise<BlockLink[]> =>
  (await client.block.links({ library, stack })).value.links;

const trueOf = (blocks: readonly Block[], truth: readonly TrueBlock[]): Vec3[] =>
  blocks.map(({ name }) => truth.find((one) => one.name === name)!.truth);

describe('3-D blocks', () => {
  test('are found, imported, placed to a part of a voxel on one channel, and fused with all', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const { source, truth, set } = await acquired(at, { columns: 3, channels: ['ch0', 'ch1'] });
    const { candidates } = (await client.block.detect({ source })).value;
    expect(candidates).toEqual([
      {
        layout: 'folders',
        label: 'Folders named by stage positions',
        blocks: 6,
        channels: ['ch0', 'ch1'],
        voxelSizeNm: null,
        missing: 0,
      },
    ]);
    const { stack, verdict, links } = await stitch(at, set);
    expect([verdict, links]).toEqual(['pass', 7]);
    const { blocks, places } = await placesOf(at, set, stack);
    expect(blocks[5]).toMatchObject({ row: 1, column: 2, stage: [96, 40, 0], sizeXyz: [72, 64, 48], verdict: 'ok' });
    const errors = placeErrors(places, trueOf(blocks, truth));
    expect(errors.most).toBeLessThan(0.1);

    const { volume, levels } = await result<{ volume: string; levels: number }>(
      client.block.fuse({ library, stack, name: 'brain' }),
    );
    const { value: shown } = await client.view.volume({ library, volume });
    expect(shown.channels.map(({ name }) => name)).toEqual(['ch0', 'ch1']);
    expect(shown.levels).toHaveLength(levels);
    expect(shown.dtype).toBe('uint16');
    for (const channel of [0, 1]) expect(await missOf(at, volume, places, blocks, truth, channel)).toBeLessThan(14);
    expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
  });

  test('channels share the places of the one that was matched, bit for bit', async () => {
    const at = tempEngine();
    const { set, truth } = await acquired(at, { channels: ['a', 'b'] });
    const [first, second] = [await stitch(at, set, 0), await stitch(at, set, 1)];
    const [p, q] = [await placesOf(at, set, first.stack), await placesOf(at, set, second.stack)];
    // There is one set of places a version, whichever channel it was matched on: both find the truth.
    for (const { blocks, places } of [p, q]) expect(placeErrors(places, trueOf(blocks, truth)).most).toBeLessThan(0.15);
    const { sets } = (await at.client.block.list({ library: at.library })).value;
    expect(sets[0]?.stacks.map(({ version, channel }) => [version, channel])).toEqual([
      [2, 1],
      [1, 0],
    ]);
  });

  test('blank blocks stay with the stage and are named', async () => {
    const at = tempEngine();
    const { set, truth } = await acquired(at, { columns: 3, blank: ['1/2'] });
    const { stack, verdict } = await stitch(at, set);
    expect(verdict).toBe('warn');
    const { blocks, places, placements } = await placesOf(at, set, stack);
    const blank = blocks.findIndex(({ row, column }) => row === 1 && column === 2);
    expect(placements[blank]?.placedBy).toBe('stage');
    const others = blocks.map((_, i) => i).filter((i) => i !== blank);
    const pick = <T>(all: readonly T[]): T[] => others.map((i) => all[i]!);
    expect(placeErrors(pick(places), trueOf(pick(blocks), truth)).most).toBeLessThan(0.1);
    const weak = (await linksOf(at, stack)).filter(({ state }) => state === 'weak');
    expect(weak.map(({ reason }) => reason)).toEqual(['no texture', 'no texture']);
    const { sets } = (await at.client.block.list({ library: at.library })).value;
    expect(sets[0]?.stacks[0]?.reasons.join()).toContain('1 block without a link, placed by the stage');
  });

  test('a mirrored stage is found out, and the mending is told', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const { set, truth } = await acquired(at, { columns: 3, mirrorX: true });
    const failed = result(client.block.stitch({ library, set, searchVox: [...searchVox] }));
    await expect(failed).rejects.toMatchObject({
      tag: 'not-good-enough',
      message: expect.stringContaining('--axes -x,y,z'),
      fields: expect.objectContaining({ set, axes: '-x,y,z' }),
    });
    const { set: again } = await result<{ set: string }>(client.block.again({ library, set, axes: '-x,y,z' }));
    const { stack, verdict } = await stitch(at, again);
    expect(verdict).toBe('pass');
    const { blocks, places } = await placesOf(at, again, stack);
    expect(placeErrors(places, trueOf(blocks, truth)).most).toBeLessThan(0.1);
  });

  test('go to TeraStitcher and come back, signs and all', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const { source, set } = await acquired(at);
    const { stack } = await stitch(at, set);
    const out = join(at.folder, 'merging.xml');
    await client.block.export({ library, stack, format: 'terastitcher', out });
    const project = parseTeraStitcher(readFileSync(out, 'utf8'), 'merging.xml');
    expect(project).toMatchObject({
      rows: 2,
      columns: 2,
      slices: 48,
      voxelUm: { v: 0.5, h: 0.5, d: 1 },
      mechanicalUm: { v: 20, h: 24 },
    });
    const { blocks, places } = await placesOf(at, set, stack);
    const lowest = [0, 1, 2].map((k) => Math.min(...places.map((place) => place[k]!)));
    for (const [i, { position }] of project.stacks.entries())
      expect([position.h, position.v, position.d]).toEqual(places[i]!.map((p, k) => Math.round(p - lowest[k]!)));
    const [first] = project.stacks;
    const east = first!.displacements.east[0]!;
    const between = places[1]!.map((p, k) => p - places[0]![k]!);
    expect(Math.abs(east.h.displ - between[0]!)).toBeLessThan(1);
    expect(Math.abs(east.v.displ - between[1]!)).toBeLessThan(1);
    expect(project.stacks[1]!.displacements.west[0]!.h.displ).toBe(-east.h.displ);
    expect(east.h).toMatchObject({ defaultDispl: 48, delay: 25 });
    expect(east.h.reliability).toBeGreaterThan(0.7);

    const again = await result<{ set: string; stack: string }>(
      client.block.import({ library, source, layout: `terastitcher:${out}` }),
    );
    const back = await placesOf(at, again.set, again.stack);
    expect(back.blocks.map(({ stage }) => stage)).toEqual(blocks.map(({ stage }) => stage));
    expect(placeErrors(back.places, places).most).toBeLessThan(1);
    expect((await linksOf(at, again.stack)).map(({ state }) => state)).toEqual(['kept', 'kept', 'kept', 'kept']);
    // Stitched anew from its nominal places, and written into the same project.
    const anew = await stitch(at, again.set);
    const second = join(at.folder, 'again.xml');
    await client.block.export({ library, stack: anew.stack, format: 'terastitcher', out: second });
    expect(parseTeraStitcher(readFileSync(second, 'utf8'), 'again.xml').stacks.map(({ position }) => position)).toEqual(
      project.stacks.map(({ position }) => position),
    );
  });

  test('what is put down goes on, to the same voxels', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const { set } = await acquired(at);
    const { stack } = await stitch(at, set);
    const whole = await result<{ volume: string }>(client.block.fuse({ library, stack, name: 'whole' }));
    const { job } = await client.block.fuse({ library, stack, name: 'cut' });
    await at.engine.close();
    const second = createEngine({ threads: 1 });
    onTestFinished(() => second.close());
    const later = second.client();
    await later.library.open({ library });
    const again = await later.block.fuse({ library, stack, name: 'cut' });
    expect(again.job).toBe(job);
    const cut = await resultOf<{ volume: string }>(later, library, Promise.resolve(again));
    const voxelsOf = async (source: string): Promise<Uint8Array | undefined> => {
      const [x, y, z] = (await later.view.volume({ library, volume: source })).value.levels[0]!.size;
      return (await later.volume.cutout({ library, source, box: `0:${x},0:${y},0:${z}` })).bytes;
    };
    expect(Buffer.compare((await voxelsOf(cut.volume))!, (await voxelsOf(whole.volume))!)).toBe(0);
  });

  test('an undone import is gone and comes back; damaged files are named and the rest goes on', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const source = join(at.folder, 'brain');
    const [first, second] = acquireBlocks(source, usual);
    rmSync(join(source, first!.name), { recursive: true });
    writeFileSync(join(source, second!.name, '0003.tif'), 'no picture');
    const { set, warnings } = await result<{ set: string; warnings: { subject: string; message: string }[] }>(
      client.block.import({ library, source, layout: 'folders', voxelSizeNm: [...voxelSizeNm] }),
    );
    expect(warnings.map(({ subject }) => subject)).toEqual([second!.name]);
    await client.library.undo({ library });
    expect((await client.block.list({ library })).value.sets).toEqual([]);
    await expect(client.block.blocks({ library, set })).rejects.toMatchObject({ tag: 'not-found' });
    await client.library.redo({ library });
    expect((await client.block.list({ library })).value.sets).toHaveLength(1);
    await expect(result(client.block.import({ library, source, layout: 'folders' }))).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('how large a voxel is'),
    });
    await expect(
      result(client.block.import({ library, source, layout: 'terastitcher:none.xml' })),
    ).rejects.toMatchObject({ tag: 'not-found' });
    await client.block.remove({ library, id: set });
    await expect(
      client.block.stitch({ library, set }).then(({ job }) => result(Promise.resolve({ job }))),
    ).rejects.toMatchObject({ tag: 'not-found' });
  });
});

/** RMS difference of a fused channel from the texture, away from the outer faces. */
async function missOf(
  { client, library }: TempEngine,
  volume: string,
  places: readonly Vec3[],
  blocks: readonly Block[],
  truth: readonly TrueBlock[],
  channel: number,
): Promise<number> {
  const { value: shown } = await client.view.volume({ library, volume });
  const size = shown.levels[0]!.size;
  const { bytes = new Uint8Array() } = await client.volume.cutout({
    library,
    source: volume,
    box: `0:${size[0]},0:${size[1]},0:${size[2]}`,
    channel,
  });
  const voxels = new Uint16Array(Uint8Array.from(bytes).buffer);
  const true0 = trueOf(blocks, truth)[0]!;
  // Volume voxel v shows what the texture has at v + origin - place + truth.
  const corner = shown.originVoxel.map((o, k) => o - places[0]![k]! + true0[k]!) as [number, number, number];
  const texture = textureAt(corner, size, channel);
  let [sum, n] = [0, 0];
  for (let z = 8; z < size[2] - 8; z++)
    for (let y = 8; y < size[1] - 8; y++)
      for (let x = 8; x < size[0] - 8; x++) {
        const i = (z * size[1] + y) * size[0] + x;
        sum += (voxels[i]! - 400 - texture[i]!) ** 2;
        n += 1;
      }
  return Math.sqrt(sum / n);
}

test('SpimData: a new dataset has all channels of a block move alike, and unsuitable sources are told', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const { set } = await acquired(at);
  const { stack } = await stitch(at, set);
  const failed = client.block.export({ library, stack, format: 'spimdata', out: join(at.folder, 'dataset.xml') });
  await expect(failed).rejects.toMatchObject({
    tag: 'invalid-input',
    message: expect.stringContaining('folders of slices'),
  });
  const out = join(at.folder, 'TileConfiguration.txt');
  await client.block.export({ library, stack, format: 'tiles', out });
  const again = await importBlocks(at, join(at.folder, 'brain'), `tiles:${out}`);
  const { places } = await placesOf(at, set, stack);
  expect((await client.block.blocks({ library, set: again })).value.blocks.map(({ stage }) => stage)).toEqual(places);
});

test('SpimData: blocks of OME-Zarr are placed, written with all channels alike, and read again to 1e-9', async () => {
  const at = tempEngine();
  const { client, library, result } = at;
  const { set, truth } = await acquired(at, { channels: ['ch0', 'ch1'] });
  const { blocks } = (await client.block.blocks({ library, set })).value;
  const places: string[] = [];
  for (const [i, { sources, stage }] of blocks.entries()) {
    for (const [c, source] of sources.entries()) {
      const out = join(at.folder, 'data', `s${i * 2 + c}.zarr`);
      await result(client.volume.convert({ library, source: source!.path, format: 'ome-zarr', out, levels: 'one' }));
    }
    places.push(stage.join(' '));
  }
  const xml = spimText(places);
  writeFileSync(join(at.folder, 'data', 'dataset.xml'), xml);
  const source = join(at.folder, 'data');
  const { candidates } = (await client.block.detect({ source })).value;
  expect(candidates).toMatchObject([
    { layout: 'spimdata:dataset.xml', blocks: 4, channels: ['488', '561'], missing: 0, voxelSizeNm: [500, 500, 1000] },
  ]);
  const imported = await result<{ set: string; stack: string | null }>(
    client.block.import({ library, source, layout: 'spimdata:dataset.xml' }),
  );
  expect(imported.stack).toBeNull();
  const { stack } = await stitch(at, imported.set);
  const solved = await placesOf(at, imported.set, stack);
  expect(
    placeErrors(
      solved.places,
      truth.map((one) => one.truth),
    ).most,
  ).toBeLessThan(0.1);
  const out = join(at.folder, 'data', 'stitched.xml');
  await client.block.export({ library, stack, format: 'spimdata', out });
  const data = parseSpimData(readFileSync(out, 'utf8'), 'stitched.xml');
  expect(data.pairs).toHaveLength(4);
  expect(data.pairs[0]?.setupsA).toEqual([0, 1]);
  const [first, second] = data.registrations.map(worldFromView);
  expect(second).toEqual(first);
  const again = await result<{ set: string; stack: string }>(
    client.block.import({ library, source, layout: 'spimdata:stitched.xml' }),
  );
  const back = await placesOf(at, again.set, again.stack);
  for (const [i, place] of back.places.entries())
    for (const k of [0, 1, 2] as const) expect(Math.abs(place[k] - solved.places[i]![k])).toBeLessThan(1e-9);
});

/** Two setups, one a channel, for each tile; z is scaled by 2, as a voxel is twice as deep. */
function spimText(places: readonly string[]): string {
  const setups = places.flatMap((_, tile) =>
    [0, 1].map(
      (c) =>
        `<ViewSetup><id>${tile * 2 + c}</id><name>t${tile}</name><size>72 64 48</size><voxelSize><unit>µm</unit><size>0.5 0.5 1.0</size></voxelSize><attributes><channel>${c}</channel><tile>${tile}</tile></attributes></ViewSetup>`,
    ),
  );
  const groups = places.flatMap((_, tile) =>
    [0, 1].map((c) => `<zgroup setup="${tile * 2 + c}" timepoint="0"><path>s${tile * 2 + c}.zarr</path></zgroup>`),
  );
  const views = places.flatMap((place, tile) => {
    const [x, y, z] = place.split(' ').map(Number);
    const shift = `1 0 0 ${x} 0 1 0 ${y} 0 0 1 ${2 * (z ?? 0)}`;
    const transform = (name: string, affine: string): string =>
      `<ViewTransform type="affine"><Name>${name}</Name><affine>${affine}</affine></ViewTransform>`;
    return [0, 1].map(
      (c) =>
        `<ViewRegistration timepoint="0" setup="${tile * 2 + c}">${transform('Translation to Regular Grid', shift)}${transform('calibration', '1 0 0 0 0 1 0 0 0 0 2 0')}</ViewRegistration>`,
    );
  });
  const channels =
    '<Attributes name="channel"><Channel><id>0</id><name>488</name></Channel><Channel><id>1</id><name>561</name></Channel></Attributes>';
  return `<SpimData version="0.2"><BasePath type="relative">.</BasePath><SequenceDescription><ImageLoader format="bdv.multimg.zarr"><zarr type="relative">.</zarr><zgroups>${groups.join('')}</zgroups></ImageLoader><ViewSetups>${setups.join('')}${channels}</ViewSetups><Timepoints type="range"><first>0</first><last>0</last></Timepoints></SequenceDescription><ViewRegistrations>${views.join('')}</ViewRegistrations><StitchingResults /></SpimData>`;
}
