import { ArrowRight, Ruler } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Registration } from '../../../preload/contract/register.ts';
import { useLibrary } from '../../state/library.ts';
import { pairsToMeasure, rivalsOf, setCheck, useCheck } from '../../state/register/evaluate.ts';
import { goToRegisterStep, selectedRegistration, useRegister } from '../../state/register/register.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';

/** What to look at before a registration is trusted, what to measure, and where to go from here. */
export function CheckForm(): ReactNode {
  const registration = useRegister(selectedRegistration);
  if (!registration) return <p className="muted">Choose a registration below first.</p>;
  return (
    <>
      <p className="muted">
        Follow borders from square to square: they should not break. Click a plane to move the other two; the wheel and
        the arrow keys go through.
      </p>
      <div className="align-more">
        <Section title="Hold it against" folds startsFolded>
          <Against registration={registration} />
        </Section>
      </div>
      <ActionButton id="register.evaluate" icon={Ruler}>
        {registration.numbers.evaluation ? 'Measure it again' : 'Measure how well it fits'}
      </ActionButton>
      <Button tone="primary" icon={ArrowRight} onClick={() => goToRegisterStep('use')}>
        Next: use it
      </Button>
    </>
  );
}

const none = { value: '', label: 'None' } as const;
const orNull = (id: string): string | null => (id === '' ? null : id);

function Against({ registration }: { readonly registration: Registration }): ReactNode {
  const { fixedLabels, movingLabels, against, landmarks } = useCheck();
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  const labels = [
    none,
    ...volumes.filter(({ kind }) => kind === 'segmentation').map(({ id, name }) => ({ value: id, label: name })),
  ];
  const rivals = rivalsOf(registration);
  const pairs = pairsToMeasure(registration);
  return (
    <>
      <p className="muted">Labels of the same regions, drawn in both: each is compared by its overlap (Dice).</p>
      <SelectField
        label="Labels of the fixed volume"
        value={fixedLabels ?? ''}
        options={labels}
        onValue={(id) => setCheck({ fixedLabels: orNull(id) })}
      />
      <SelectField
        label="Labels of the moving volume"
        value={movingLabels ?? ''}
        options={labels}
        onValue={(id) => setCheck({ movingLabels: orNull(id) })}
      />
      {rivals.length > 0 && (
        <SelectField
          label="Another registration of the two"
          value={against ?? ''}
          options={[none, ...rivals.map(({ id, name, kind }) => ({ value: id, label: `${name}, ${kind}` }))]}
          onValue={(id) => setCheck({ against: orNull(id) })}
        />
      )}
      {pairs > 0 && (
        <label className="check explained">
          <input type="checkbox" checked={landmarks} onChange={() => setCheck({ landmarks: !landmarks })} />
          <span>
            {plural(pairs, 'landmark')} of View
            <span className="muted">How far each is from where it belongs. Those it began from say little.</span>
          </span>
        </label>
      )}
    </>
  );
}
