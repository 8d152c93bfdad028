import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { isLamellaError, LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import { looksLikeTemca, parseTemcaMetadata, type TemcaMetadata } from '../formats/temca-metadata.ts';
import { maxJsonBytes } from '../formats/render-tilespec.ts';
import type { Steps } from '../formats/steps.ts';
import type { TileLayout } from './layout.ts';
import { readLayoutFile, type SourceFolder } from './source-files.ts';

const mostFiles = 10_000;

/**
 * `FILE`, or `FILE;z=SECTION` where the number of the grid is not that of the section. A TEMCA writes a file a region:
 * with `*` in the name (`*.json`), all that fit it are read, in the order in which their regions were taken.
 */
export function* temcaLayout(source: SourceFolder, text: string): Steps<TileLayout> {
  const [, file = text, z] = /^(.*?)(?:;z=(-?[\d.]+))?$/s.exec(text) ?? [];
  if (!file.includes('*')) return layoutOf([readRegion(source, file, z === undefined ? undefined : Number(z))], []);
  if (z !== undefined) throw sectionOfMany(text);
  const warnings: Warning[] = [];
  const regions: Region[] = [];
  for (const path of matching(source, file)) {
    try {
      regions.push(...regionIn(source, path));
    } catch (error) {
      if (!isLamellaError(error, 'bad-layout', 'over-budget')) throw error;
      warnings.push({ subject: path, message: error.message, hint: error.hint });
    }
    yield;
  }
  if (regions.length === 0) throw noRegions(file, source.folder, warnings);
  return layoutOf(regions.toSorted(byTime), warnings);
}

interface Region extends TemcaMetadata {
  readonly file: string;
}

function readRegion(source: SourceFolder, file: string, z?: number): Region {
  const { path, text } = readLayoutFile(source, file, maxJsonBytes);
  return { file: basename(path), ...parseTemcaMetadata(text, basename(path), z) };
}

/** None of a file that is something else. */
function regionIn(source: SourceFolder, path: string): readonly Region[] {
  const { text } = readLayoutFile(source, path, maxJsonBytes);
  return looksLikeTemca(text.slice(0, 8192)) ? [{ file: path, ...parseTemcaMetadata(text, path) }] : [];
}

const byTime = (a: Region, b: Region): number =>
  a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.file < b.file ? -1 : 1;

/** Regions of one section lie in one space: that of its first. A place that was taken again shows what came last. */
function layoutOf(regions: readonly Region[], found: readonly Warning[]): TileLayout {
  const warnings = [...found, ...regions.flatMap((region) => region.warnings)];
  const sections = new Map<number, SectionTiles>();
  for (const region of regions) {
    const section = sections.get(region.section) ?? new SectionTiles(region);
    sections.set(region.section, section);
    const retaken = section.add(region);
    if (retaken > 0)
      warnings.push({
        subject: region.file,
        message: `Section ${region.section}: ${retaken} places were taken again in ${region.file}; the later images are used.`,
      });
  }
  const pixelNm = regions.map((region) => region.pixelNm).find((nm) => nm !== null);
  const tiles = [...sections.values()].flatMap((section) => section.tiles());
  return { tiles, overlap: null, warnings, ...(pixelNm !== undefined && { pixelNm }) };
}

type LayoutTile = TileLayout['tiles'][number];
/** Images that lie closer than this part of a tile are of one place. */
const samePart = 0.25;

class SectionTiles {
  readonly #first: Region;
  readonly #byId = new Map<string, LayoutTile>();
  /** Tiles by the cell of `samePart` of a tile that they lie in. */
  readonly #cells = new Map<string, { readonly id: string; readonly region: Region }>();

  constructor(first: Region) {
    this.#first = first;
  }

  /** Adds the tiles of a region; gives how many take the place of others. */
  add(region: Region): number {
    let retaken = 0;
    const [left, top] = region.pixelsFrom(this.#first.centreNm);
    const cellPx = samePart * Math.max(1, region.sizePx?.[0] ?? 1000);
    for (const { tileId: name, image, stageFromTile, spec } of region.tiles) {
      const [a, b, c, d, e, f] = stageFromTile;
      const [x, y] = [e + left, f + top];
      const cells = around(x / cellPx, y / cellPx);
      for (const cell of cells) {
        const there = this.#cells.get(cell);
        if (there && there.region !== region && this.#byId.delete(there.id)) retaken += 1;
      }
      this.#cells.set(cells[0] ?? '', { id: name, region });
      const place = { kind: 'affine', stageFromTile: [a, b, c, d, x, y] } as const;
      this.#byId.set(name, {
        name,
        section: region.section,
        images: new Map([[0, image]]),
        sizePx: region.sizePx,
        place,
        spec,
      });
    }
    return retaken;
  }

  tiles(): readonly LayoutTile[] {
    return [...this.#byId.values()];
  }
}

/** A cell, and those around it. */
function around(x: number, y: number): readonly string[] {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const steps = [0, -1, 1];
  return steps.flatMap((down) => steps.map((across) => `${column + across}/${row + down}`));
}

/** Paths inside the folder that a name with `*` means: with a slash in it the whole path, else the file's name. */
function matching({ folder, paths }: SourceFolder, pattern: string): readonly string[] {
  const fits = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('[^/]*')}$`,
  );
  const there = paths.length > 0 ? paths : listed(folder);
  const found = there.filter((path) => fits.test(pattern.includes('/') ? path : basename(path)));
  return found.slice(0, mostFiles).toSorted();
}

function listed(folder: string): readonly string[] {
  try {
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return found.filter((path) => path.endsWith('.json')).map((path) => path.replaceAll('\\', '/'));
  } catch {
    return [];
  }
}

const sectionOfMany = (layout: string): LamellaError =>
  new LamellaError('bad-layout', `"temca:${layout}" means several files, which can't all be of one section.`, {
    hint: 'Leave ;z= out: each file says the number of its grid. Or name one file.',
    fields: { layout },
  });

const noRegions = (pattern: string, folder: string, warnings: readonly Warning[]): LamellaError =>
  new LamellaError(
    'bad-layout',
    `No metadata of a TEMCA is called ${pattern} in ${folder}.${warnings[0] ? ` ${warnings[0].message}` : ''}`,
    {
      hint: 'Give the name of the files that the microscope wrote beside its images.',
      fields: { pattern, source: folder },
    },
  );
