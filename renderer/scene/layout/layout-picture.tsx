import { useCallback, useMemo, useRef } from 'react';
import type { ReactNode } from 'react';
import type { CheckedPlace } from '../../../preload/contract/registration.ts';
import type { Rect } from '../../../preload/contract/space.ts';
import { useBoard } from '../../state/board.ts';
import { useThumbnailPages } from '../board/use-thumbnail-pages.ts';
import type { Placed } from '../board/thumbnail-pages.ts';
import { toScreen, unionOf } from '../plane/camera.ts';
import type { Drawing, PlaneHandle } from '../plane/plane-canvas.tsx';
import { PlaneCanvas } from '../plane/plane-canvas.tsx';

interface LayoutPictureProps {
  readonly places: readonly CheckedPlace[];
  readonly reading: 'asWritten' | 'asItFits';
}

interface DrawnTile {
  readonly tile: number;
  /** Place among the files, from 1. */
  readonly number: number;
  readonly box: Rect;
}

/** Tiles of a layout in one reading, numbered in the order of their files: a wrong order is seen at once. */
export function LayoutPicture({ places, reading }: LayoutPictureProps): ReactNode {
  const dataset = useBoard((s) => s.dataset);
  const tiles = useBoard((s) => s.tiles);
  const handle = useRef<PlaneHandle | null>(null);
  const pages = useThumbnailPages(dataset, handle);
  const drawn = useMemo((): readonly DrawnTile[] => {
    const sizes = new Map(tiles?.map((tile) => [tile.id, tile]));
    return places
      .toSorted((a, b) => a.tile - b.tile)
      .map(({ tile, ...readings }, i) => {
        const [x, y] = readings[reading];
        const { widthPx = 1, heightPx = 1 } = sizes.get(tile) ?? {};
        const [w, h] = [widthPx / 2, heightPx / 2];
        return { tile, number: i + 1, box: { minX: x - w, maxX: x + w, minY: y - h, maxY: y + h } };
      });
  }, [places, reading, tiles]);
  const box = useMemo(() => unionOf(drawn.map((one) => one.box)), [drawn]);
  const draw = (drawing: Drawing): void => {
    for (const one of drawn) drawTile(drawing, one, pages.current?.get(one.tile));
    for (const one of drawn) drawNumber(drawing, one);
    pages.current?.want(drawn.map(({ tile }) => tile));
  };
  const ready = useCallback((made: PlaneHandle) => {
    handle.current = made;
  }, []);
  const words = reading === 'asWritten' ? 'as the layout is written' : 'as their pictures fit';
  return (
    <PlaneCanvas
      label={`${drawn.length} tiles ${words}, numbered in the order of the files.`}
      box={box}
      fitKey={`${dataset} ${reading} ${drawn.length}`}
      draw={draw}
      onReady={ready}
    />
  );
}

function drawTile({ context, camera, size }: Drawing, { box }: DrawnTile, picture: Placed | undefined): void {
  const [x, y] = toScreen(camera, size, box.minX, box.minY);
  const [width, height] = [(box.maxX - box.minX) * camera.pxPerUnit, (box.maxY - box.minY) * camera.pxPerUnit];
  if (picture) {
    // Half through, so that what overlaps is seen to fit or not.
    context.globalAlpha = 0.75;
    context.drawImage(picture.page, picture.x, picture.y, picture.width, picture.height, x, y, width, height);
    context.globalAlpha = 1;
  }
  context.lineWidth = 1;
  context.strokeStyle = '#6b7078';
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
}

function drawNumber({ context, camera, size }: Drawing, { box, number }: DrawnTile): void {
  const [x, y] = toScreen(camera, size, (box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2);
  context.font = "500 13px 'JetBrains Mono Variable', monospace";
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const { width } = context.measureText(`${number}`);
  context.fillStyle = 'rgb(14 14 16 / 78%)';
  context.beginPath();
  context.roundRect(x - width / 2 - 5, y - 10, width + 10, 20, 4);
  context.fill();
  context.fillStyle = '#e8e9ec';
  context.fillText(`${number}`, x, y + 1);
}
