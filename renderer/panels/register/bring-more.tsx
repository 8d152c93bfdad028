import { MapPin, Waypoints } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Onto } from '../../../preload/contract/register.ts';
import { bringAnnotations, bringShapes } from '../../state/register/use.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';

interface Props {
  readonly onto: Onto;
  /** Names of the volume that they lie in, and of the one that they are brought to. */
  readonly from: string;
  readonly there: string;
}

/** What was drawn or traced in one volume, brought to the other. */
export function BringMore({ onto, from, there }: Props): ReactNode {
  const shapes = useView((s) => s.shapes);
  const [chosen, setChosen] = useState('');
  const set = shapes.find(({ id }) => id === chosen) ?? shapes[0];
  return (
    <div className="align-more">
      <Section title="Annotations, meshes and skeletons">
        <Button icon={MapPin} onClick={() => void bringAnnotations(onto, there)}>
          Copy the annotations of {from}
        </Button>
        {set && (
          <>
            <SelectField
              label="Meshes or skeletons"
              hint={`Those that lie where ${from} does. The set itself stays.`}
              value={set.id}
              options={shapes.map(({ id, name }) => ({ value: id, label: name }))}
              onValue={setChosen}
            />
            <Button icon={Waypoints} onClick={() => void bringShapes(onto, set.id)}>
              Bring them over
            </Button>
          </>
        )}
      </Section>
    </div>
  );
}
