import { dirname, relative, sep } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import {
  type Affine12,
  looksLikeSpimData,
  parseSpimData,
  type SpimPair,
  type SpimRegistration,
  type SpimSetup,
} from '../../formats/spimdata.ts';
import { formatSpimData, newSpimData } from '../../formats/spimdata-text.ts';
import { element, type XmlElement } from '../../formats/xml-tree.ts';
import type { PlacedSet } from './export.ts';
import { less3 } from './numbers.ts';

type PlacedBlock = PlacedSet['blocks'][number];

const moved = ([x, y, z]: Vec3): Affine12 => [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z];
const stitchingName = 'Stitching Transform';

/** The dataset that the set came from, or a new one, with the places of a version before all other transforms. */
export function spimText(placed: PlacedSet, out: string): string {
  const { project, name } = placed.set;
  const own = project !== null && looksLikeSpimData(project.slice(0, 4096)) ? project : null;
  return own === null ? newText(placed, out) : sameText(placed, own, name);
}

/** Views are told by their tile, angle and illumination: all channels of a block move alike. */
function sameText(placed: PlacedSet, text: string, name: string): string {
  const data = parseSpimData(text, name);
  const keyOf = ({ attributes: { tile, angle = 0, illumination = 0 }, id }: SpimSetup): string =>
    `(${tile ?? id}/${angle}/${illumination})`;
  const blockOf = new Map(placed.blocks.map((block) => [/\([^()]*\)$/.exec(block.name)?.[0] ?? '', block]));
  const setupsOf = new Map<number, number[]>();
  const scales = new Map<number, Vec3>();
  const registrations = data.registrations.map((registration): SpimRegistration => {
    const setup = data.setups.find(({ id }) => id === registration.setup);
    const block = setup && blockOf.get(keyOf(setup));
    if (!setup || !block) return registration;
    setupsOf.set(block.id, [...(setupsOf.get(block.id) ?? []), setup.id]);
    const others = registration.transforms.filter(({ name: one }) => !/stitching|icp|global opt/i.test(one));
    const scale = scaleOf(others.map(({ affine }) => affine));
    scales.set(block.id, scale);
    const affine = moved(scaled(less3(block.place, block.stage), scale));
    return { ...registration, transforms: [{ name: stitchingName, affine }, ...others] };
  });
  return formatSpimData(data.root, {
    registrations,
    pairs: pairsOf(placed, setupsOf, (block) => scales.get(block) ?? [1, 1, 1]),
  });
}

const scaled = (move: Vec3, by: Vec3): Vec3 => [move[0] * by[0], move[1] * by[1], move[2] * by[2]];

/** Of the world, a voxel along each axis. */
const scaleOf = (affines: readonly Affine12[]): Vec3 => {
  const product = (at: number): number => affines.reduce((by, affine) => by * (affine[at] ?? 1), 1);
  return [product(0), product(5), product(10)];
};

/** BigStitcher's shift of a pair: what must be added to where the metadata puts b, beside a. */
function pairsOf(
  { blocks, links }: PlacedSet,
  setupsOf: ReadonlyMap<number, readonly number[]>,
  scale: (block: number) => Vec3,
): readonly SpimPair[] {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  return links.flatMap((link) => {
    const [a, b] = [byId.get(link.blockA), byId.get(link.blockB)];
    if (!a || !b || link.state !== 'kept') return [];
    const by = scale(a.id);
    const shift = less3(link.shift, less3(b.stage, a.stage));
    const low = less3(
      [0, 1, 2].map((k) => Math.max(a.stage[k] ?? 0, b.stage[k] ?? 0)) as [number, number, number],
      [0, 0, 0],
    );
    const high = [0, 1, 2].map((k) =>
      Math.min((a.stage[k] ?? 0) + (a.sizeXyz[k] ?? 0), (b.stage[k] ?? 0) + (b.sizeXyz[k] ?? 0)),
    ) as [number, number, number];
    const [setupsA = [], setupsB = []] = [setupsOf.get(a.id), setupsOf.get(b.id)];
    return [
      {
        ...{ setupsA, setupsB, timepointsA: setupsA.map(() => 0), timepointsB: setupsB.map(() => 0) },
        ...{ shift: moved(scaled(shift, by)), correlation: link.ncc, hash: null },
        overlap: [...scaled(low, by), ...scaled(high, by)],
      },
    ];
  });
}

