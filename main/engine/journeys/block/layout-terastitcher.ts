import { basename } from 'node:path';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import {
  parseTeraStitcher,
  type TeraDisplacement,
  type TeraProject,
  type TeraStack,
} from '../../formats/terastitcher.ts';
import { type BlockLayout, type LayoutBlock, type LayoutLink, type LayoutPlace, locate } from './block-layout.ts';
import { less3, length3 } from './numbers.ts';
import { channelsAt } from './slices.ts';

/** V is y, H is x, D is z. Once displacements were computed ABS_… are where TeraStitcher placed the stacks. */
export function teraLayout(place: LayoutPlace): Omit<BlockLayout, 'channels'> {
  const project = parseTeraStitcher(place.text, basename(place.file));
  const isPlaced = project.stacks.some(({ displacements }) =>
    Object.values(displacements).some((one) => one.length > 0),
  );
  const { h, v, d } = project.voxelUm;
  return {
    blocks: project.stacks.map((stack) => blockOf(place, project, stack, isPlaced)),
    unit: 'voxels',
    voxelSizeNm: [Math.abs(h) * 1000, Math.abs(v) * 1000, Math.abs(d) * 1000],
    links: isPlaced ? linksOf(project) : [],
    project: place.text,
    warnings: [],
  };
}

function blockOf(place: LayoutPlace, project: TeraProject, stack: TeraStack, isPlaced: boolean): LayoutBlock {
  const { voxelUm, mechanicalUm, stacksDir, slices } = project;
  const at: Vec3 = [stack.position.h, stack.position.v, stack.position.d];
  const nominal: Vec3 = [(stack.column * mechanicalUm.h) / voxelUm.h, (stack.row * mechanicalUm.v) / voxelUm.v, 0];
  const path = locate(place, [stack.dirName, `${stacksDir}/${stack.dirName}`]);
  return {
    name: stack.dirName,
    row: stack.row,
    column: stack.column,
    stage: isPlaced ? nominal : at,
    sources: channelsAt(path, stack.imgRegex),
    placed: isPlaced ? at : null,
    reasons: gapsOf(stack.zRanges, slices),
  };
}

/** '[0,300)[310,600)' of 600 slices lacks ten. */
function gapsOf(zRanges: string, slices: number): readonly string[] {
  const ranges = [...zRanges.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => [Number(from), Number(to)] as const);
  const there = ranges.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0);
  if (zRanges === '' || there >= slices) return [];
  return [`${slices - there} of its ${slices} slices are missing (it has ${zRanges})`];
}

function linksOf(project: TeraProject): readonly LayoutLink[] {
  const { stacks } = project;
  const indexAt = new Map(stacks.map((stack, i) => [`${stack.row}/${stack.column}`, i]));
  return stacks.flatMap((stack, a) => {
    const to = (row: number, column: number, said: readonly TeraDisplacement[]): readonly LayoutLink[] => {
      const b = indexAt.get(`${stack.row + row}/${stack.column + column}`);
      const [one] = said;
      const other = b === undefined ? undefined : stacks[b];
      return one && b !== undefined && other ? [linkOf(a, b, stack, other, one)] : [];
    };
    return [...to(0, 1, stack.displacements.east), ...to(1, 0, stack.displacements.south)];
  });
}

function linkOf(a: number, b: number, from: TeraStack, to: TeraStack, said: TeraDisplacement): LayoutLink {
  const axes = [said.h, said.v, said.d];
  const shift: Vec3 = [said.h.displ, said.v.displ, said.d.displ];
  const placed: Vec3 = [
    to.position.h - from.position.h,
    to.position.v - from.position.v,
    to.position.d - from.position.d,
  ];
  const residual = less3(placed, shift);
  const isUsed = axes.some(({ reliability }) => reliability > 0);
  return {
    a,
    b,
    shift,
    // TeraStitcher measures whole voxels.
    sigma: [0.5, 0.5, 0.5],
    ncc: Math.max(...axes.map(({ nccPeak }) => nccPeak)),
    peakRatio: 1,
    axes: axes.map(({ reliability, nccPeak, nccWidth }) => ({ reliability, nccPeak, nccWidth })),
    slabs: 1,
    residual,
    state: !isUsed ? 'weak' : length3(residual) > 5 ? 'outlier' : 'kept',
    reason: isUsed ? '' : 'TeraStitcher took the stage for it',
  };
}
