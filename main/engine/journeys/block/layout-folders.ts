import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { BlockLayout, LayoutBlock } from './block-layout.ts';
import { channelsAt } from './slices.ts';

/** Of the numbers in names, nanometres. */
const unitNm = 100;
const mostFolders = 100_000;

interface Found {
  readonly name: string;
  /** V, H and, where there is a third number, D. */
  readonly at: readonly [number, number, number];
}

/** TeraStitcher's two levels: V in the names of the outer folders, V_H (or V_H_D) in those of the inner ones. */
export function foldersLayout(folder: string): Omit<BlockLayout, 'channels'> {
  const found = foldersIn(folder)
    .filter((name) => /^-?\d+$/.test(name))
    .flatMap((outer) =>
      foldersIn(join(folder, outer)).flatMap((inner) => positionOf(`${outer}/${inner}`, inner) ?? []),
    );
  const rows = ordered(found.map(({ at }) => at[0]));
  const columns = ordered(found.map(({ at }) => at[1]));
  const least = [0, 1, 2].map((k) => found.reduce((low, { at }) => Math.min(low, at[k] ?? 0), Infinity));
  const blocks = found.map(({ name, at }): LayoutBlock => {
    const nm = at.map((value, k) => (value - (least[k] ?? 0)) * unitNm);
    const stage: Vec3 = [nm[1] ?? 0, nm[0] ?? 0, nm[2] ?? 0];
    const sources = channelsAt(join(folder, name));
    return {
      name,
      row: rows.indexOf(at[0]),
      column: columns.indexOf(at[1]),
      stage,
      sources,
      placed: null,
      reasons: [],
    };
  });
  return { blocks, unit: 'nm', voxelSizeNm: null, links: [], project: null, warnings: [] };
}

const ordered = (values: readonly number[]): readonly number[] => [...new Set(values)].toSorted((a, b) => a - b);

function positionOf(name: string, inner: string): Found | null {
  const [, v, h, d = '0'] = /^(-?\d+)_(-?\d+)(?:_(-?\d+))?$/.exec(inner) ?? [];
  return v === undefined || h === undefined ? null : { name, at: [Number(v), Number(h), Number(d)] };
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (entries.length > mostFolders) throw tooMany(folder, entries.length);
    return entries.map(({ name }) => name).toSorted();
  } catch (error) {
    if (isLamellaError(error)) throw error;
    return [];
  }
}

const tooMany = (folder: string, folders: number): LamellaError =>
  new LamellaError('over-budget', `${folder} has ${folders} folders; at most ${mostFolders} are looked at.`, {
    hint: 'Name the folder of the acquisition itself.',
    fields: { source: folder, folders },
  });
