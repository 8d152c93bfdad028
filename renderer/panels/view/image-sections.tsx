import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { setView, useView } from '../../state/view.ts';
import { SelectField, NumberField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { ColourField } from './colour-field.tsx';
import { ContrastSection } from './contrast-section.tsx';
import { VolumeModeSection } from './volume-mode-section.tsx';

interface ImageProps {
  readonly layer: LayerOf<'image'>;
}

export function ImageSections({ layer }: ImageProps): ReactNode {
  return (
    <>
      <ContrastSection layer={layer} />
      <Section title="Colour">
        <ColourField value={layer.colour} onColour={(colour) => updateLayer(layer.id, { colour })} />
      </Section>
      <VolumeModeSection layer={layer} />
      <CheckerSection layer={layer} />
    </>
  );
}

const checkers = [
  { value: 'all', label: 'Everywhere' },
  { value: 'even', label: 'On the even squares' },
  { value: 'odd', label: 'On the odd squares' },
] as const;

/** Two layers on the two kinds of squares show side by side where their edges meet: how well they are registered. */
function CheckerSection({ layer }: ImageProps): ReactNode {
  const squarePx = useView((s) => s.checkerPx);
  return (
    <Section title="Checkerboard" folds startsFolded={layer.checker === 'all'}>
      <SelectField
        label="This layer is drawn"
        value={layer.checker}
        options={checkers}
        hint="Give the other layer the other squares, to judge how they are registered."
        onValue={(checker) => updateLayer(layer.id, { checker })}
      />
      {layer.checker !== 'all' && (
        <NumberField
          label="Square, pixels"
          value={squarePx}
          min={4}
          max={1024}
          step={1}
          onNumber={(px) => setView({ checkerPx: Math.round(px) })}
        />
      )}
    </Section>
  );
}
