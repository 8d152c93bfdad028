import { Combine, Ruler } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DeformableNumbers } from '../../../preload/contract/deform.ts';
import type { AffineNumbers, Registration } from '../../../preload/contract/register.ts';
import { useAtlases } from '../../state/atlases.ts';
import { isOfAtlas } from '../../state/of-atlas.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { beginsOf } from '../../state/orientation.ts';
import { addWithVoxels } from '../../state/register/affine.ts';
import { selectedRegistration, useRegister, volumeNamed } from '../../state/register/register.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Empty } from '../../ui/empty.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { formatCount, formatExtent, formatNumber, formatPercent, formatUm, withMinus } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { EvaluationSection } from './evaluation-section.tsx';
import { ImportedSection } from './imported-section.tsx';
import { verdictTone } from '../assemble/verdict-tone.ts';

/** The registration that is looked at: how far it may be trusted, and what was measured. */
export function RegisterInspector(): ReactNode {
  const registration = useRegister(selectedRegistration);
  if (!registration) return <NotYet />;
  const { affine, deformable, evaluation, imported } = registration.numbers;
  return (
    <>
      <Verdict registration={registration} />
      {evaluation && <EvaluationSection evaluation={evaluation} />}
      {imported && <ImportedSection imported={imported} />}
      {deformable && <Bent numbers={deformable} />}
      {affine && <Orientation affine={affine} fixed={registration.fixed} />}
      {affine && <Measured affine={affine} />}
    </>
  );
}

function NotYet(): ReactNode {
  return (
    <Empty icon={Combine} title="Not registered yet">
      The planes show the two volumes middle on middle. Afterwards: the verdict with its reasons, the orientation that
      was found, and what was measured.
    </Empty>
  );
}

