import { Boxes } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import type { Block, BlockLink } from '../../../preload/contract/block.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { missOf, useBlocks, worstLinksFirst } from '../../state/blocks.ts';
import { css, viridis } from '../../ui/colour-maps.ts';
import { Empty } from '../../ui/empty.tsx';
import './block-map.css';

/** The blocks as they were placed, drawn as boxes from above and in front, links coloured by how far they miss. */
export function BlockMap(): ReactNode {
  const { blocks, links, placements } = useBlocks();
  const places = useMemo(() => new Map(placements.map(({ block, place }) => [block, place])), [placements]);
  if (blocks.length === 0) {
    return (
      <Empty icon={Boxes} title="No 3-D blocks yet">
        Import a grid of stacks at the left. You get a map of every block and overlap with how well it fits, and a
        verdict.
      </Empty>
    );
  }
  const drawn = blocks.map((block) => boxOf(block, places.get(block.id) ?? block.stage));
  const top = Math.max(0.5, ...links.filter(({ state }) => state === 'kept').map(missOf));
  return (
    <div className="block-map">
      <svg
        viewBox={viewBoxOf(drawn)}
        role="img"
        aria-label={`Map of ${blocks.length} blocks and ${links.length} overlaps`}
      >
        {drawn
          .toSorted((a, b) => a.depth - b.depth)
          .map((box) => (
            <Box key={box.block.id} box={box} />
          ))}
        {links.map((link) => (
          <LinkLine key={`${link.blockA}-${link.blockB}`} link={link} drawn={drawn} top={top} />
        ))}
        {drawn.map((box) => (
          <BoxName key={box.block.id} box={box} />
        ))}
      </svg>
      {links.length > 0 && <Legend top={top} />}
      {links.length > 0 && <Worst blocks={blocks} links={links} />}
    </div>
  );
}

interface DrawnBox {
  readonly block: Block;
  /** Three visible faces, each four corners. */
  readonly faces: readonly (readonly Point[])[];
  readonly middle: Point;
  readonly depth: number;
}

type Point = readonly [number, number];

/** x to the right, y down, z back and up, at half its length. */
const project = ([x, y, z]: Vec3): Point => [x + 0.35 * z, y - 0.35 * z];

function boxOf(block: Block, place: Vec3): DrawnBox {
  const [w, h, d] = block.sizeXyz;
  const at = (x: number, y: number, z: number): Point =>
    project([place[0] + x * w, place[1] + y * h, place[2] + z * d]);
  return {
    block,
    faces: [
      [at(0, 0, 0), at(1, 0, 0), at(1, 1, 0), at(0, 1, 0)],
      [at(0, 0, 0), at(1, 0, 0), at(1, 0, 1), at(0, 0, 1)],
      [at(1, 0, 0), at(1, 0, 1), at(1, 1, 1), at(1, 1, 0)],
    ],
    middle: at(0.5, 0.5, 0),
    depth: place[1] - place[0] - place[2],
  };
}

function viewBoxOf(boxes: readonly DrawnBox[]): string {
  const points = boxes.flatMap(({ faces }) => faces.flat());
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, topmost] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - topmost];
  const margin = 0.03 * Math.max(width, height);
  return [left - margin, topmost - margin, width + 2 * margin, height + 2 * margin].join(' ');
}

function Box({ box: { block, faces } }: { readonly box: DrawnBox }): ReactNode {
  const [front, ...others] = faces;
  const path = (face: readonly Point[] | undefined): string => (face ?? []).map((point) => point.join(',')).join(' ');
  const words = block.reasons.length > 0 ? `: ${block.reasons.join('; ')}` : '';
  return (
    <g className={`block ${block.verdict}`}>
      <title>{`${block.name}${words}`}</title>
      {others.map((face, i) => (
        <polygon key={i} className="side" points={path(face)} />
      ))}
      <polygon points={path(front)} />
    </g>
  );
}

/** Over all boxes, which hide each other. */
function BoxName({ box: { block, middle } }: { readonly box: DrawnBox }): ReactNode {
  const size = Math.max(4, Math.min(block.sizeXyz[0], block.sizeXyz[1]) / 9);
  return (
    <text x={middle[0]} y={middle[1]} fontSize={size}>
      {block.row === null || block.column === null ? block.id : `${block.row}, ${block.column}`}
    </text>
  );
}

interface LineProps {
  readonly link: BlockLink;
  readonly drawn: readonly DrawnBox[];
  readonly top: number;
}

function LinkLine({ link, drawn, top }: LineProps): ReactNode {
  const middle = (id: number): Point | undefined => drawn.find(({ block }) => block.id === id)?.middle;
  const [a, b] = [middle(link.blockA), middle(link.blockB)];
  if (!a || !b) return null;
  const isKept = link.state === 'kept';
  // Between the names, over the overlap.
  const between = (t: number): Point => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  const [from, to] = [between(0.28), between(0.72)];
  return (
    <line
      className={`link ${link.state}`}
      {...{ x1: from[0], y1: from[1], x2: to[0], y2: to[1] }}
      {...(isKept && { stroke: css(viridis(0.25 + 0.75 * Math.min(1, missOf(link) / top))) })}
    >
      <title>{linkWords(link)}</title>
    </line>
  );
}

const linkWords = (link: BlockLink): string =>
  link.state === 'kept'
    ? `misses by ${missOf(link).toFixed(3)} voxels, correlation ${link.ncc.toFixed(2)}`
    : `not used: ${link.reason}`;

function Legend({ top }: { readonly top: number }): ReactNode {
  const ramp = [0.25, 0.5, 0.75, 1].map((at) => css(viridis(at))).join(', ');
  return (
    <p className="residual-key faint">
      <span className="mono">0</span>
      <span className="ramp" style={{ background: `linear-gradient(to right, ${ramp})` }} />
      <span className="mono">{top.toFixed(2)} voxels</span> that a link misses by; dashed: not used
    </p>
  );
}

const mostRows = 200;

function Worst({
  blocks,
  links,
}: {
  readonly blocks: readonly Block[];
  readonly links: readonly BlockLink[];
}): ReactNode {
  const names = new Map(blocks.map(({ id, name }) => [id, name]));
  return (
    // What scrolls must be reached by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="worst" aria-label="Overlaps, worst first" tabIndex={0}>
      <table>
        <caption>Overlaps, worst first</caption>
        <thead>
          <tr>
            <th scope="col">Blocks</th>
            <th scope="col">Shift x, y, z</th>
            <th scope="col">Correlation</th>
            <th scope="col">Misses by</th>
            <th scope="col">Used</th>
          </tr>
        </thead>
        <tbody>
          {worstLinksFirst(links)
            .slice(0, mostRows)
            .map((link) => (
              <tr key={`${link.blockA}-${link.blockB}`}>
                <td>{`${names.get(link.blockA)} and ${names.get(link.blockB)}`}</td>
                <td className="mono">{link.shift.map((v) => v.toFixed(2)).join(', ')}</td>
                <td className="mono">{link.ncc.toFixed(2)}</td>
                <td className="mono">{link.state === 'weak' ? '' : missOf(link).toFixed(3)}</td>
                <td>{link.state === 'kept' ? 'yes' : link.reason}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
