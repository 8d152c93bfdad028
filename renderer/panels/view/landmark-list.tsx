import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Landmark } from '../../../preload/contract/warp.ts';
import { shiftNm } from '../../state/landmark-pairs.ts';
import { goToPair, goToPairBeside, removePair, renamePair, togglePair } from '../../state/landmark-tool.ts';
import type { Alignment } from '../../state/landmarks.ts';
import { useLandmarks } from '../../state/landmarks.ts';
import { IconButton } from '../../ui/button.tsx';
import { markColours } from '../../ui/colour-maps.ts';
import { useView } from '../../state/view.ts';
import { isUnsized } from '../../state/unsized.ts';
import { formatLength, formatVoxels } from '../../ui/format.ts';
import { NewName } from '../../ui/new-name.tsx';

/** The pairs, in the order in which they were placed; the numbers and colours are those of the marks. */
export function LandmarkList({ alignment }: { readonly alignment: Alignment }): ReactNode {
  const selected = useLandmarks((s) => s.selected);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('.selected')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <div className="landmarks">
      <div className="landmark-row head faint" aria-hidden>
        <span className="landmark-wide">Pair</span>
        <span className="landmark-number" title="How far the pair moves things">
          moved
        </span>
        <span className="landmark-number" title="How far off the others would be without it">
          left out
        </span>
      </div>
      <ul ref={list} aria-label="Landmarks">
        {alignment.step.landmarks.map((pair, i) => (
          <Pair key={pair.id} pair={pair} i={i} selected={pair.id === selected} />
        ))}
      </ul>
    </div>
  );
}

interface PairProps {
  readonly pair: Landmark;
  readonly i: number;
  readonly selected: boolean;
}

function Pair({ pair, i, selected }: PairProps): ReactNode {
  const [renaming, setRenaming] = useState(false);
  const { id, on } = pair;
  const called = pair.name || `Pair ${i + 1}`;
  return (
    <li className={`landmark-row ${selected ? 'selected' : ''} ${on ? '' : 'off'}`}>
      <label className="check landmark-use">
        <input type="checkbox" aria-label={`Use ${called}`} checked={on} onChange={() => void togglePair(id)} />
      </label>
      <span className="landmark-badge" style={{ color: markColours[i % markColours.length] }} aria-hidden>
        {i + 1}
      </span>
      {renaming ? (
        <NewName name={pair.name} onKeep={(name) => renamePair(pair.id, name)} onDone={() => setRenaming(false)} />
      ) : (
        <button
          type="button"
          className="as-text landmark-name truncate"
          aria-current={selected}
          title={called}
          onClick={() => goToPair(id)}
          onDoubleClick={() => setRenaming(true)}
          onKeyDown={(event) => press(event, () => setRenaming(true))}
        >
          {called}
        </button>
      )}
      <Lengths pair={pair} />
      <IconButton
        icon={X}
        iconSize={14}
        label={`Delete ${called}`}
        className="on-hover"
        onClick={() => void removePair(id)}
      />
    </li>
  );
}

/** How far the pair moves things, and how far off it is where the others alone decide. */
function Lengths({ pair }: { readonly pair: Landmark }): ReactNode {
  const error = useLandmarks((s) => s.answer?.errors.find(({ id }) => id === pair.id));
  const shift = shiftNm(pair);
  const words = useView(isUnsized) ? formatVoxels : formatLength;
  const missed = error?.leftOutNm ?? null;
  const about =
    missed === null
      ? 'The others are too few to say where this one belongs.'
      : `Without this pair, the others would miss it by ${words(missed)}.`;
  const exact = error && error.errorNm >= 0.5 ? ` The map misses it by ${words(error.errorNm)}.` : '';
  return (
    <>
      <span className="landmark-number mono">
        <span className="visually-hidden">moved </span>
        {shift === null ? '–' : words(shift)}
      </span>
      <span className="landmark-number mono" title={pair.on ? about + exact : 'It is not used.'}>
        <span className="visually-hidden">left out </span>
        {missed === null || !pair.on ? '–' : words(missed)}
      </span>
    </>
  );
}

function press(event: KeyboardEvent, onRename: () => void): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
  if (event.key === 'F2') onRename();
  else if (by !== undefined) goToPairBeside(by);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
