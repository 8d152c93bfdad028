import { Maximize, Minus, Plus } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Tile } from '../../../preload/contract/dataset.ts';
import { boundsOfTile } from '../../../preload/contract/space.ts';
import type { ColourBy } from '../../state/board.ts';
import { passes, selectTile, useBoard } from '../../state/board.ts';
import { isLive, useWatch } from '../../state/watch.ts';
import { IconButton } from '../../ui/button.tsx';
import { css, verdictRgb, viridisGradient } from '../../ui/colour-maps.ts';
import { formatNumber } from '../../ui/format.ts';
import { unionOf } from '../plane/camera.ts';
import type { Drawing, PlaneHandle } from '../plane/plane-canvas.tsx';
import { PlaneCanvas } from '../plane/plane-canvas.tsx';
import type { BoardTile } from './draw-board.ts';
import { drawBoard } from './draw-board.ts';
import type { MetricRange } from './metric.ts';
import { rangeOf, tileColour } from './metric.ts';
import type { ThumbnailPages } from './thumbnail-pages.ts';
import { useThumbnailPages } from './use-thumbnail-pages.ts';

/** The tiles of a section where the stage says they are: pictures, colours, verdicts. */
export function TileBoard(): ReactNode {
  const { dataset, tiles, section, colourBy, filter, selected } = useBoard();
  const handle = useRef<PlaneHandle | null>(null);
  const pages = useThumbnailPages(dataset, handle);
  const shown = useMemo(() => placed(tiles ?? [], section), [tiles, section]);
  const live = useWatch((s) => isLive(s.watch));
  useFreshPictures(tiles, pages);
  const range = useMemo(() => (colourBy === 'verdict' ? null : rangeOf(tiles ?? [], colourBy)), [tiles, colourBy]);
  const box = useMemo(() => unionOf(shown.map((one) => one.box)), [shown]);

  useEffect(() => {
    const found = shown.find(({ tile }) => tile.id === selected);
    if (found) handle.current?.reveal(found.box);
  }, [selected, shown]);

  const draw = (drawing: Drawing): void => {
    const inView = drawBoard(drawing, shown, {
      selected,
      passes: (tile) => passes(tile, filter),
      colour: (tile) => tileColour(tile, colourBy, range),
      tints: colourBy !== 'verdict',
      thumbnail: (id) => pages.current?.get(id),
    });
    pages.current?.want(inView);
  };
  const onClick = (x: number, y: number): void => selectTile(tileAt(shown, x, y)?.id ?? null);
  const ready = useCallback((made: PlaneHandle) => {
    handle.current = made;
  }, []);

  return (
    <>
      <PlaneCanvas
        label={describe(shown, section, selected)}
        box={box}
        fitKey={`${dataset} ${section} ${live && box ? Object.values(box).join(' ') : ''}`}
        draw={draw}
        onClick={onClick}
        onReady={ready}
      />
      <Legend colourBy={colourBy} range={range} />
      <div className="plane-tools">
        <IconButton icon={Plus} label="Zoom in on the board" onClick={() => handle.current?.zoom(1.4)} />
        <IconButton icon={Minus} label="Zoom out of the board" onClick={() => handle.current?.zoom(1 / 1.4)} />
        <IconButton icon={Maximize} label="Fit the section" onClick={() => handle.current?.fit()} />
      </div>
    </>
  );
}

/** A tile that was taken again has another picture. */
function useFreshPictures(tiles: readonly Tile[] | null, pages: { readonly current: ThumbnailPages | null }): void {
  const known = useRef(new Map<number, string>());
  useEffect(() => {
    const before = known.current;
    known.current = new Map(tiles?.map(({ id, sha256 }) => [id, sha256]));
    for (const [id, sha256] of known.current)
      if (before.has(id) && before.get(id) !== sha256) pages.current?.forget(id);
  }, [tiles, pages]);
}

function placed(tiles: readonly Tile[], section: number | null): readonly BoardTile[] {
  return tiles
    .filter((tile) => tile.section === section)
    .map((tile) => ({ tile, box: boundsOfTile(tile.stageFromTile, tile.widthPx, tile.heightPx) }));
}

/** The tile whose middle is nearest among those under a point. */
function tileAt(shown: readonly BoardTile[], x: number, y: number): Tile | null {
  let best: Tile | null = null;
  let bestDistance = Infinity;
  for (const { tile, box } of shown) {
    if (x < box.minX || x >= box.maxX || y < box.minY || y >= box.maxY) continue;
    const distance = Math.hypot(x - (box.minX + box.maxX) / 2, y - (box.minY + box.maxY) / 2);
    if (distance >= bestDistance) continue;
    best = tile;
    bestDistance = distance;
  }
  return best;
}

function describe(shown: readonly BoardTile[], section: number | null, selected: number | null): string {
  const flagged = shown.filter(({ tile }) => tile.verdict !== 'ok').length;
  const chosen = shown.find(({ tile }) => tile.id === selected)?.tile;
  return `Tile board: section ${section ?? '–'}, ${shown.length} tiles, ${flagged} flagged. ${chosen ? `Selected: ${chosen.name}, ${chosen.verdict}.` : 'No tile is selected.'} Arrow keys select, A accepts, R rejects, N goes to the next flagged tile. The List tab has the same tiles as text.`;
}

function Legend({ colourBy, range }: { readonly colourBy: ColourBy; readonly range: MetricRange | null }): ReactNode {
  if (colourBy !== 'verdict') {
    return (
      <div className="legend">
        <span className="mono">{range ? formatNumber(range[0]) : '–'}</span>
        <span className="ramp" style={{ background: viridisGradient }} aria-hidden />
        <span className="mono">{range ? formatNumber(range[1]) : '–'}</span>
      </div>
    );
  }
  return (
    <div className="legend">
      <span>
        <span className="swatch" style={{ background: css(verdictRgb.warn) }} />! Look at it
      </span>
      <span>
        <span className="swatch" style={{ background: css(verdictRgb.bad) }} />
        !! Bad
      </span>
      <span className="faint">others are ok</span>
    </div>
  );
}
