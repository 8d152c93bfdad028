import { useMemo } from 'react';
import type { Region } from '../../../../preload/contract/atlas.ts';
import { useMapLook } from '../../../state/flat-map/look.ts';
import {
  type Cut,
  cutTree,
  depthsOf,
  firstDepth,
  isWhole,
  numbersOf,
  ofKey,
  type Range,
  rangeOf,
  regionsOf,
  shareOf,
  sidesIn,
} from '../../../state/flat-map/tiles.ts';
import type { Side } from '../../../state/region-map.ts';
import type { OpenResult, Sides } from '../../../state/region-results.ts';
import type { Regions } from '../../../state/region-tree.ts';
import { css, viridis } from '../../../ui/colour-maps.ts';
import { valueText } from './value-text.ts';

/** What a region of a map looks like, and what is told of it. */
export interface TileLooks {
  readonly region: Region;
  readonly side: Side | null;
  /** Null: nothing was measured there; it is hatched. */
  readonly colour: string | null;
  /** With its unit. */
  readonly value: string;
  /** Whether it stands for all inside of it, not for its own label beside those. */
  readonly whole: boolean;
}

export interface MapLooks {
  readonly cut: Cut;
  readonly depths: { readonly least: number; readonly most: number };
  readonly regions: Regions;
  readonly sides: Sides;
  readonly range: Range | null;
  readonly hasNone: boolean;
  /** Null: not a region of this map. */
  readonly looksOf: (key: number) => TileLooks | null;
}

/** Regions, colours and numbers of the map of a result. `sides`: what the atlas can tell apart. */
export function useMapLooks({ rows, measure, within }: OpenResult, tree: Regions, sides: Sides): MapLooks {
  const asked = useMapLook((s) => s.depth);
  return useMemo(() => {
    const root = tree[within ?? 0];
    const branch = { at: root?.at ?? 0, end: root?.end ?? tree.length };
    const depths = depthsOf(tree, branch);
    const depth = Math.max(depths.least, Math.min(depths.most, asked ?? firstDepth(tree, branch)));
    const cut = cutTree(tree, branch, depth);
    const regions = regionsOf(tree, cut);
    const numberOf = numbersOf(rows, tree, cut, measure);
    const range = rangeOf(regions, numberOf, measure, sides);
    const hasNone = regions.some((region) => sidesIn(sides).some((side) => numberOf(region.at, side) === null));
    const looksOf = (key: number): TileLooks | null => {
      const { at: one, side } = ofKey(key);
      const region = tree[one];
      const value = numberOf(one, side);
      if (!region) return null;
      const about = { region, side, whole: isWhole(region, cut) };
      if (value === null || !range) return { ...about, colour: null, value: 'nothing measured' };
      return { ...about, colour: css(viridis(shareOf(range, value))), value: valueText(value, measure) };
    };
    return { cut, depths, regions, sides, range, hasNone, looksOf };
  }, [rows, measure, within, tree, sides, asked]);
}

/** `VISp 143, left: Primary visual area` */
export const tileWords = ({ region: { acronym, name }, side, value, whole }: TileLooks): string =>
  `${acronym} ${value}${side ? `, ${side}` : ''}${whole ? '' : ', beside the regions inside of it'}: ${name}`;