function newText(placed: PlacedSet, out: string): string {
  const { set, blocks } = placed;
  const [x, y, z] = set.voxelSizeNm.map((nm) => nm / 1000);
  const voxel = { unit: 'µm', size: [x ?? 1, y ?? 1, z ?? 1] as const };
  const views = blocks.flatMap((block, tile) =>
    set.channels.map((_, channel) => ({ block, tile, channel, id: tile * set.channels.length + channel })),
  );
  const setups = views.map(({ block, tile, channel, id }): SpimSetup => ({
    ...{ id, name: block.name, size: block.sizeXyz, voxel },
    attributes: { illumination: 0, channel, tile, angle: 0 },
  }));
  const scale: Vec3 = [1, set.voxelSizeNm[1] / set.voxelSizeNm[0], set.voxelSizeNm[2] / set.voxelSizeNm[0]];
  const registrations = views.map(({ block, id }): SpimRegistration => ({
    ...{ timepoint: 0, setup: id },
    transforms: [
      { name: stitchingName, affine: moved(scaled(less3(block.place, block.stage), scale)) },
      { name: 'Translation to Regular Grid', affine: moved(scaled(block.stage, scale)) },
      { name: 'calibration', affine: [scale[0], 0, 0, 0, 0, scale[1], 0, 0, 0, 0, scale[2], 0] },
    ],
  }));
  const setupsOf = new Map(
    blocks.map((block, tile) => [block.id, set.channels.map((_, c) => tile * set.channels.length + c)]),
  );
  const missing = views
    .filter(({ block, channel }) => !block.sources[channel])
    .map(({ id }) => ({ timepoint: 0, setup: id }));
  const loader = loaderOf(views, dirname(out), set.name);
  const root = newSpimData({ loader, setups, channelNames: set.channels, missing });
  return formatSpimData(root, { registrations, pairs: pairsOf(placed, setupsOf, () => scale) });
}

interface View {
  readonly block: PlacedBlock;
  readonly channel: number;
  readonly id: number;
}

/** Files as they are, or datasets of OME-Zarr; BigStitcher has no loader for folders of slices. */
function loaderOf(views: readonly View[], folder: string, name: string): XmlElement {
  const paths = views.flatMap(({ block, channel, id }) => {
    const source = block.sources[channel];
    return source ? [{ source, id, path: relative(folder, source.path).split(sep).join('/') }] : [];
  });
  if (paths.some(({ source }) => source.files !== undefined)) throw noLoader(name);
  if (paths.every(({ path }) => /\.zarr\/?$/.test(path))) {
    const groups = paths.map(({ id, path }) =>
      element('zgroup', { setup: String(id), timepoint: '0' }, [element('path', {}, path)]),
    );
    return element('ImageLoader', { format: 'bdv.multimg.zarr', version: '1.0' }, [
      { ...element('zarr', { type: 'relative' }, '.') },
      element('zgroups', {}, groups),
    ]);
  }
  const mappings = paths.map(({ source, id, path }) =>
    element('FileMapping', { view_setup: String(id), timepoint: '0', series: '0', channel: String(source.channel) }, [
      element('file', { type: 'relative' }, path),
    ]),
  );
  return element('ImageLoader', { format: 'spimreconstruction.filemap2' }, [
    element('imagedirectory', { type: 'relative' }, '.'),
    element('files', {}, mappings),
    element('ZGrouped', {}, 'false'),
  ]);
}

const noLoader = (name: string): LamellaError =>
  new LamellaError('invalid-input', `${name} lies in folders of slices, for which BigStitcher has no loader.`, {
    hint: 'Export it for TeraStitcher or as a TileConfiguration; or convert the blocks to TIFF stacks or OME-Zarr first.',
    fields: { set: name },
  });
