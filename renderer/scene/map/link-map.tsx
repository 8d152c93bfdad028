import { Image as ImageIcon, Maximize, Minus, Plus } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Tile } from '../../../preload/contract/dataset.ts';
import type { Link, Placement } from '../../../preload/contract/registration.ts';
import { applyAffine, boundsOfTile } from '../../../preload/contract/space.ts';
import { linkKey, selectLink, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { IconButton } from '../../ui/button.tsx';
import { viridis, css } from '../../ui/colour-maps.ts';
import { formatPixels, withoutExtension } from '../../ui/format.ts';
import { useThumbnailPages } from '../board/use-thumbnail-pages.ts';
import { unionOf } from '../plane/camera.ts';
import type { PlaneCamera } from '../plane/camera.ts';
import type { Drawing, PlaneHandle } from '../plane/plane-canvas.tsx';
import { PlaneCanvas } from '../plane/plane-canvas.tsx';
import type { MapLink, MapTile } from './draw-map.ts';
import { drawMap } from './draw-map.ts';

/** Where the solve put every tile of a section, and how well each overlap agrees with it. */
export function LinkMap(): ReactNode {
  const { links, placements, section, selected, stack } = useAssemble();
  const tiles = useBoard((s) => s.tiles);
  const dataset = useBoard((s) => s.dataset);
  const [pictures, setPictures] = useState(true);
  const handle = useRef<PlaneHandle | null>(null);
  const pages = useThumbnailPages(dataset, handle);
  const shownTiles = useMemo(() => mapTiles(tiles ?? [], placements ?? [], section), [tiles, placements, section]);
  const shownLinks = useMemo(() => mapLinks(links ?? [], shownTiles, section), [links, shownTiles, section]);
  const topPx = useMemo(() => topResidual(links ?? []), [links]);
  const box = useMemo(() => unionOf(shownTiles.map((tile) => tile.box)), [shownTiles]);
  const draw = (drawing: Drawing): void => {
    const thumbnail = pictures ? (id: number) => pages.current?.get(id) : null;
    pages.current?.want(drawMap(drawing, shownTiles, shownLinks, { selected, topPx, thumbnail }));
  };
  const onClick = (x: number, y: number, camera: PlaneCamera): void => {
    const hit = linkAt(shownLinks, x, y, 10 / camera.pxPerUnit);
    selectLink(hit && linkKey(hit.link));
  };
  const ready = useCallback((made: PlaneHandle) => {
    handle.current = made;
  }, []);
  const dropped = shownLinks.filter(({ link }) => link.state !== 'kept').length;
  return (
    <>
      <PlaneCanvas
        label={`Link map: section ${section ?? '–'}, ${shownTiles.length} tiles, ${shownLinks.length} links, ${dropped} dropped. The Links table has them as text.`}
        box={box}
        fitKey={`${stack} ${section} ${shownTiles.length > 0}`}
        draw={draw}
        onClick={onClick}
        onReady={ready}
      />
      <Legend topPx={topPx} stage={shownTiles.some((tile) => tile.placement.placedBy === 'stage')} />
      <div className="plane-tools">
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

function mapTiles(
  tiles: readonly Tile[],
  placements: readonly Placement[],
  section: number | null,
): readonly MapTile[] {
  const byId = new Map(placements.map((placement) => [placement.tile, placement]));
  return tiles.flatMap((tile) => {
    const placement = byId.get(tile.id);
    if (tile.section !== section || !placement) return [];
    const { widthPx: w, heightPx: h } = tile;
    const at = (x: number, y: number): readonly [number, number] => applyAffine(placement.stackFromTile, x, y);
    return [
      {
        placement,
        widthPx: w,
        heightPx: h,
        name: withoutExtension(tile.name),
        corners: [at(0, 0), at(w, 0), at(w, h), at(0, h)],
        box: boundsOfTile(placement.stackFromTile, w, h),
        centre: at(w / 2, h / 2),
      },
    ];
  });
}

function mapLinks(links: readonly Link[], tiles: readonly MapTile[], section: number | null): readonly MapLink[] {
  const centres = new Map(tiles.map((tile) => [tile.placement.tile, tile.centre]));
  return links.flatMap((link) => {
    const from = centres.get(link.tileA);
    const to = centres.get(link.tileB);
    return link.section === section && from && to ? [{ link, from, to }] : [];
  });
}

/** 95 % of the residuals that count; never so small that noise looks like trouble. */
function topResidual(links: readonly Link[]): number {
  const kept = links.flatMap((link) => (link.state === 'kept' ? link.residualPx : [])).toSorted((a, b) => a - b);
  return Math.max(0.5, kept[Math.floor(0.95 * (kept.length - 1))] ?? 1);
}

function linkAt(links: readonly MapLink[], x: number, y: number, within: number): MapLink | null {
  const near = links
    .map((one) => ({ one, distance: distanceTo(one, x, y) }))
    .filter(({ distance }) => distance <= within);
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.one ?? null;
}

function distanceTo({ from, to }: MapLink, x: number, y: number): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const along = Math.max(0, Math.min(1, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
}

const ramp = `linear-gradient(to right, ${[0.25, 0.5, 0.75, 1].map((at) => css(viridis(at))).join(', ')})`;

function Legend({ topPx, stage }: { readonly topPx: number; readonly stage: boolean }): ReactNode {
  return (
    <div className="legend">
      <span>Residual</span>
      <span className="mono">0</span>
      <span className="ramp" style={{ background: ramp }} aria-hidden />
      <span className="mono">{formatPixels(topPx)}</span>
      <span className="legend-dropped">
        <span className="line dashed" aria-hidden />
        dropped
      </span>
      {stage && (
        <span className="legend-stage">
          <span className="line dashed" aria-hidden />
          placed by the stage
        </span>
      )}
    </div>
  );
}
