import type { ReactNode } from 'react';
import type { DiceByRegion, Evaluation, LandmarkErrors } from '../../../preload/contract/registration-evaluation.ts';
import { useAtlases } from '../../state/atlases.ts';
import { useRegister } from '../../state/register/register.ts';
import { Badge } from '../../ui/badge.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { formatCount, formatNumber, formatPercent, formatUm } from '../../ui/format.ts';
import { RowList } from '../../ui/row-list.tsx';
import { Section } from '../../ui/section.tsx';
import { verdictTone } from '../assemble/verdict-tone.ts';
import { JacobianHistogram } from './jacobian-histogram.tsx';

/** What was measured of a registration after it was made. */
export function EvaluationSection({ evaluation }: { readonly evaluation: Evaluation }): ReactNode {
  const [word, tone] = verdictTone[evaluation.verdict];
  const { dice, landmarksUm } = evaluation;
  return (
    <>
      <Section title="Measured afterwards" aside={<Badge tone={tone}>{word}</Badge>}>
        {evaluation.reasons.length > 0 && (
          <ul className="reasons" aria-label="Why it was measured so">
            {evaluation.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <Facts facts={factsOf(evaluation)} />
      </Section>
      {dice && <Dice dice={dice} />}
      {landmarksUm && <Landmarks errors={landmarksUm} />}
      <Section title="Change of volume">
        <JacobianHistogram jacobian={evaluation.jacobian} />
      </Section>
    </>
  );
}

const factsOf = (evaluation: Evaluation): readonly Fact[] => [
  {
    name: 'Alike',
    value: `${formatPercent(evaluation.similarityBefore)} → ${formatPercent(evaluation.similarityAfter)}`,
    about: 'Information that the two share, of that of the plainer one: middle on middle, and as registered.',
  },
  {
    name: 'There and back',
    value: `${formatUm(evaluation.inverseUm.mean)}, most ${formatUm(evaluation.inverseUm.most)}`,
    about: 'How far a point is from where it began after both maps.',
  },
  {
    name: 'Folded',
    value: evaluation.jacobian.folded === 0 ? 'nowhere' : formatPercent(evaluation.jacobian.folded),
    about: 'Part of the fixed volume where the map turns tissue inside out.',
  },
  { name: 'Looked every', value: formatUm(evaluation.resolutionUm) },
];

type Region = DiceByRegion['regions'][number];

/** Worst first: what does not fit is what one wants to see. */
function Dice({ dice }: { readonly dice: DiceByRegion }): ReactNode {
  const isCompared = dice.against !== undefined;
  const fixed = useRegister((s) => s.fixed);
  const atlas = useAtlases((s) => s.atlases.find(({ template }) => template === fixed));
  const nameOf = (label: string): string | undefined => atlas?.tree[atlas.atOf.get(label) ?? -1]?.name;
  const rows = dice.regions.toSorted((a, b) => a.dice - b.dice);
  return (
    <Section title="Overlap by region (Dice)" aside={<span className="mono">{dice.mean.toFixed(3)}</span>}>
      {dice.against && (
        <p className="muted">
          The other registration: <span className="mono">{dice.against.mean.toFixed(3)}</span> on average.
        </p>
      )}
      <div className="reg-dice">
        <RowList<Region>
          rows={rows}
          keyOf={({ id }) => id}
          selected={null}
          onSelect={() => undefined}
          label="Overlap by region, worst first"
          rowClass="reg-dice-row"
          rowRem={1.9}
          columns={['Region', 'Voxels', 'Dice', isCompared ? 'Other' : '']}
          cells={(row) => (
            <>
              <span className="truncate" title={nameOf(row.id) ?? `label ${row.id}`}>
                {nameOf(row.id) ?? <span className="mono">{row.id}</span>}
              </span>
              <span className="mono">{formatCount(row.voxelsFixed)}</span>
              <span className="mono">{row.dice.toFixed(3)}</span>
              <span className="mono">{row.against === undefined ? '' : row.against.toFixed(3)}</span>
            </>
          )}
          empty="No region has voxels in either."
        />
      </div>
    </Section>
  );
}

function Landmarks({ errors }: { readonly errors: LandmarkErrors }): ReactNode {
  return (
    <Section title="Landmarks">
      <Facts
        facts={[
          { name: 'Miss by', value: formatUm(errors.mean), about: 'On average, from where each belongs.' },
          { name: 'Before', value: formatUm(errors.meanBefore) },
          { name: '95 % within', value: formatUm(errors.p95) },
          { name: 'At most', value: formatUm(errors.most) },
          ...(typeof errors.meanAgainst === 'number'
            ? [{ name: 'The other', value: formatUm(errors.meanAgainst) }]
            : []),
          ...errors.each
            .filter(({ um: by }) => by === null)
            .map(({ id }) => ({ name: `Landmark ${id}`, value: 'is led nowhere' })),
        ]}
      />
      <p className="faint">
        {formatCount(errors.each.length)} measured, the farthest off by {formatNumber(errors.most)} µm.
      </p>
    </Section>
  );
}
