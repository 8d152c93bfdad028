import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { linkKey, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import type { SeamLook } from '../../state/seam.ts';
import { setSeamAlong, setSeamLook, setSeamMix, useSeam } from '../../state/seam.ts';
import { formatNumber } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Segmented } from '../../ui/segmented.tsx';

const looks: ReadonlyArray<{ readonly value: SeamLook; readonly label: string; readonly title: string }> = [
  { value: 'beside', label: 'Side by side', title: 'One tile, the other, and what differs' },
  { value: 'blend', label: 'Blend', title: 'One tile over the other; slide from one to the other' },
  { value: 'checker', label: 'Checkerboard', title: 'Squares of one tile and of the other' },
];
const squarePx = 24;
const percent = (v: number): string => `${Math.round(100 * v)} %`;

/** What both tiles of the selected link show of their overlap, as they are placed. */
export function SeamPane(): ReactNode {
  const { seam, problem, look, along, mix } = useSeam();
  const link = useAssemble((s) => s.links?.find((one) => linkKey(one) === s.selected));
  const tiles = useBoard((s) => s.tiles);
  const name = (id: number): string => tiles?.find((tile) => tile.id === id)?.name ?? `tile ${id}`;
  if (!link) return <p className="compare-none muted">Choose a link, on the map or in the list, to see its seam.</p>;
  if (problem !== null) return <p className="compare-none muted selectable">{problem}</p>;
  if (!seam) return <p className="compare-none muted">Reading the two tiles…</p>;
  const { about, a, b, difference } = seam;
  const [nameA, nameB] = [name(link.tileA), name(link.tileB)];
  const size = { width: about.widthPx, height: about.heightPx };
  const isLong = spanOf(about.overlap) > spanOf(about.shown) + 1;
  return (
    <div className="compare">
      <div className="seam-bar">
        <Segmented label="How the seam is shown" value={look} options={looks} onValue={setSeamLook} />
        {look === 'blend' && (
          <LabelledSlider
            label="Second tile"
            value={mix}
            min={0}
            max={1}
            step={0.01}
            text={percent}
            onValue={setSeamMix}
          />
        )}
        {isLong && (
          <LabelledSlider
            label="Along the overlap"
            value={along}
            min={0}
            max={1}
            step={0.05}
            text={percent}
            onValue={setSeamAlong}
          />
        )}
        <span className="faint">
          Correlation as placed <span className="mono">{formatNumber(about.ncc)}</span>
        </span>
      </div>
      <div className="seam-place">
        <div className={`seam-pictures ${shapeOf(size)}`}>
          {look === 'beside' && (
            <>
              <Pixels {...size} pixels={a} caption={nameA} />
              <Pixels {...size} pixels={b} caption={nameB} />
              <Pixels {...size} pixels={difference} caption="Difference" />
            </>
          )}
          {look === 'blend' && <Pixels {...size} pixels={mixed(a, b, mix)} caption={mix < 0.5 ? nameA : nameB} />}
          {look === 'checker' && (
            <Pixels {...size} pixels={checkered(a, b, size.width)} caption={`${nameA} and ${nameB}`} />
          )}
        </div>
      </div>
    </div>
  );
}

/** Wide strips lie below each other, high ones beside each other. */
const shapeOf = ({ width, height }: { readonly width: number; readonly height: number }): string =>
  width > 1.5 * height ? 'in-rows' : height > 1.5 * width ? 'tall' : '';

const spanOf = (rect: {
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
}): number => Math.max(rect.maxX - rect.minX, rect.maxY - rect.minY);

const mixed = (a: Uint8Array, b: Uint8Array, part: number): Uint8Array => a.map((v, i) => v + part * ((b[i] ?? v) - v));

const checkered = (a: Uint8Array, b: Uint8Array, width: number): Uint8Array =>
  a.map((v, i) => {
    const [column, row] = [Math.floor((i % width) / squarePx), Math.floor(i / width / squarePx)];
    return (column + row) % 2 === 0 ? v : (b[i] ?? v);
  });

interface PixelsProps {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly caption: string;
}

function Pixels({ width, height, pixels, caption }: PixelsProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    pixels.forEach((grey, i) => image.data.set([grey, grey, grey, 255], 4 * i));
    context.putImageData(image, 0, 0);
  }, [width, height, pixels]);
  return (
    <figure>
      <canvas ref={canvas} width={width} height={height} role="img" aria-label={caption} />
      <figcaption className="faint" title={caption}>
        {caption}
      </figcaption>
    </figure>
  );
}
