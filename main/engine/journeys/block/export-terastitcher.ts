import { basename, relative, sep } from 'node:path';
import type { BlockLink } from '../../../../preload/contract/block.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import {
  looksLikeTeraStitcher,
  parseTeraStitcher,
  teraDoctype,
  type TeraAxis,
  type TeraDirection,
  type TeraDisplacement,
  type TeraProject,
  type TeraStack,
} from '../../formats/terastitcher.ts';
import { formatTeraStitcher } from '../../formats/terastitcher-text.ts';
import type { PlacedSet } from './export.ts';
import { less3 } from './numbers.ts';

type PlacedBlock = PlacedSet['blocks'][number];

/** TeraStitcher's own search, which its reader wants with every displacement. */
const searchVox = 25;

/** The project that the set came from, or a new one, with the places and links of a version. It knows whole voxels only. */
export function teraText(placed: PlacedSet): string {
  const { set, blocks } = placed;
  const own = set.project !== null && looksLikeTeraStitcher(set.project.slice(0, 4096)) ? set.project : null;
  const project = own === null ? newProject(placed) : parseTeraStitcher(own, set.name);
  const stackOf = new Map(project.stacks.map((stack) => [`${stack.row}/${stack.column}`, stack]));
  const origin = lowest(blocks);
  const stacks = blocks.map((block) => {
    const stack = stackOf.get(`${block.row}/${block.column}`) ?? newStack(set.source, block);
    const [h, v, d] = less3(block.place, origin).map(Math.round);
    return {
      ...stack,
      position: { v: v ?? 0, h: h ?? 0, d: d ?? 0 },
      stitchable: true,
      displacements: around(placed, block),
    };
  });
  return formatTeraStitcher({ ...project, stacks });
}

const lowest = (blocks: readonly PlacedBlock[]): Vec3 => {
  const least = (k: 0 | 1 | 2): number => Math.min(...blocks.map(({ place }) => place[k]));
  return [least(0), least(1), least(2)];
};

function newProject({ set, blocks }: PlacedSet): TeraProject {
  if (blocks.some(({ row, column }) => row === null || column === null)) throw noGrid(set.name);
  const [x, y, z] = set.voxelSizeNm.map((nm) => nm / 1000);
  const sides = (k: 0 | 1 | 2, of: (block: PlacedBlock) => number | null): number =>
    stepOf(blocks.map((block) => [of(block) ?? 0, block.stage[k] * (set.voxelSizeNm[k] / 1000)]));
  return {
    doctype: teraDoctype,
    volumeFormat: 'TiledXY|2Dseries',
    inputPlugin: 'tiff2D',
    stacksDir: set.source,
    mdataBin: null,
    refSys: [1, 2, 3],
    voxelUm: { v: y ?? 1, h: x ?? 1, d: z ?? 1 },
    originMm: { v: 0, h: 0, d: 0 },
    mechanicalUm: { v: sides(1, ({ row }) => row), h: sides(0, ({ column }) => column) },
    subimage: null,
    rows: Math.max(...blocks.map(({ row }) => row ?? 0)) + 1,
    columns: Math.max(...blocks.map(({ column }) => column ?? 0)) + 1,
    slices: Math.max(...blocks.map(({ sizeXyz }) => sizeXyz[2])),
    stacks: blocks.map((block) => newStack(set.source, block)),
    others: { attributes: {}, children: [] },
  };
}

/** From one row or column to the next, on average. */
function stepOf(places: readonly (readonly [index: number, place: number])[]): number {
  const n = places.length;
  const mean = (pick: 0 | 1): number => places.reduce((sum, place) => sum + place[pick], 0) / n;
  const [index, place] = [mean(0), mean(1)];
  const square = places.reduce((sum, [i]) => sum + (i - index) ** 2, 0);
  return square === 0 ? 0 : places.reduce((sum, [i, p]) => sum + (i - index) * (p - place), 0) / square;
}

function newStack(source: string, block: PlacedBlock): TeraStack {
  const first = block.sources.find((one) => one !== null);
  const path = first ? relative(source, first.path).split(sep).join('/') : block.name;
  return {
    channels: 1,
    bytesPerChannel: block.dtype === 'uint16' ? 2 : 1,
    row: block.row ?? 0,
    column: block.column ?? 0,
    position: { v: 0, h: 0, d: 0 },
    stitchable: true,
    dirName: path === '' ? basename(source) : path,
    zRanges: `[0,${block.sizeXyz[2]})`,
    imgRegex: first?.files ?? '',
    displacements: { north: [], east: [], south: [], west: [] },
    others: { attributes: {}, children: [] },
  };
}

/** The displacements of a block towards its four neighbours. */
function around({ blocks, links }: PlacedSet, block: PlacedBlock): Record<TeraDirection, readonly TeraDisplacement[]> {
  const byId = new Map(blocks.map((one) => [one.id, one]));
  const towards = (row: number, column: number): readonly TeraDisplacement[] =>
    links.flatMap((link) => {
      const isA = link.blockA === block.id;
      if (!isA && link.blockB !== block.id) return [];
      const other = byId.get(isA ? link.blockB : link.blockA);
      const isThere = other?.row === (block.row ?? 0) + row && other.column === (block.column ?? 0) + column;
      return other && isThere ? [displacementOf(link, block, other, isA ? 1 : -1)] : [];
    });
  return { north: towards(-1, 0), east: towards(0, 1), south: towards(1, 0), west: towards(0, -1) };
}

function displacementOf(link: BlockLink, from: PlacedBlock, to: PlacedBlock, sign: 1 | -1): TeraDisplacement {
  const axis = (k: 0 | 1 | 2): TeraAxis => {
    const { reliability = 0, nccPeak = 0, nccWidth = searchVox + 1 } = link.axes[k] ?? {};
    const nominal = Math.round(to.stage[k] - from.stage[k]);
    const isUsed = link.state === 'kept';
    return {
      displ: isUsed ? Math.round(sign * link.shift[k]) + 0 : nominal,
      defaultDispl: nominal,
      reliability: isUsed ? reliability : 0,
      nccPeak,
      nccWidth,
      nccWRangeThr: searchVox,
      nccInvWidth: searchVox + 1,
      delay: searchVox,
    };
  };
  return { type: 'MIP_NCC', h: axis(0), v: axis(1), d: axis(2) };
}

const noGrid = (name: string): LamellaError =>
  new LamellaError('invalid-input', `${name} has no rows and columns, which TeraStitcher needs.`, {
    hint: 'Export it as SpimData or as a TileConfiguration.',
    fields: { set: name },
  });
