import { Move, Pin, PinOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { linkKey, type Model, useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { useSession } from '../../state/session.ts';
import {
  setLambda,
  setOrder,
  setSolveModel,
  startSolve,
  startSweep,
  useFittingSweep,
  useSolve,
} from '../../state/solve.ts';
import { holdTile, useTileMove } from '../../state/tile-move.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { plural, withoutExtension } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';
import { models } from './models.ts';
import { lambdaText, SweepPlot } from './sweep-plot.tsx';

/** Solve again from the links that are there: another model, firmer or looser, tiles pinned. */
export function SolveForm(): ReactNode {
  const { model, order, lambda } = useSolve();
  const sweep = useFittingSweep();
  const whyNot = useWhyNot();
  return (
    <>
      <SelectField
        label="How tiles may move"
        value={model}
        options={models.map(({ value, title }) => ({ value, label: title }))}
        onValue={(value) => setSolveModel(value as Model)}
        hint={models.find(({ value }) => value === model)?.about}
      />
      {model === 'polynomial' && (
        <Segmented
          label="Order"
          value={`${order}`}
          options={[
            { value: '2', label: 'Order 2' },
            { value: '3', label: 'Order 3' },
          ]}
          onValue={(value) => setOrder(value === '3' ? 3 : 2)}
        />
      )}
      <LabelledSlider
        label="Lambda"
        value={Math.log10(lambda)}
        min={-4}
        max={4}
        step={0.25}
        text={(value) => lambdaText(10 ** value)}
        onValue={(value) => setLambda(10 ** value)}
      />
      <p className="faint">How firmly tiles are held to the stage; 1 is usual.</p>
      {sweep && <SweepPlot sweep={sweep} lambda={lambda} onLambda={setLambda} />}
      <Pins />
      <div className="stack">
        <Button tone="primary" whyNot={whyNot} onClick={() => void startSolve()}>
          Solve again
        </Button>
        <Button whyNot={whyNot} onClick={() => void startSweep()}>
          Sweep lambda
        </Button>
      </div>
    </>
  );
}

function useWhyNot(): string | null {
  const stack = useSession((s) => s.stack);
  const running = useJobs((s) => activeJob(s.jobs, 'solve.start') ?? activeJob(s.jobs, 'solve.sweep'));
  if (stack === null) return 'Stitch the tiles first';
  return running ? 'A solve is running' : null;
}

/** More would push the buttons out of sight; all of them are counted below. */
const mostShown = 6;

/** The tiles of the chosen link, to pin or let go, and the pinned ones; how many are pinned. */
function Pins(): ReactNode {
  const placements = useAssemble((s) => s.placements) ?? [];
  const link = useAssemble((s) => s.links?.find((one) => linkKey(one) === s.selected));
  const tiles = useBoard((s) => s.tiles);
  const pinned = placements.filter(({ fixed }) => fixed === true).map(({ tile }) => tile);
  const taken = useTileMove((s) => s.tile);
  const chosen = [...(taken === null ? [] : [taken]), ...(link ? [link.tileA, link.tileB] : [])];
  const shown = [...new Set([...chosen, ...pinned])].slice(0, mostShown);
  return (
    <>
      {shown.length > 0 && (
        <ul className="list" aria-label="Tiles to pin or let go">
          {shown.map((tile) => {
            const isPinned = pinned.includes(tile);
            const name = withoutExtension(tiles?.find(({ id }) => id === tile)?.name ?? `tile ${tile}`);
            return (
              <li key={tile} className="pin-row">
                <span className="pin-name selectable">{name}</span>
                <Button
                  size="small"
                  icon={isPinned ? PinOff : Pin}
                  aria-label={`${isPinned ? 'Let go' : 'Pin'} ${name}`}
                  onClick={() => void holdTile(tile, isPinned ? 'free' : 'pinned')}
                >
                  {isPinned ? 'Let go' : 'Pin'}
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      {chosen.length === 0 && <p className="faint">Choose a link, on the map or in the list, to pin its tiles.</p>}
      <ActionButton id="map.move" icon={Move} />
      {pinned.length > 0 && (
        <p className="faint">{plural(pinned.length, 'tile')} pinned: solves leave them where they are.</p>
      )}
    </>
  );
}
