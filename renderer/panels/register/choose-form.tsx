import { ArrowLeftRight, ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAtlases } from '../../state/atlases.ts';
import { useLibrary } from '../../state/library.ts';
import {
  chooseChannel,
  chooseMask,
  chooseVolume,
  exchangeSides,
  goToRegisterStep,
  imagesOf,
  type Side,
  useRegister,
} from '../../state/register/register.ts';
import { inOrder } from '../../state/volumes.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { ImportTransforms } from './import-transforms.tsx';

const words: Readonly<Record<Side, readonly [label: string, hint: string]>> = {
  fixed: ['Stays as it is (fixed)', 'An atlas, a reference, the first scan.'],
  moving: ['Is laid over it (moving)', 'Your brain. It is not changed either: what is found is a map.'],
};

/** What stays, what is laid over it, which channels, and what does not count. */
export function ChooseForm(): ReactNode {
  const { fixed, moving } = useRegister();
  const ready = fixed !== null && moving !== null;
  return (
    <>
      <VolumeField side="fixed" />
      <div className="reg-exchange">
        <Button size="small" tone="quiet" icon={ArrowLeftRight} onClick={exchangeSides}>
          Exchange them
        </Button>
      </div>
      <VolumeField side="moving" />
      <Masks />
      <ImportTransforms ready={ready} />
      <Button
        tone="primary"
        icon={ArrowRight}
        whyNot={ready ? null : 'Choose two volumes first'}
        onClick={() => goToRegisterStep('orient')}
      >
        Next: orient
      </Button>
    </>
  );
}

function VolumeField({ side }: { readonly side: Side }): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  const templates = useAtlases((s) => s.atlases);
  const chosen = useRegister((s) => s[side]);
  const channel = useRegister((s) => s[`${side}Channel`]);
  const [label, hint] = words[side];
  const volume = volumes.find(({ id }) => id === chosen);
  const isTemplate = (id: string): boolean => templates.some(({ template }) => template === id);
  return (
    <>
      <SelectField
        label={label}
        hint={hint}
        value={chosen ?? ''}
        options={inOrder(imagesOf(volumes)).map(({ id, name }) => ({
          value: id,
          label: isTemplate(id) ? `${name} (atlas)` : name,
        }))}
        onValue={(id) => chooseVolume(side, id)}
      />
      {volume && volume.channels.length > 1 && (
        <SelectField
          label={`Channel of the ${side} volume`}
          value={String(channel)}
          options={volume.channels.map(({ name }, i) => ({
            value: String(i),
            label: name === '' ? `Channel ${i + 1}` : name,
          }))}
          onValue={(text) => chooseChannel(side, Number(text))}
        />
      )}
    </>
  );
}

function Masks(): ReactNode {
  const chosen = useRegister((s) => s.fixedMask !== null || s.movingMask !== null);
  return (
    <div className="align-more">
      <Section title="Leave parts out" folds startsFolded={!chosen}>
        <p className="muted">
          A volume that lies in the same place and is 0 where the other does not count: torn tissue, bubbles, what only
          one of the two shows.
        </p>
        <MaskField side="fixed" />
        <MaskField side="moving" />
      </Section>
    </div>
  );
}

function MaskField({ side }: { readonly side: Side }): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  const own = useRegister((s) => s[side]);
  const mask = useRegister((s) => s[`${side}Mask`]);
  return (
    <SelectField
      label={`Mask of the ${side} volume`}
      value={mask ?? ''}
      options={[
        { value: '', label: 'None: all of it counts' },
        ...inOrder(volumes)
          .filter(({ id }) => id !== own)
          .map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onValue={(id) => chooseMask(side, id === '' ? null : id)}
    />
  );
}