function Verdict({ registration }: { readonly registration: Registration }): ReactNode {
  const { id, name, verdict, reasons, fixed, moving } = registration;
  const [word, tone] = verdictTone[verdict];
  return (
    <Section title={name} aside={<Badge tone={tone}>{word}</Badge>}>
      {reasons.length > 0 ? (
        <ul className="reasons" aria-label="Why">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : (
        <p className="muted">Nothing measured speaks against it. Look at it all the same.</p>
      )}
      <OtherVoxels registration={registration} />
      <Facts
        facts={[
          { name: 'Fixed', value: volumeNamed(fixed)?.name ?? 'not in the library' },
          { name: 'Moving', value: volumeNamed(moving)?.name ?? 'not in the library' },
        ]}
      />
      <Copyable label="registration id" text={id} />
    </Section>
  );
}

/** The mend of voxels that are not as large as they say, where the volume can be added again. */
function OtherVoxels({ registration: { moving, numbers } }: { readonly registration: Registration }): ReactNode {
  const fitting = numbers.affine?.fittingVoxelSizeNm;
  const volume = volumeNamed(moving);
  const adding = useJobs((s) => activeJob(s.jobs, 'volume.add') !== undefined);
  if (!fitting || !volume || volume.source.kind === 'library') return null;
  return (
    <Button
      size="small"
      icon={Ruler}
      whyNot={adding ? 'A volume is being added already' : null}
      onClick={() => void addWithVoxels(moving, fitting)}
    >
      Add it with voxels of {formatExtent(fitting)}
    </Button>
  );
}

const axesText = (axes: readonly string[]): string => axes.map(withMinus).join(', ');

interface OrientationProps {
  readonly affine: AffineNumbers;
  /** The volume that it is told in. */
  readonly fixed: string;
}

function Orientation({ affine, fixed }: OrientationProps): ReactNode {
  const { best, runnerUp, ambiguous, mirrored } = affine;
  const orientation = useAtlases((s) => s.atlases.find((one) => isOfAtlas(one, fixed))?.orientation);
  const begins = orientation && beginsOf(best.axes, orientation);
  const badge = ambiguous ? (
    <Badge tone="warn">Ambiguous</Badge>
  ) : mirrored ? (
    <Badge tone="warn">Mirrored</Badge>
  ) : undefined;
  return (
    <Section title="Orientation" aside={badge}>
      <Facts
        facts={[
          {
            name: 'Along x, y, z',
            value: axesText(best.axes),
            about: 'The axes of the moving volume that run along x, y and z of the fixed one.',
          },
          ...(begins
            ? [
                {
                  name: 'It begins',
                  value: begins,
                  about: 'Where x, y and z of the moving volume begin, as the atlas says where its own do.',
                },
              ]
            : []),
          ...(runnerUp
            ? [
                { name: 'Next best', value: axesText(runnerUp.axes) },
                {
                  name: 'Told apart by',
                  value: `${best.score.toFixed(2)} to ${runnerUp.score.toFixed(2)} nats`,
                  about:
                    'Information shared by the best and by the next best: nearly alike means that either may be right.',
                },
              ]
            : []),
        ]}
      />
    </Section>
  );
}

const metricWords = { cc: 'local correlation', ssd: 'squared differences', mi: 'mutual information' } as const;

function Bent({ numbers }: { readonly numbers: DeformableNumbers }): ReactNode {
  const { logJacobian, inverseErrorUm } = numbers;
  return (
    <Section title="Bent">
      <Facts
        facts={[
          {
            name: 'By',
            value: `${metricWords[numbers.metric]}${numbers.contrast === 'cubic' ? ', fitted contrast' : ''}`,
          },
          {
            name: 'Mismatch',
            value: `${withMinus(formatNumber(numbers.dataBefore))} → ${withMinus(formatNumber(numbers.dataAfter))}`,
            about: 'At the finest level, as the affine map leaves it and after bending: lower is closer.',
          },
          {
            name: 'Volumes change by',
            value: logJacobian
              ? `${formatNumber(Math.exp(logJacobian[0]))} to ${formatNumber(Math.exp(logJacobian[1]))}`
              : 'it folds',
          },
          { name: 'Folded', value: numbers.folded === 0 ? 'nowhere' : formatPercent(numbers.folded) },
          { name: 'Moved at most', value: formatUm(numbers.mostDisplacementUm) },
          {
            name: 'There and back',
            value: `${formatUm(inverseErrorUm[0])}, most ${formatUm(inverseErrorUm[1])}`,
            about: 'How far a point is from where it began after both maps.',
          },
          { name: 'Smooth over', value: formatUm(numbers.smoothUm) },
          { name: 'Finest level', value: formatUm(numbers.finestUm) },
          ...(numbers.missing ? [{ name: 'Tissue in both', value: formatPercent(numbers.weight) }] : []),
        ]}
      />
    </Section>
  );
}

function Measured({ affine }: { readonly affine: AffineNumbers }): ReactNode {
  const facts: Fact[] = [
    {
      name: 'Information shared',
      value: `${affine.miBefore.toFixed(2)} → ${affine.mi.toFixed(2)} nats`,
      about: 'Mutual information over the overlap, before and as registered.',
    },
    {
      name: 'Of what could be',
      value: formatPercent(affine.shared),
      about: 'Mutual information over the entropy of the plainer volume.',
    },
    {
      name: 'Overlap',
      value: formatPercent(affine.overlap),
      about: 'Of what stands out in the fixed volume, the part inside of the moving one.',
    },
    {
      name: 'Inside the fixed',
      value: formatPercent(affine.seen),
      about: 'Of the moving volume, the part inside of the fixed one.',
    },
    {
      name: 'Stretched',
      value: affine.stretchXyz.map((by) => by.toFixed(2)).join(' × '),
      about: 'Along x, y, z of the moving volume.',
    },
    ...(affine.fittingVoxelSizeNm
      ? [
          {
            name: 'Fitting voxels',
            value: formatExtent(affine.fittingVoxelSizeNm),
            about: 'What voxels of the moving volume would measure if they are as large as the fixed one says.',
          },
        ]
      : []),
    { name: 'Compared at', value: formatUm(affine.resolutionUm) },
    { name: 'Samples', value: formatCount(affine.samples) },
  ];
  return (
    <Section title="Affine">
      <Facts facts={facts} />
    </Section>
  );
}
