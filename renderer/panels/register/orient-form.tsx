import { ArrowRight, Compass, MapPin, Move3d } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  type Begin,
  beginnings,
  type AffineModel,
  landmarksBetween,
  type Orientations,
  setAffine,
  useAffine,
} from '../../state/register/affine.ts';
import { placeLandmarks } from '../../state/register/use.ts';
import { useNudge } from '../../state/register/nudge.ts';
import { goToRegisterStep, useRegister } from '../../state/register/register.ts';
import { useWarps } from '../../state/warps.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';
import { Choices } from '../choices.tsx';
import { OwnLength } from '../own-length.tsx';

const models: ReadonlyArray<{ readonly value: AffineModel; readonly title: string; readonly about: string }> = [
  { value: 'affine', title: 'Affine', about: 'Turn, shift, scale and shear. Right before bending.' },
  { value: 'similarity', title: 'Similarity', about: 'Turn, shift, and one scale. For swelling and shrinkage.' },
  { value: 'rigid', title: 'Rigid', about: 'Turn and shift only. For the same brain, scanned again.' },
];

const orientations: ReadonlyArray<{ readonly value: Orientations; readonly label: string }> = [
  { value: 'axes24', label: 'All 24 turns by right angles' },
  { value: 'axes48', label: 'Mirrored ones, too (48)' },
  { value: 'as-is', label: 'As it lies' },
];

const beginWords: Readonly<Record<Begin, string>> = {
  search: 'A search of all turns',
  hand: 'Where I put it by hand',
  selected: 'The registration that is shown',
  landmarks: 'Landmarks placed in View',
};

/** How the moving volume may be turned, and from where the search begins. */
export function OrientForm(): ReactNode {
  const { model } = useAffine();
  const again = useRegister((s) => s.selected !== null);
  return (
    <>
      <Choices
        legend="How the moving volume may move"
        group="affine-model"
        options={models}
        value={model}
        onValue={(value) => setAffine({ model: value })}
      />
      <Where />
      <div className="align-more">
        <Section title="Advanced" folds startsFolded>
          <Resolution />
        </Section>
      </div>
      <ActionButton id="register.affine" tone={again ? 'plain' : 'primary'} icon={Compass}>
        {again ? 'Find how it lies again' : 'Find how it lies'}
      </ActionButton>
      <div className="row">
        <ActionButton id="register.nudge" size="small" icon={Move3d}>
          Move by hand
        </ActionButton>
        <Button size="small" icon={MapPin} onClick={() => void placeLandmarks()}>
          Landmarks in View
        </Button>
      </div>
      {again && (
        <Button tone="primary" icon={ArrowRight} onClick={() => goToRegisterStep('deform')}>
          Next: bend it to fit
        </Button>
      )}
    </>
  );
}

function Where(): ReactNode {
  const { begin, orientations: tried } = useAffine();
  const { fixed, moving } = useRegister();
  const warps = useWarps((s) => s.warps);
  useNudge((s) => s.kept);
  const pairs = landmarksBetween(fixed, moving, warps).length;
  const ways = beginnings();
  const chosen = ways.includes(begin) ? begin : 'search';
  return (
    <>
      {ways.length > 1 && (
        <SelectField
          label="Begin from"
          value={chosen}
          options={ways.map((value) => ({
            value,
            label: value === 'landmarks' ? `${beginWords[value]} (${plural(pairs, 'pair')})` : beginWords[value],
          }))}
          onValue={(value) => setAffine({ begin: value })}
        />
      )}
      {chosen === 'search' && (
        <SelectField
          label="Orientations to try"
          hint="Brains are nearly symmetric: try mirrored ones only where nobody knows which side is left."
          value={tried}
          options={orientations}
          onValue={(value) => setAffine({ orientations: value })}
        />
      )}
    </>
  );
}

function Resolution(): ReactNode {
  const resolutionUm = useAffine((s) => s.resolutionUm);
  return (
    <OwnLength
      name="resolution"
      label="Resolution, µm"
      about="How finely to look."
      usual="as fine as the coarser of the two, at most 4 million voxels"
      first={100}
      min={0.001}
      max={100_000}
      step="any"
      value={resolutionUm}
      onValue={(um) => setAffine({ resolutionUm: um })}
    />
  );
}
