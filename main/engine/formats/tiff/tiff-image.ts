import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { ChannelPlan } from '../volume-format.ts';
import type { PlacedPage } from './page-voxels.ts';
import type { TiffPage } from './page.ts';

/** A volume in a TIFF, or in a set of them: how its planes, channels, sections and times lie in pages. */
export interface TiffImage {
  /** '' where the file gives none. */
  readonly name: string;
  readonly sizeZ: number;
  readonly sizeT: number;
  /** Channels with pages of their own; each page has `samples` more. */
  readonly sizeC: number;
  /** Pages of the first plane, finest first. */
  readonly levels: readonly TiffPage[];
  /** Of each page channel: as the metadata says it, '' and null where it does not. */
  readonly channels: readonly ChannelPlan[];
  readonly voxelNm: readonly [number | undefined, number | undefined, number | undefined];
  readonly secondsPerTime: number | null;
  /** What Lamella wrote of itself. */
  readonly own: OwnNotes;
  readonly warnings: readonly string[];
  /** undefined where the metadata names no page for this plane. Throws 'bad-source' where a page is of another kind. */
  page(c: number, z: number, t: number, level: number): Promise<PlacedPage | undefined>;
}

export interface OwnNotes {
  readonly kind?: 'image' | 'segmentation' | undefined;
  readonly originNm?: Vec3 | undefined;
  readonly windows?: ReadonlyArray<readonly [number, number] | null> | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

export const mostChannels = 10_000;

/** Which of a page's smaller copies are levels of it: each smaller than the one before, of the same kind and shape. */
export function levelsAmong(page: TiffPage, copies: readonly TiffPage[]): readonly number[] {
  const chosen: number[] = [];
  const bySize = copies.map((copy, index) => ({ copy, index })).toSorted((a, b) => b.copy.width - a.copy.width);
  let last = page;
  for (const { copy, index } of bySize) {
    const sameKind = copy.samples === page.samples && copy.dtype === page.dtype;
    const smaller =
      copy.width <= last.width && copy.height <= last.height && copy.width * copy.height < last.width * last.height;
    if (!sameKind || !smaller || !sameShape(page, copy)) continue;
    chosen.push(index);
    last = copy;
  }
  return chosen;
}

/** Thumbnails and labels are of other shapes: more than two pixels off. */
function sameShape(page: TiffPage, copy: TiffPage): boolean {
  const factor = Math.max(page.width / copy.width, page.height / copy.height);
  const isNear = (px: number, of: number): boolean => Math.abs(px - Math.max(1, of / factor)) <= 2;
  return isNear(copy.width, page.width) && isNear(copy.height, page.height);
}
