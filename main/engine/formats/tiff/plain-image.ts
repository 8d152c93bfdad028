import { type LamellaError, isLamellaError } from '../../../../preload/contract/errors.ts';
import { type PageLayout, pageLayout, pixelNmOfResolution } from './description.ts';
import { type Ifd, badTiff } from './ifd.ts';
import { isLength } from './length-units.ts';
import type { OpenTiff } from './open-tiff.ts';
import { type TiffPage, sameKind, tagIds } from './page.ts';
import { type TiffImage, levelsAmong } from './tiff-image.ts';

const maxDescriptionBytes = 2 ** 20;

/** Pages of one kind, in order, each with the smaller copies that follow it. */
interface Series {
  readonly first: TiffPage;
  readonly pages: (readonly Ifd[])[];
}

/**
 * The images of a file without OME-XML: pages of equal size and type are the sections of one image, arranged by
 * ImageJ's or tifffile's description where it fits their number. Throws 'bad-source' for pages that Lamella can't read
 * only where no other pages are left.
 */
export async function plainImages(
  tiff: OpenTiff,
): Promise<{ names: string[]; image(index: number): Promise<TiffImage> }> {
  const { series, warnings } = await seriesOf(tiff);
  const names = series.map(
    ({ first, pages }, i) => `series ${i + 1}: ${first.width} x ${first.height} x ${pages.length} ${first.dtype}`,
  );
  return {
    names,
    image: async (index) => {
      const chosen = series[index];
      if (!chosen) throw badTiff(tiff.file, `it has no series ${index + 1}`);
      return plainImage(tiff, chosen, warnings);
    },
  };
}

async function seriesOf(tiff: OpenTiff): Promise<{ series: readonly Series[]; warnings: string[] }> {
  const series: Series[] = [];
  const warnings: string[] = [];
  let failed: LamellaError | undefined;
  let current: Ifd[] | undefined;
  for (const ifd of await tiff.chain.all()) {
    try {
      const page = await tiff.page(ifd);
      if (page.isReduced && current) {
        current.push(ifd);
        continue;
      }
      const found = series.find(({ first }) => sameKind(first, page)) ?? addSeries(series, page);
      found.pages.push((current = [ifd]));
    } catch (error) {
      if (!isLamellaError(error, 'bad-source')) throw error;
      failed ??= error;
    }
  }
  if (series.length === 0) throw failed ?? badTiff(tiff.file, 'it has no pages');
  if (failed) warnings.push(`Pages were left out: ${failed.message}`);
  return { series, warnings };
}

const mostSeries = 1000;

function addSeries(series: Series[], first: TiffPage): Series {
  const added: Series = { first, pages: [] };
  if (series.length < mostSeries) series.push(added);
  return added;
}

async function plainImage(tiff: OpenTiff, { first, pages }: Series, before: readonly string[]): Promise<TiffImage> {
  const warnings = [...before];
  const said = pageLayout(await tiff.file.text(first.ifd, tagIds.description, maxDescriptionBytes));
  const layout = await arrangement(tiff, { first, pages }, said, warnings);
  const copies = await copiesOf(tiff, pages[0] ?? []);
  const chosen = levelsAmong(first, copies);
  const levels = [first, ...chosen.flatMap((index) => copies[index] ?? [])];
  const { sizeZ, sizeC, sizeT, virtualBytes } = layout;
  const window = sizeC === 1 ? (said?.window ?? null) : null;
  return {
    ...{ name: '', sizeZ, sizeC, sizeT, levels, warnings, own: {} },
    channels: Array.from({ length: sizeC }, () => ({ name: '', color: null, window })),
    voxelNm: await voxelNm(tiff, first, said),
    secondsPerTime: said?.secondsPerTime ?? null,
    page: async (c, z, t, level) => {
      const index = pageIndex(layout, { c, z, t });
      if (virtualBytes > 0) return { file: tiff.file, page: first, shift: index * virtualBytes };
      const group = pages[index] ?? [];
      const base = group[0] && (await tiff.page(group[0]));
      const page = level === 0 ? base : (await copiesOf(tiff, group))[chosen[level - 1] ?? 0];
      const like = levels[level];
      if (page && like && sameKind(page, like)) return { file: tiff.file, page, shift: 0 };
      throw badTiff(tiff.file, `page ${index} lacks a level that the first page has`);
    },
  };
}

