import type { ReactNode } from 'react';
import type { RegionRow } from '../../../../preload/contract/region.ts';
import {
  barsOf,
  measureTitle,
  measureWords,
  rowsInside,
  valueOf,
  type Measure,
} from '../../../state/region-numbers.ts';
import { goToRegionAt } from '../../../state/region-jump.ts';
import { changeResult, type OpenResult } from '../../../state/region-results.ts';
import { isLeaf } from '../../../state/region-tree.ts';
import { squarify, type Rect } from '../../../ui/tree-map-layout.ts';
import { useSize } from '../../../ui/use-size.ts';
import { ResultsWithin } from './results-within.tsx';
import { valueText } from './value-text.ts';

interface OfResult {
  readonly open: OpenResult;
}

interface Tile extends Rect {
  readonly row: RegionRow;
  /** 1: right inside of what is plotted; 2: inside of one of those. */
  readonly level: 1 | 2;
}

/** Room for the name of a region over those inside of it, and around them. */
const headPx = 20;
const edgePx = 3;

/** Areas of the regions inside of one, two levels deep, each in its colour. A press goes inside. */
export function ResultsTreeMap({ open }: OfResult): ReactNode {
  const [frame, { width, height }] = useSize();
  const { measure, sides, within, rows } = open;
  // What does not add up can't be an area: then areas are volumes, and the number is written.
  const area: Measure = measureWords[measure].adds ? measure : 'volume';
  const shown = rows[sides === 'compare' ? 'both' : sides];
  const tiles = tilesOf(shown, within ?? -1, area, { x: 0, y: 0, width, height });
  const own = area === measure ? '' : `; the number: ${measureTitle(measure)}`;
  return (
    <div className="results-plot">
      <div className="results-plot-head">
        <ResultsWithin open={open} />
        <span className="faint">
          Area: {measureTitle(area)}
          {own}
          {sides === 'compare' && ', both hemispheres'}
        </span>
      </div>
      <div ref={frame} className="tree-map" role="list" aria-label={`${measureTitle(measure)} by region, as areas`}>
        {tiles.map((tile) => (
          <MapTile key={`${tile.level}-${tile.row.at}`} open={open} tile={tile} />
        ))}
      </div>
    </div>
  );
}

function tilesOf(rows: readonly RegionRow[], within: number, area: Measure, frame: Rect): readonly Tile[] {
  const bars = barsOf(rowsInside(rows, within), area);
  const places = squarify(
    bars.map(({ value }) => value),
    frame,
  );
  return bars.flatMap(({ row }, i) => {
    const place = places[i];
    if (!place) return [];
    const inner = insideOf(place);
    const children = inner ? barsOf(rowsInside(rows, row.at), area) : [];
    const own = { ...place, row, level: 1 as const };
    if (!inner || children.length < 2) return [own];
    const rects = squarify(
      children.map(({ value }) => value),
      inner,
    );
    return [
      own,
      ...children.flatMap((child, j) => (rects[j] ? [{ ...rects[j], row: child.row, level: 2 as const }] : [])),
    ];
  });
}

/** Where those inside of a region are drawn; null where there is no room for them. */
function insideOf({ x, y, width, height }: Rect): Rect | null {
  const inner = { x: x + edgePx, y: y + headPx, width: width - 2 * edgePx, height: height - headPx - edgePx };
  return inner.width > 24 && inner.height > 16 ? inner : null;
}

/** Narrower and lower ones have no words in them: their title has. */
const least = { width: 30, height: 16 };

function MapTile({ open, tile }: OfResult & { readonly tile: Tile }): ReactNode {
  const { row, level, x, y, width, height } = tile;
  const { acronym, name, colour, at } = row;
  const value = valueOf(row, open.measure, true);
  const words = value === null ? '–' : valueText(value, open.measure);
  const roomy = width >= least.width && height >= least.height;
  const leaf = isLeaf(row);
  return (
    <div role="listitem" className="tree-map-place" style={{ left: x, top: y, width, height }}>
      <button
        type="button"
        className={`tree-map-tile level-${level}`}
        style={{ background: colour, color: inkOn(colour) }}
        title={`${name || acronym}: ${words}`}
        aria-label={`${acronym} ${words}: ${name}`}
        onClick={() => (leaf ? goToRegionAt(open.result.atlas, at) : changeResult({ within: at }))}
      >
        {roomy && (
          <span className="truncate">
            <b>{acronym}</b> {words}
          </span>
        )}
      </button>
    </div>
  );
}

/** Black or white, whichever is read better on a colour (WCAG's relative luminance). */
function inkOn(colour: string): string {
  const channel = (at: number): number => {
    const level = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
