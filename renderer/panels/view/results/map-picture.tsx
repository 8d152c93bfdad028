import { memo, useId, useMemo } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { measureText } from '../../../state/figure/paint.ts';
import type { Face } from '../../../state/flat-map/faces.ts';
import { neighbourOf } from '../../../state/flat-map/neighbour.ts';
import { outlinesOf, type KeyPicture, type Outline } from '../../../state/flat-map/outlines.ts';
import { Hatch } from './map-hatch.tsx';
import { tileWords, type MapLooks } from './map-looks.ts';

export interface MapPictureProps {
  readonly face: Face;
  /** What its title is followed by. */
  readonly place: string;
  readonly regions: KeyPicture;
  readonly tissue: KeyPicture;
  readonly looksOf: MapLooks['looksOf'];
  /** Room for a line of text around the picture, CSS pixels. */
  readonly em: number;
  /** Of a voxel to the right and down, CSS pixels. */
  readonly voxelPx: readonly [number, number];
  readonly markOf: (key: number) => 'selected' | 'hovered' | null;
  readonly onHover: (key: number | null) => void;
  readonly onSelect: (key: number) => void;
  /** Enter: goes where the region is. */
  readonly onGo: (key: number) => void;
  /** Page Up and Down: slices to go on by. */
  readonly onStep?: ((by: number) => void) | undefined;
}

/** One look at an atlas, its regions in colours. Arrow keys walk from region to region. */
export function MapPicture(props: MapPictureProps): ReactNode {
  const { face, place, regions, tissue, looksOf, em, voxelPx, markOf } = props;
  const id = useId();
  const outlines = useMemo(() => outlinesOf(regions), [regions]);
  const [behind] = useMemo(() => outlinesOf(tissue), [tissue]);
  const [width, height] = [regions.width * voxelPx[0], regions.height * voxelPx[1]];
  const selected = outlines.find(({ key }) => markOf(key) === 'selected');
  return (
    <svg
      className="map-picture"
      data-part
      width={width + 2 * em}
      height={height + 2.6 * em}
      role="listbox"
      tabIndex={0}
      aria-label={`${face.title}${place === '' ? '' : `, ${place}`}`}
      aria-activedescendant={selected && `${id}-${selected.key}`}
      onKeyDown={(event) => pressed(event, props, outlines, selected?.key ?? null)}
      onPointerMove={(event) => props.onHover(keyUnder(event))}
      onPointerLeave={() => props.onHover(null)}
      onClick={(event) => {
        const key = keyUnder(event);
        if (key !== null) props.onSelect(key);
      }}
    >
      <Hatch id={`${id}-none`} scale={1 / voxelPx[0]} />
      <Edges face={face} place={place} em={em} width={width} height={height} />
      <g transform={`translate(${em} ${1.3 * em}) scale(${voxelPx.join(' ')})`}>
        {behind && <path d={behind.path} fill="currentColor" fillOpacity={0.12} />}
        <Tiles outlines={outlines} looksOf={looksOf} id={id} selected={selected?.key ?? null} />
        {outlines.map(({ key, path }) => {
          const mark = markOf(key);
          return mark && <Mark key={key} path={path} mark={mark} />;
        })}
      </g>
    </svg>
  );
}

const keyUnder = ({ target }: { readonly target: EventTarget }): number | null => {
  const key = target instanceof SVGElement ? target.dataset['key'] : undefined;
  return key === undefined ? null : Number(key);
};

function pressed(
  event: KeyboardEvent,
  { onSelect, onGo, onStep }: MapPictureProps,
  outlines: readonly Outline[],
  selected: number | null,
): void {
  const by = { PageUp: -1, PageDown: 1 }[event.key];
  const next = neighbourOf(outlines, selected, event.key);
  if (next) onSelect(next.key);
  else if (event.key === 'Enter' && selected !== null) onGo(selected);
  else if (by !== undefined && onStep) onStep(by);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** What lies beyond each edge, and what the picture is of. */
function Edges({
  face: { title, edges },
  place,
  em,
  width,
  height,
}: Pick<MapPictureProps, 'face' | 'place' | 'em'> & { readonly width: number; readonly height: number }): ReactNode {
  const [middleX, middleY] = [em + width / 2, 1.3 * em + height / 2 + 0.35 * em];
  // Beside what stands at the left, where the picture is narrow.
  const beside = (text: string): number => Math.max(middleX, 1.1 * measureText(text, em) + em);
  return (
    <g fill="currentColor" aria-hidden>
      <text y={0.95 * em} fontWeight={600}>
        {title}
      </text>
      <text x={beside(title)} y={0.95 * em} textAnchor="middle" fillOpacity={0.8}>
        {edges.top}
      </text>
      <text y={middleY} fillOpacity={0.8}>
        {edges.left}
      </text>
      <text x={2 * em + width} y={middleY} textAnchor="end" fillOpacity={0.8}>
        {edges.right}
      </text>
      <text x={beside(place)} y={height + 2.3 * em} textAnchor="middle" fillOpacity={0.8}>
        {edges.bottom}
      </text>
      <text y={height + 2.3 * em} fillOpacity={0.8}>
        {place}
      </text>
    </g>
  );
}

interface TilesProps {
  readonly outlines: readonly Outline[];
  readonly looksOf: MapLooks['looksOf'];
  readonly id: string;
  readonly selected: number | null;
}

/** As the pointer moves, they stay as they are. */
const Tiles = memo(function Tiles({ outlines, looksOf, id, selected }: TilesProps): ReactNode {
  return outlines.map(({ key, path }) => {
    const looks = looksOf(key);
    return (
      <path
        key={key}
        id={`${id}-${key}`}
        data-key={key}
        role="option"
        aria-selected={key === selected}
        aria-label={looks ? tileWords(looks) : ''}
        d={path}
        fill={looks?.colour ?? `url(#${id}-none)`}
        stroke="#000000"
        strokeOpacity={0.6}
        strokeWidth={0.75}
        vectorEffect="non-scaling-stroke"
      />
    );
  });
});

const Mark = ({ path, mark }: { readonly path: string; readonly mark: 'selected' | 'hovered' }): ReactNode => (
  <g data-mark={mark} fill="none" vectorEffect="non-scaling-stroke" pointerEvents="none" strokeLinejoin="round">
    <path d={path} stroke="#000000" strokeWidth={mark === 'selected' ? 5 : 3.5} vectorEffect="non-scaling-stroke" />
    <path d={path} stroke="#ffffff" strokeWidth={mark === 'selected' ? 2.5 : 1.5} vectorEffect="non-scaling-stroke" />
  </g>
);
