import { Image as ImageIcon, Maximize, Minus, Move, Plus } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { linkKey, selectLink, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { residualAfter } from '../../state/moved-links.ts';
import { isMoved, moveTileBy, setMoving, takeTile, useTileMove } from '../../state/tile-move.ts';
import { IconButton } from '../../ui/button.tsx';
import { useThumbnailPages } from '../board/use-thumbnail-pages.ts';
import { unionOf } from '../plane/camera.ts';
import type { PlaneCamera } from '../plane/camera.ts';
import type { Drawing, PlaneHandle } from '../plane/plane-canvas.tsx';
import { PlaneCanvas } from '../plane/plane-canvas.tsx';
import { drawMap } from './draw-map.ts';
import { MapLegend } from './map-legend.tsx';
import type { MapLink, MapTile } from './map-shapes.ts';
import { linkAt, mapLinks, mapTiles, shifted, tileAt, topResidual, withTileAt } from './map-shapes.ts';

/** Where the solve put every tile of a section, and how well each overlap agrees with it; tiles can be moved by hand. */
export function LinkMap(): ReactNode {
  const { section, selected } = useAssemble();
  const dataset = useBoard((s) => s.dataset);
  const { active, tile: taken } = useTileMove();
  const [pictures, setPictures] = useState(true);
  const handle = useRef<PlaneHandle | null>(null);
  const pages = useThumbnailPages(dataset, handle);
  const { placed, tiles, links, topPx } = useShown();
  const box = useMemo(() => unionOf(placed.map((tile) => tile.box)), [placed]);
  const ghost = placed.find((tile, i) => tile !== tiles[i]) ?? null;
  const draw = (drawing: Drawing): void => {
    const thumbnail = pictures ? (id: number) => pages.current?.get(id) : null;
    const look = { selected, taken: active ? taken : null, ghost, topPx, thumbnail };
    pages.current?.want(drawMap(drawing, tiles, links, look));
  };
  const onClick = (x: number, y: number, camera: PlaneCamera): void => {
    const hit = linkAt(links, x, y, 10 / camera.pxPerUnit);
    if (hit || !active) selectLink(hit && linkKey(hit.link));
  };
  const onTake = (x: number, y: number): boolean => {
    const hit = active ? tileAt(tiles, x, y) : null;
    return hit !== null && takeTile(hit.placement.tile) && useTileMove.getState().tile === hit.placement.tile;
  };
  const ready = useCallback((made: PlaneHandle) => {
    handle.current = made;
  }, []);
  const dropped = links.filter(({ link }) => link.state !== 'kept').length;
  const says =
    links.length === 0 ? 'no links' : `${links.length} links, ${dropped} dropped. The Links table has them as text`;
  return (
    <>
      <PlaneCanvas
        label={`Link map: section ${section ?? '–'}, ${tiles.length} tiles, ${says}.`}
        box={box}
        fitKey={`${dataset} ${section} ${tiles.length > 0}`}
        draw={draw}
        onClick={onClick}
        onTake={onTake}
        onDrag={moveTileBy}
        onReady={ready}
      />
      <MapLegend topPx={links.length > 0 ? topPx : null} dropped={dropped > 0} tiles={tiles} />
      <div className="plane-tools">
        <IconButton
          icon={Move}
          label="Move tiles by hand"
          hint="Drag a tile, or take one with N and use the arrow keys."
          aria-pressed={active}
          onClick={() => setMoving(!active)}
        />
        <IconButton
          icon={ImageIcon}
          label="Show the pictures of the tiles"
          aria-pressed={pictures}
          onClick={() => setPictures(!pictures)}
        />
        <IconButton icon={Plus} label="Zoom in on the map" onClick={() => handle.current?.zoom(1.4)} />
        <IconButton icon={Minus} label="Zoom out of the map" onClick={() => handle.current?.zoom(1 / 1.4)} />
        <IconButton icon={Maximize} label="Fit the map" onClick={() => handle.current?.fit()} />
      </div>
    </>
  );
}

interface Shown {
  /** As the version has them. */
  readonly placed: readonly MapTile[];
  /** With the one that is being moved where it is now. */
  readonly tiles: readonly MapTile[];
  readonly links: readonly MapLink[];
  readonly topPx: number;
}

/** The section that is looked at; links of a tile that is being moved have the residual that it makes there. */
function useShown(): Shown {
  const { links, placements, section } = useAssemble();
  const all = useBoard((s) => s.tiles);
  const { tile, byPx, misfits } = useTileMove();
  const placed = useMemo(() => mapTiles(all ?? [], placements ?? [], section), [all, placements, section]);
  const moved = useMemo(() => {
    const taken = isMoved({ byPx }) ? placed.find(({ placement }) => placement.tile === tile) : undefined;
    return taken ? shifted(taken, byPx) : null;
  }, [placed, tile, byPx]);
  const tiles = useMemo(
    () => (moved ? placed.map((one) => (one.placement.tile === moved.placement.tile ? moved : one)) : placed),
    [placed, moved],
  );
  const still = useMemo(() => mapLinks(links ?? [], placed, section), [links, placed, section]);
  const live = useMemo(() => {
    if (!moved) return still;
    const now = new Map(misfits.map((one) => [linkKey(one), residualAfter(one, moved.placement.tile, byPx)]));
    return withTileAt(still, moved, (link) => now.get(linkKey(link)));
  }, [still, moved, byPx, misfits]);
  const topPx = useMemo(() => topResidual(links ?? []), [links]);
  return { placed, tiles, links: live, topPx };
}
