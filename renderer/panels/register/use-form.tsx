import { BookOpenText, Box, FileOutput, Ruler } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Onto, Registration } from '../../../preload/contract/register.ts';
import { useAtlases } from '../../state/atlases.ts';
import { useLibrary } from '../../state/library.ts';
import { selectedRegistration, useRegister, volumeNamed } from '../../state/register/register.ts';
import { exportFormatsOf, type ExportFormat, exportRegistration } from '../../state/register/export.ts';
import { applyRegistration, atlasSideOf, measureRegions, seeRegions, takenAlong } from '../../state/register/use.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { BringMore } from './bring-more.tsx';

/** What a registration is good for: volumes brought over, either way, and files for other programs. */
export function UseForm(): ReactNode {
  const registration = useRegister(selectedRegistration);
  if (!registration) return <p className="muted">Choose a registration below first.</p>;
  return (
    <>
      <WithAtlas registration={registration} />
      <Bring key={registration.id} registration={registration} />
      <Export key={`${registration.id} export`} registration={registration} />
    </>
  );
}

/** What most register for: the names of regions in one's own brain, and numbers by region. */
function WithAtlas({ registration }: { readonly registration: Registration }): ReactNode {
  const atlases = useAtlases((s) => s.atlases);
  useLibrary((s) => s.library?.volumes);
  const side = atlasSideOf(registration, atlases);
  if (!side) return null;
  const name = volumeNamed(side.brain)?.name ?? 'the brain';
  return (
    <>
      <Button tone="primary" icon={BookOpenText} onClick={() => void seeRegions(side)}>
        See the regions over {name}
      </Button>
      <Button icon={Ruler} onClick={() => measureRegions(side)}>
        Measure {name} by region…
      </Button>
      <p className="faint">
        In View the region under the pointer is named in {name}, too, wherever this registration leads to{' '}
        {side.atlas.name}.
      </p>
    </>
  );
}

const ways: ReadonlyArray<{ readonly value: Onto; readonly label: string; readonly title: string }> = [
  {
    value: 'fixed',
    label: 'Moving to fixed',
    title: 'What lies where the moving volume does, seen in the fixed one',
  },
  {
    value: 'moving',
    label: 'Fixed to moving',
    title: 'What lies where the fixed volume does, seen in the moving one',
  },
];

function Bring({ registration }: { readonly registration: Registration }): ReactNode {
  const [onto, setOnto] = useState<Onto>('fixed');
  const [volume, setVolume] = useState('');
  useLibrary((s) => s.library?.volumes);
  const hasAtlas = useAtlases((s) => atlasSideOf(registration, s.atlases) !== null);
  const side = onto === 'fixed' ? registration.moving : registration.fixed;
  const there = onto === 'fixed' ? registration.fixed : registration.moving;
  const name = volumeNamed(side)?.name ?? 'the volume';
  const other = volumeNamed(there)?.name ?? 'the other';
  return (
    <>
      <Segmented
        label="Which way"
        value={onto}
        options={ways}
        onValue={(way) => {
          setOnto(way);
          setVolume('');
        }}
      />
      <SelectField
        label="What to bring over"
        hint={`Anything that lies where ${name} does: its labels stay exact, other channels come along.`}
        value={volume}
        options={[
          { value: '', label: `${name} itself` },
          ...takenAlong(side).map((one) => ({ value: one.id, label: one.name })),
        ]}
        onValue={setVolume}
      />
      <Button
        tone={hasAtlas ? 'plain' : 'primary'}
        icon={Box}
        onClick={() => void applyRegistration(onto, volume === '' ? null : volume)}
      >
        See it over {other}
      </Button>
      <p className="faint">Nothing is written: it is drawn through the map as it is read. All levels, all channels.</p>
      <BringMore key={side} onto={onto} side={side} other={there} from={name} there={other} />
    </>
  );
}

function Export({ registration }: { readonly registration: Registration }): ReactNode {
  const formats = exportFormatsOf(registration);
  const [format, setFormat] = useState<ExportFormat>(formats[0]?.id ?? 'itk-txt');
  const [onto, setOnto] = useState<Onto>('fixed');
  const about = formats.find(({ id }) => id === format)?.about;
  return (
    <div className="align-more">
      <Section title="For other programs">
        <SelectField
          label="Format"
          hint={about && `Read by ${about}.`}
          value={format}
          options={formats.map(({ id, name }) => ({ value: id, label: name }))}
          onValue={setFormat}
        />
        <SelectField
          label="Resamples"
          value={onto}
          options={[
            { value: 'fixed', label: 'the moving volume onto the fixed one' },
            { value: 'moving', label: 'the fixed volume onto the moving one' },
          ]}
          onValue={setOnto}
        />
        <Button icon={FileOutput} onClick={() => void exportRegistration(format, onto)}>
          Export…
        </Button>
      </Section>
    </div>
  );
}
