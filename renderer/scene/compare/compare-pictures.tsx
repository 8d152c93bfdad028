import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { ReactNode, RefObject } from 'react';
import type { Rect } from '../../../preload/contract/space.ts';
import { boundsOfTile } from '../../../preload/contract/space.ts';
import { useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import type { SectionOfStack, SectionPicture } from '../../state/compare.ts';
import { setCompareAt, setDifference, useCompare } from '../../state/compare.ts';
import type { PlaneCamera } from '../plane/camera.ts';
import { unionOf } from '../plane/camera.ts';
import type { Drawing, PlaneHandle } from '../plane/plane-canvas.tsx';
import { PlaneCanvas } from '../plane/plane-canvas.tsx';
import type { Painted } from './draw-compare.ts';
import { drawCompare } from './draw-compare.ts';
import type { Difference } from './grey-window.ts';
import { differenceOf, paintGrey, windowOf } from './grey-window.ts';
import { SectionPictures } from './section-pictures.ts';
import { wantedBox } from './wanted-box.ts';

/** A section of the stack and another picture over each other: of another version, or of the section before. */
export function ComparePictures({ other }: { readonly other: SectionOfStack }): ReactNode {
  const { stack, section } = useAssemble();
  const dataset = useBoard((s) => s.dataset);
  const { mode, at, showsOther } = useCompare();
  const handle = useRef<PlaneHandle | null>(null);
  const widthPx = useRef(0);
  const box = useSectionBox();
  const pair = usePair(other, stack, section, handle);
  const draw = (drawing: Drawing): void => {
    widthPx.current = drawing.size.width;
    const { current } = pair;
    if (!current || !box) return;
    const wanted = wantedBox(drawing.camera, drawing.size, box, devicePixelRatio);
    if (wanted) for (const pictures of [current.other, current.own]) pictures.want(wanted.rect, wanted.scale);
    drawCompare(drawing, current.painted(current.other), current.painted(current.own), { mode, at, showsOther });
  };
  const onClick = (x: number, _y: number, camera: PlaneCamera): void => {
    if (mode === 'slide') setCompareAt(0.5 + ((x - camera.x) * camera.pxPerUnit) / Math.max(1, widthPx.current));
  };
  const ready = useCallback((made: PlaneHandle) => {
    handle.current = made;
  }, []);
  return (
    <PlaneCanvas
      label={`${other.stack === stack ? `Sections ${section ?? '–'} and ${other.section}` : `Section ${section ?? '–'} in two versions of the stack`}. A click puts the slider there.`}
      box={box}
      fitKey={`${dataset} ${box !== null}`}
      draw={draw}
      onClick={onClick}
      onReady={ready}
    />
  );
}

/** Around all tiles of the section that is looked at. */
function useSectionBox(): Rect | null {
  const { placements, section } = useAssemble();
  const tiles = useBoard((s) => s.tiles);
  return useMemo(() => {
    const sizes = new Map((tiles ?? []).filter((tile) => tile.section === section).map((tile) => [tile.id, tile]));
    const boxes = (placements ?? []).flatMap(({ tile, stackFromTile }) => {
      const found = sizes.get(tile);
      return found ? [boundsOfTile(stackFromTile, found.widthPx, found.heightPx)] : [];
    });
    return unionOf(boxes);
  }, [placements, section, tiles]);
}

/** Both pictures, under one window of grey levels, each painted once. */
class Pair {
  readonly other: SectionPictures;
  readonly own: SectionPictures;
  #window: readonly [number, number] | null = null;
  readonly #painted = new Map<SectionPicture, Painted>();

  constructor(other: SectionOfStack, own: SectionOfStack, onArrival: () => void) {
    this.other = new SectionPictures(other.stack, other.section, onArrival);
    this.own = new SectionPictures(own.stack, own.section, onArrival);
  }

  painted({ picture }: SectionPictures): Painted | null {
    if (!picture) return null;
    const found = this.#painted.get(picture);
    if (found) return found;
    this.#window ??= windowOf([picture]);
    const made = { rect: picture.rect, canvas: paintGrey(picture, this.#window) };
    for (const old of this.#painted.keys())
      if (old !== this.other.picture && old !== this.own.picture) this.#painted.delete(old);
    this.#painted.set(picture, made);
    return made;
  }

  difference(): Difference | null {
    const [a, b] = [this.other.picture, this.own.picture];
    return a && b ? differenceOf(a, b) : null;
  }

  dispose(): void {
    this.other.dispose();
    this.own.dispose();
  }
}

function usePair(
  { stack: otherStack, section: otherSection }: SectionOfStack,
  own: string | null,
  section: number | null,
  handle: RefObject<PlaneHandle | null>,
): { readonly current: Pair | null } {
  const pair = useRef<Pair | null>(null);
  useEffect(() => {
    if (own === null || section === null) return;
    const other = { stack: otherStack, section: otherSection };
    const made = new Pair(other, { stack: own, section }, () => {
      setDifference(made.difference());
      handle.current?.invalidate();
    });
    pair.current = made;
    handle.current?.invalidate();
    return () => {
      pair.current = null;
      setDifference(null);
      made.dispose();
    };
  }, [otherStack, otherSection, own, section, handle]);
  return pair;
}