/** Smaller copies of a page: those behind it in tag 330, else those that follow it in the chain. */
async function copiesOf(tiff: OpenTiff, group: readonly Ifd[]): Promise<readonly TiffPage[]> {
  const [base, ...reduced] = group;
  if (!base) return [];
  const behind = await tiff.subPages(await tiff.page(base));
  return behind.length > 0 ? behind : Promise.all(reduced.map((ifd) => tiff.page(ifd)));
}

interface Arrangement extends Pick<PageLayout, 'sizeC' | 'sizeZ' | 'sizeT' | 'order'> {
  /** Of a section where all lie behind one directory, else 0. */
  readonly virtualBytes: number;
}

async function arrangement(
  tiff: OpenTiff,
  { first, pages }: Series,
  said: PageLayout | undefined,
  warnings: string[],
): Promise<Arrangement> {
  const asSections = { sizeC: 1, sizeT: 1, sizeZ: pages.length, order: 'zct', virtualBytes: 0 };
  if (!said) return asSections;
  const planes = said.sizeC * said.sizeZ * said.sizeT;
  if (planes === pages.length) return { ...said, virtualBytes: 0 };
  const virtualBytes = pages.length === 1 ? await contiguousBytes(tiff, first, planes) : 0;
  if (virtualBytes > 0) return { ...said, virtualBytes };
  if (planes > 1 || pages.length === 1)
    warnings.push(
      `The description tells of ${planes} pages, but there are ${pages.length}; they are read as sections.`,
    );
  return asSections;
}

/** Bytes of a section where `planes` of them lie behind the first, as ImageJ writes stacks above 4 GB; else 0. */
async function contiguousBytes({ file }: OpenTiff, page: TiffPage, planes: number): Promise<number> {
  if (page.compression !== 'none' || page.tiled || page.separate) return 0;
  const planeBytes = page.width * page.height * page.samples * page.sampleBytes;
  const offsets = await file.numbers(page.offsets);
  const stripBytes = page.width * page.unitHeight * page.samples * page.sampleBytes;
  const start = offsets[0] ?? 0;
  const isOneRun = offsets.every((offset, i) => offset === start + i * stripBytes);
  return isOneRun && planes <= 2 ** 31 && start + planes * planeBytes <= file.bytes.size ? planeBytes : 0;
}

function pageIndex(layout: Arrangement, at: Readonly<Record<'c' | 'z' | 't', number>>): number {
  let [index, stride] = [0, 1];
  for (const axis of layout.order) {
    const size = axis === 'c' ? layout.sizeC : axis === 'z' ? layout.sizeZ : layout.sizeT;
    index += stride * (axis === 'c' ? at.c : axis === 'z' ? at.z : at.t);
    stride *= size;
  }
  return index;
}

async function voxelNm(tiff: OpenTiff, page: TiffPage, said: PageLayout | undefined): Promise<TiffImage['voxelNm']> {
  const unit = await tiff.file.number(page.ifd, tagIds.resolutionUnit, 2);
  const side = async (id: number): Promise<number | undefined> => {
    const resolution = await tiff.file.number(page.ifd, id, 0);
    if (said?.unitNm !== undefined) {
      const nm = said.unitNm / resolution;
      return isLength(nm) ? nm : undefined;
    }
    return pixelNmOfResolution(resolution, unit);
  };
  const x = await side(tagIds.xResolution);
  return [x, (await side(tagIds.yResolution)) ?? x, said?.depthNm];
}
