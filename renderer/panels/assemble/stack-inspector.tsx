import { Box, FileText, Layers, LayoutGrid } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StackSummary } from '../../../preload/contract/library.ts';
import type { Link } from '../../../preload/contract/registration.ts';
import { linkKey, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { useLibrary } from '../../state/library.ts';
import { goTo, setSession, useSession } from '../../state/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Empty } from '../../ui/empty.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { formatCount, formatNumber, formatPixels } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';
import { isMeasured, verdictOf } from './verdict-tone.ts';
import { stateWords } from './link-table.tsx';
import { StackSection } from './stack-section.tsx';

export function StackInspector(): ReactNode {
  const id = useSession((s) => s.stack);
  const stack = useLibrary((s) => s.library?.stacks.find((one) => one.id === id));
  const link = useAssemble((s) => s.links?.find((one) => linkKey(one) === s.selected));
  if (!stack) {
    return (
      <Empty icon={Layers} title="No result yet">
        After stitching: the verdict and its reasons, the residuals, and the next step.
      </Empty>
    );
  }
  return (
    <>
      <Verdict stack={stack} />
      {link && <LinkDetail link={link} />}
      <Next stack={stack} />
      <StackSection stack={stack} />
    </>
  );
}

function Verdict({ stack }: { readonly stack: StackSummary }): ReactNode {
  const [word, tone] = verdictOf(stack);
  return (
    <Section title={`Version ${stack.version}, ${stack.model}`} aside={<Badge tone={tone}>{word}</Badge>}>
      {stack.reasons.length > 0 && (
        <ul className="reasons" aria-label="Why">
          {stack.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Facts facts={[{ name: 'Tiles', value: formatCount(stack.tiles) }, ...(isMeasured(stack) ? fitOf(stack) : [])]} />
      <Copyable label="stack id" text={stack.id} />
    </Section>
  );
}

/** How well its links fit. */
function fitOf(stack: StackSummary): readonly Fact[] {
  if (stack.madeBy === 'channels') return fitInFrame(stack);
  if (stack.madeBy === 'align') return fitOfSections(stack);
  const used = stack.links - stack.dropped;
  return [
    {
      name: 'Links used',
      value: `${formatCount(used)} of ${formatCount(stack.links)}`,
      about: 'Overlaps that match well enough and fit the others.',
    },
    {
      name: 'RMS residual',
      value: formatPixels(stack.rmsPx),
      about: 'Root mean square distance of matched points after the solve.',
    },
    { name: 'Worst residual', value: formatPixels(stack.maxPx) },
  ];
}

/** Of an alignment, links are the pairs of sections that were used. */
const fitOfSections = (stack: StackSummary): readonly Fact[] => [
  {
    name: 'Pairs used',
    value: `${formatCount(stack.links - stack.dropped)} of ${formatCount(stack.links)}`,
    about: 'Sections that were found in each other, with enough blocks that match.',
  },
  {
    name: 'Blocks lie apart',
    value: formatPixels(stack.rmsPx),
    about: 'Median distance of matched blocks of two sections, now.',
  },
  { name: 'Worst pair', value: formatPixels(stack.maxPx), about: '95 % of its blocks lie within this.' },
];

/** Of a session brought to a frame, links are its sections. */
const fitInFrame = (stack: StackSummary): readonly Fact[] => [
  {
    name: 'Sections in the frame',
    value: `${formatCount(stack.links - stack.dropped)} of ${formatCount(stack.links)}`,
    about: 'Those that were found and matched; the others are left out.',
  },
  {
    name: 'Blocks agree to',
    value: formatPixels(stack.rmsPx),
    about: 'Median distance of blocks from where those around them say, each left out of what it is held against.',
  },
  { name: 'Worst section', value: formatPixels(stack.maxPx), about: '95 % of its blocks lie within this.' },
];

function LinkDetail({ link }: { readonly link: Link }): ReactNode {
  const tiles = useBoard((s) => s.tiles);
  const name = (id: number): string => tiles?.find((tile) => tile.id === id)?.name ?? `tile ${id}`;
  const [word, tone] = stateWords[link.state];
  return (
    <Section title="Link" aside={<Badge tone={tone}>{word}</Badge>}>
      <p className="selectable">
        {name(link.tileA)} and {name(link.tileB)}
      </p>
      {link.reason && <p className="muted selectable">{link.reason}</p>}
      <Facts
        facts={[
          {
            name: 'Correlation',
            value: formatNumber(link.ncc),
            about: 'Normalised cross-correlation of the true overlap, -1 to 1.',
          },
          {
            name: 'Peak ratio',
            value: formatNumber(link.peakRatio),
            about: 'First peak over second: near 1 is ambiguous.',
          },
          { name: 'Residual', value: formatPixels(link.residualPx) },
          { name: 'Points', value: link.points },
        ]}
      />
    </Section>
  );
}

function Next({ stack }: { readonly stack: StackSummary }): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes);
  const fused = volumes?.find((volume) => volume.stack === stack.id);
  const view = (): void => {
    setSession({ volume: fused?.id ?? null });
    goTo('view');
  };
  return (
    <Section title="Next">
      <div className="stack">
        {fused ? (
          <Button tone="primary" icon={Box} onClick={view}>
            View the fused volume
          </Button>
        ) : (
          <p className="muted">
            Fuse when the links look right: blended seams, every resolution level, ready to view and publish.
          </p>
        )}
        <ActionButton id="stitch.view" icon={LayoutGrid}>
          Look at the tiles in View
        </ActionButton>
        <ActionButton id="stitch.fuse" icon={Layers} tone={fused ? 'plain' : 'primary'}>
          {fused ? 'Fuse again' : 'Fuse into a volume'}
        </ActionButton>
        <ActionButton id="stitch.report" icon={FileText}>
          Write a report…
        </ActionButton>
      </div>
    </Section>
  );
}
