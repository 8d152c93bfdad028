import { Spline, StepForward } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  type DeformContrast,
  deformJob,
  type DeformMetric,
  setDeform,
  startOfDeform,
  useDeform,
} from '../../state/register/deform.ts';
import { useJobs } from '../../state/jobs.ts';
import { useRegister } from '../../state/register/register.ts';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';
import { Choices } from '../choices.tsx';
import { OwnLength } from '../own-length.tsx';

const metrics: ReadonlyArray<{ readonly value: DeformMetric; readonly title: string; readonly about: string }> = [
  { value: 'mi', title: 'Mutual information', about: 'Whatever the contrasts. Right for most brains.' },
  { value: 'cc', title: 'Local correlation', about: 'Follows borders, for strong shading or uneven light.' },
  { value: 'ssd', title: 'Squared differences', about: 'For the same modality and exposure, or a fitted contrast.' },
];

/** How the moving volume may bend, and the button that begins it. */
export function DeformForm(): ReactNode {
  const { metric, contrast, missing } = useDeform();
  const isRunning = useJobs(() => deformJob() !== undefined);
  const hasStart = useRegister(() => startOfDeform() !== null);
  if (isRunning) return <Running />;
  return (
    <>
      <Choices
        legend="What makes them alike"
        group="deform-metric"
        options={metrics}
        value={metric}
        onValue={(value) => setDeform({ metric: value })}
      />
      {metric === 'ssd' && (
        <SelectField
          label="Contrast"
          value={contrast}
          options={contrasts}
          onValue={(value) => setDeform({ contrast: value })}
        />
      )}
      <label className="check explained">
        <input type="checkbox" checked={missing} onChange={() => setDeform({ missing: !missing })} />
        <span>
          Tissue may be missing
          <span className="muted">
            What only one of the two has (a torn lobe, a bubble) is told apart and left out.
          </span>
        </span>
      </label>
      <div className="align-more">
        <Section title="Advanced" folds startsFolded>
          <MoreOptions />
        </Section>
      </div>
      <p className="faint">
        {hasStart
          ? 'Begins from the affine registration that is shown.'
          : 'Finds how it lies first, as in the step before.'}
      </p>
      <ActionButton id="register.lddmm" tone="primary" icon={Spline}>
        Bend it to fit
      </ActionButton>
    </>
  );
}

const contrasts: ReadonlyArray<{ readonly value: DeformContrast; readonly label: string }> = [
  { value: 'none', label: 'As it is' },
  { value: 'cubic', label: 'Fitted (a cubic of grey levels)' },
];

function Running(): ReactNode {
  return (
    <>
      <p className="muted">
        Coarse levels first: each begins where the one before ended. A level that looks good enough can be accepted.
      </p>
      <ActionButton id="register.accept" icon={StepForward}>
        Accept this level
      </ActionButton>
    </>
  );
}

const lengths = [
  {
    key: 'finestUm',
    name: 'finest level',
    label: 'Finest level, µm',
    about: 'Finer follows smaller folds and takes longer.',
    usual: 'as fine as the coarser volume, at most 4 million voxels',
    first: 100,
    min: 0.001,
    max: 100_000,
  },
  {
    key: 'smoothUm',
    name: 'smoothness',
    label: 'Smooth over, µm',
    about: 'How far around a place the map moves along with it.',
    usual: '5 voxels of the finest level',
    first: 500,
    min: 0.001,
    max: 100_000,
  },
  {
    key: 'regularity',
    name: 'cost of bending',
    label: 'Cost of bending',
    about: 'Less of it bends more.',
    usual: 'as fits the metric',
    first: 1,
    min: 0.000_001,
    max: 1_000_000,
  },
  {
    key: 'iterations',
    name: 'steps of a level',
    label: 'Steps of a level, at most',
    about: 'A level ends by itself where it gains no more.',
    usual: 'as many as it needs',
    first: 100,
    min: 1,
    max: 1000,
  },
] as const;

function MoreOptions(): ReactNode {
  const options = useDeform();
  return (
    <>
      {lengths.map(({ key, ...field }) => (
        <OwnLength
          key={key}
          {...field}
          step={key === 'iterations' ? 1 : 'any'}
          value={options[key]}
          onValue={(value) => setDeform({ [key]: value === null || key !== 'iterations' ? value : Math.round(value) })}
        />
      ))}
    </>
  );
}
