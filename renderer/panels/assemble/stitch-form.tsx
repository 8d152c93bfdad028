import type { ReactNode } from 'react';
import type { Model } from '../../state/assemble.ts';
import { setModel, useAssemble } from '../../state/assemble.ts';
import { isUsed, useBoard } from '../../state/board.ts';
import { Choice } from '../../ui/choice.tsx';
import { plural } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';

const models: ReadonlyArray<{ readonly value: Model; readonly title: string; readonly about: string }> = [
  { value: 'translation', title: 'Translation', about: 'Tiles only shift. Right for most stages.' },
  { value: 'rigid', title: 'Rigid', about: 'Shift and rotate. For a turned camera or sections laid by hand.' },
  {
    value: 'affine',
    title: 'Affine',
    about: 'Shift, rotate, scale, shear. For uneven magnification; needs good overlaps.',
  },
];

/** How tiles of a section may move, and off. */
export function StitchForm(): ReactNode {
  const model = useAssemble((s) => s.model);
  const tiles = useBoard((s) => s.tiles) ?? [];
  const used = tiles.filter(isUsed).length;
  const stitched = useAssemble((s) => s.stack !== null);
  return (
    <>
      <fieldset className="models">
        <legend>How tiles may move</legend>
        {models.map(({ value, title, about }) => (
          <Choice
            key={value}
            group="model"
            title={title}
            about={about}
            checked={model === value}
            onChoose={() => setModel(value)}
          />
        ))}
      </fieldset>
      {used < tiles.length && <p className="faint">{plural(tiles.length - used, 'rejected or bad tile')} left out.</p>}
      <ActionButton id="stitch.start" tone={stitched ? 'primary' : 'plain'}>
        Stitch {plural(used, 'tile')}
      </ActionButton>
    </>
  );
}
