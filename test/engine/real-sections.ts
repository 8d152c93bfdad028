// Serial sections of real tissue, cut out of their published stack, turned, bent and photographed again.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { TileMap } from '../../main/engine/transforms/tile/tile-map.ts';
import { type CutSection, type Levels, nameOf, sectionFrom, writeSections } from './cut-sections.ts';
import { exportedMaps } from './exported-maps.ts';
import { resultOf } from './follow-job.ts';

const raw = join(import.meta.dirname, '../../../shared/data/ssTEM-vnc/raw');
export const haveSections = existsSync(raw);

/** The published pictures are this large; their pixels are the end of each file. */
const side = 1024;
/** Tissue places count from here, as `cut-sections` has its middle at 500, 500. */
const cornerPx = 12;

/** Grey levels of the published stack, between pixels too. */
export function publishedLevels(): Levels {
  const pictures = Array.from({ length: 10 }, (_, z) => readFileSync(join(raw, `0${z}.tif`)).subarray(-side * side));
  return (x, y, z) => {
    const [u, v] = [x + cornerPx - 0.5, y + cornerPx - 0.5];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const at = (i: number, j: number): number =>
      pictures[z]![Math.min(side - 1, Math.max(0, j)) * side + Math.min(side - 1, Math.max(0, i))]!;
    const [right, below] = [u - column, v - row];
    const upper = (1 - right) * at(column, row) + right * at(column + 1, row);
    return (1 - below) * upper + below * ((1 - right) * at(column, row + 1) + right * at(column + 1, row + 1));
  };
}

/** Without a trend along z, which nobody could tell from tissue that is tilted. */
const spread = (z: number, k: number): number => ((z * z * 17 + z * 29 + k * 61) % 41) / 20 - 1;

/** Sections as they would come from the microscope: turned by up to 30 degrees, bent by up to 8 px. */
export const deformed = (zs: readonly number[], sidePx: number): readonly CutSection[] =>
  zs.map((z) => ({
    ...{ z, sidePx, degrees: 30 * spread(z, 0), bendPx: 8 },
    shift: [8 * spread(z, 1), 8 * spread(z, 2)],
  }));

export interface Aligned {
  readonly sections: readonly CutSection[];
  readonly maps: ReadonlyMap<string, TileMap>;
  readonly verdict: string;
  readonly stack: string;
}

/** Writes the sections, imports them and aligns them elastically, in a library of their own in the folder. */
export async function alignedSections(
  client: LamellaClient,
  folder: string,
  sections: readonly CutSection[],
  levels: Levels,
): Promise<Aligned> {
  const [library, source] = [join(folder, 'library'), join(folder, 'sections')];
  writeSections(source, sections, levels);
  const result = <T>(started: Promise<{ readonly job: string }>): Promise<T> => resultOf<T>(client, library, started);
  const layout = 'tiles:TileConfiguration.txt';
  const { dataset } = await result<{ dataset: string }>(client.ingest.start({ library, source, layout }));
  const { stack, verdict } = await result<{ stack: string; verdict: string }>(
    client.align.start({ library, dataset, model: 'elastic' }),
  );
  return { sections, maps: await exportedMaps({ client, library, folder }, stack), verdict, stack };
}

/**
 * How far places of the tissue come to lie from where they would, had nothing been turned and bent: px, ascending. What
 * both alignments make of the published stack, which is not aligned to a pixel itself, and a map that all sections share
 * are no error.
 */
export function errorsBetween(given: Aligned, plain: Aligned, reachPx: number): readonly number[] {
  const errors: number[] = [];
  for (let i = 0; i < 225; i++) {
    const to = [500 + reachPx * ((i % 15) / 7 - 1), 500 + reachPx * (Math.floor(i / 15) / 7 - 1)] as const;
    const gaps = given.sections.map((section, s) => {
      const [a, b] = [placeOf(given, section, to), placeOf(plain, plain.sections[s]!, to)];
      return [a[0] - b[0], a[1] - b[1]] as const;
    });
    const mean = [0, 1].map((k) => gaps.reduce((sum, gap) => sum + gap[k]! / gaps.length, 0));
    for (const gap of gaps) errors.push(Math.hypot(gap[0] - mean[0]!, gap[1] - mean[1]!));
  }
  return errors.toSorted((a, b) => a - b);
}

function placeOf({ maps }: Aligned, section: CutSection, to: readonly [number, number]): readonly [number, number] {
  const at = Float64Array.from(sectionFrom(section, to));
  maps.get(nameOf(section))!.forward(at, at);
  return [at[0]!, at[1]!];
}
