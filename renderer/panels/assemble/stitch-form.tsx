import { ScanSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import { setModel, useAssemble } from '../../state/assemble.ts';
import { isUsed, useBoard } from '../../state/board.ts';
import { plural } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';
import { Choices } from '../choices.tsx';
import { LayoutBanner } from './layout-banner.tsx';
import { models } from './models.ts';

/** How tiles of a section may move, and off. */
export function StitchForm(): ReactNode {
  const model = useAssemble((s) => s.model);
  const tiles = useBoard((s) => s.tiles) ?? [];
  const used = tiles.filter(isUsed).length;
  const stitched = useAssemble((s) => s.stack !== null);
  return (
    <>
      <LayoutBanner />
      <Choices legend="How tiles may move" group="model" options={models} value={model} onValue={setModel} />
      {used < tiles.length && <p className="faint">{plural(tiles.length - used, 'rejected or bad tile')} left out.</p>}
      <ActionButton id="stitch.check" icon={ScanSearch} />
      <ActionButton id="stitch.start" tone={stitched ? 'primary' : 'plain'}>
        Stitch {plural(used, 'tile')}
      </ActionButton>
    </>
  );
}
