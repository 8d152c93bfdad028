import { useEffect, useMemo, useRef } from 'react';
import type { PointerEvent, ReactNode, WheelEvent } from 'react';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { isNudged, nudgeBy, useNudge } from '../../state/register/nudge.ts';
import {
  crossAt,
  moveCrossing,
  type PlanePicture as Picture,
  setActivePlane,
  usePlanes,
} from '../../state/register/planes.ts';
import { planeAxes } from '../../state/volume-geometry.ts';
import { formatUm } from '../../ui/format.ts';
import { paintPlane, type PlaneStyle, warpedGridPath } from './draw-plane.ts';

interface PlaneProps {
  readonly picture: Picture;
  readonly style: PlaneStyle;
  /** One scale of colours for all planes. */
  readonly mostLog: number;
  /** Where the three planes cross, µm; null: nothing to show or to move. */
  readonly crossUm: Vec3 | null;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

const axisWords = ['x', 'y', 'z'] as const;

/** One plane of the fixed volume with the moving one over it. A click moves the other planes; dragging nudges. */
export function PlanePicture({ picture, style, mostLog, crossUm, width, height }: PlaneProps): ReactNode {
  const active = usePlanes((s) => s.active === picture.plane);
  const nudging = useNudge((s) => s.active);
  const pointer = usePointer(picture);
  const grid = useMemo(() => (style.look === 'grid' ? warpedGridPath(picture) : null), [picture, style.look]);
  const { right, down, normal } = planeAxes[picture.plane];
  const depth = crossUm ? `${axisWords[normal]} ${formatUm(crossUm[normal])}` : '';
  return (
    <figure className={`reg-plane ${active ? 'active' : ''} ${nudging ? 'nudging' : ''}`} style={{ width }}>
      <button
        type="button"
        className="reg-picture"
        style={{ width, height }}
        aria-label={`${picture.plane.toUpperCase()} plane at ${depth}`}
        onFocus={() => setActivePlane(picture.plane)}
        {...pointer}
      >
        <Greys picture={picture} style={style} mostLog={mostLog} />
        <svg viewBox={`0 0 ${picture.width} ${picture.height}`} preserveAspectRatio="none" aria-hidden>
          {grid !== null && <path className="reg-grid" d={grid} />}
          {crossUm && (
            <Cross
              x={(crossUm[right] - picture.originUm[0]) / picture.spacingUm[0]}
              y={(crossUm[down] - picture.originUm[1]) / picture.spacingUm[1]}
              picture={picture}
            />
          )}
        </svg>
      </button>
      <figcaption className="faint">
        <span>{picture.plane.toUpperCase()}</span>
        <span className="mono">{depth}</span>
      </figcaption>
    </figure>
  );
}

/** The pixels alone. */
export function Greys({ picture, style, mostLog }: Pick<PlaneProps, 'picture' | 'style' | 'mostLog'>): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { look, tilePx, mix, inverted } = style;
  const pixels = useMemo(
    () => paintPlane(picture, { look, tilePx, mix, inverted }, mostLog),
    [picture, look, tilePx, mix, inverted, mostLog],
  );
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(pixels, picture.width, picture.height), 0, 0);
  }, [pixels, picture.width, picture.height]);
  return <canvas ref={canvas} width={picture.width} height={picture.height} aria-hidden />;
}

interface CrossProps {
  readonly x: number;
  readonly y: number;
  readonly picture: Picture;
}

const Cross = ({ x, y, picture: { width, height } }: CrossProps): ReactNode => (
  <path className="reg-cross" d={`M0 ${y}H${width}M${x} 0V${height}`} />
);

/** What a press and a drag do: move the cross-hair, or the volume while it is moved by hand. */
function usePointer(picture: Picture) {
  const last = useRef<readonly [number, number] | null>(null);
  const placeOf = (event: PointerEvent<HTMLElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const u = ((event.clientX - box.left) / box.width) * picture.width * picture.spacingUm[0];
    const v = ((event.clientY - box.top) / box.height) * picture.height * picture.spacingUm[1];
    return [u, v];
  };
  const go = (event: PointerEvent<HTMLElement>): void => {
    const [u, v] = placeOf(event);
    const [lastU, lastV] = last.current ?? [u, v];
    last.current = [u, v];
    if (useNudge.getState().active) nudgeBy(picture.plane, u - lastU, v - lastV);
    else crossAt(picture.plane, picture.originUm[0] + u, picture.originUm[1] + v);
  };
  return {
    onWheel: (event: WheelEvent): void => {
      setActivePlane(picture.plane);
      moveCrossing(0, 0, Math.sign(event.deltaY));
    },
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      last.current = null;
      go(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
    },
  };
}

/** Whether something is moved by hand and not kept. */
export const useIsNudged = (): boolean => useNudge(isNudged);
