import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CheckedPlace, LayoutCheck, TriedOrder } from '../../../preload/contract/registration.ts';
import { closeLayoutReport, importInOrder, orderOf } from '../../state/layout-check.ts';
import { session } from '../../state/session.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatPercent } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';
import { nccText } from './alignment-strip.ts';
import './layout-report.css';

const verdictWords: Readonly<Record<LayoutCheck['verdict'], readonly [word: string, tone: Tone, title: string]>> = {
  fits: ['Fits', 'good', 'The layout fits as it is written'],
  reorder: ['Wrong order', 'bad', 'The layout was read in the wrong order'],
  spacing: ['Wrong distances', 'warn', 'The tiles lie nearer or farther apart than the layout says'],
  unclear: ['Not clear', 'warn', 'The overlaps do not say how the layout is to be read'],
};

const nextWords: Readonly<Record<LayoutCheck['verdict'], string>> = {
  fits: 'Nothing to mend: stitch the tiles.',
  reorder:
    'The same files are imported again with their places read so; nothing is read twice, and undo takes it back.',
  spacing: 'Stitching measures the distances anew from what matches, so you can go on.',
  unclear:
    'Look at the tiles: they may be blank, repeat themselves, or not overlap. Then import again with another layout.',
};

export type DrawPlaces = (places: readonly CheckedPlace[], reading: 'asWritten' | 'asItFits') => ReactNode;

/** Whether the places of the layout are what the pictures say: in words, as both readings look, with the mend. */
export function LayoutReport({ found, draw }: { readonly found: LayoutCheck; readonly draw: DrawPlaces }): ReactNode {
  const [word, tone, title] = verdictWords[found.verdict];
  const isOther = found.verdict === 'reorder' || found.verdict === 'spacing';
  return (
    <section className="layout-report" aria-label="What the check of the layout found">
      <header>
        <h2>{title}</h2>
        <Badge tone={tone}>{word}</Badge>
        <IconButton icon={X} label="Close the check of the layout" onClick={closeLayoutReport} />
      </header>
      <p className="selectable">
        {found.finding} <span className="muted">The numbers are the order of the files.</span>
      </p>
      <div className={isOther ? 'layout-pictures two' : 'layout-pictures'}>
        <Picture caption={isOther ? 'As the layout is written' : 'The tiles as the layout has them'}>
          {draw(found.places, 'asWritten')}
        </Picture>
        {isOther && <Picture caption="As the pictures fit">{draw(found.places, 'asItFits')}</Picture>}
      </div>
      <div className="layout-foot">
        <Tried tried={found.tried} />
        <Overlaps overlap={found.overlap} />
        <Faults faults={found.faults} />
        <Mend found={found} />
      </div>
    </section>
  );
}

const Picture = ({ caption, children }: { readonly caption: string; readonly children: ReactNode }): ReactNode => (
  <figure>
    <div>{children}</div>
    <figcaption className="muted">{caption}</figcaption>
  </figure>
);

function Mend({ found }: { readonly found: LayoutCheck }): ReactNode {
  const order = orderOf(found);
  const { dataset } = session();
  return (
    <div className="layout-mend">
      <p className="muted">{nextWords[found.verdict]}</p>
      {order !== null && dataset !== null ? (
        <Button tone="primary" onClick={() => void importInOrder({ dataset, order })}>
          Import again in that order
        </Button>
      ) : (
        found.verdict !== 'unclear' && <ActionButton id="stitch.start" tone="primary" />
      )}
    </div>
  );
}

const mostTried = 5;

/** How well each reading fits: the best first, and as written. */
function Tried({ tried }: { readonly tried: readonly TriedOrder[] }): ReactNode {
  const best = tried.toSorted((a, b) => b.matched / (b.pairs || 1) - a.matched / (a.pairs || 1) || b.ncc - a.ncc);
  const shown = best.filter(({ order }, i) => i < mostTried || order === '');
  return (
    <table aria-label="Readings that were tried">
      <thead>
        <tr>
          <th scope="col">Read</th>
          <th scope="col">Matching overlaps</th>
          <th scope="col">Correlation</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ order, label, matched, pairs, ncc }) => (
          <tr key={order}>
            <th scope="row">{label}</th>
            <td>
              <span className="layout-bar" aria-hidden>
                <span style={{ width: `${(100 * matched) / (pairs || 1)}%` }} />
              </span>
              <span className="mono">
                {matched} of {pairs}
              </span>
            </td>
            <td className="mono">{nccText(ncc)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Overlaps({ overlap }: Pick<LayoutCheck, 'overlap'>): ReactNode {
  const rows = (['x', 'y'] as const).flatMap((axis) => {
    const found = overlap[axis];
    return found ? [{ axis, ...found }] : [];
  });
  if (rows.length === 0) return null;
  return (
    <p className="muted">
      {rows
        .map(
          ({ axis, said, measured }) =>
            `Neighbours along ${axis} overlap by ${formatPercent(measured)}; the layout says ${formatPercent(said)}.`,
        )
        .join(' ')}
    </p>
  );
}

function Faults({ faults }: Pick<LayoutCheck, 'faults'>): ReactNode {
  if (faults.length === 0) return null;
  return (
    <ul className="reasons selectable" aria-label="Tiles that are missing, double or repeated">
      {faults.map(({ subject, message }) => (
        <li key={`${subject} ${message}`}>{message}</li>
      ))}
    </ul>
  );
}
