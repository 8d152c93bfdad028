import { MapPin, Waypoints } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Onto } from '../../../preload/contract/register.ts';
import { useAtlases } from '../../state/atlases.ts';
import { volumeNamed } from '../../state/register/register.ts';
import { setsThere } from '../../state/register/sets-there.ts';
import { bringAnnotations, bringShapes } from '../../state/register/use.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';

interface Props {
  readonly onto: Onto;
  /** The volume that they lie in, and the one that they are brought to, by id and by name. */
  readonly side: string;
  readonly other: string;
  readonly from: string;
  readonly there: string;
}

/** What was drawn or traced in one volume, brought to the other. */
export function BringMore({ onto, side, other, from, there }: Props): ReactNode {
  const shapes = useView((s) => s.shapes);
  const [chosen, setChosen] = useState('');
  const atlases = useAtlases((s) => s.atlases);
  const sets = setsThere(shapes, atlases, { side, other });
  const set = sets.find(({ id }) => id === chosen) ?? sets[0];
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
              options={sets.map(({ id, name, liesIn }) => ({ value: id, label: `${name}${whereOf(liesIn)}` }))}
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

function whereOf(liesIn: string | null): string {
  const volume = volumeNamed(liesIn);
  return volume ? ` (lies in ${volume.name})` : '';
}
