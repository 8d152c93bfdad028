import { ChevronDown, ChevronRight, Eye, EyeOff } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { showLayers } from '../../state/layer-edits.ts';
import type { GroupRow } from '../../state/layer-groups.ts';
import { useView } from '../../state/view.ts';
import { IconButton } from '../../ui/button.tsx';
import { MiddleCut } from '../../ui/middle-cut.tsx';

interface GroupRowProps {
  readonly row: GroupRow;
  readonly selected: string | null;
  readonly onFold: (folds: boolean) => void;
  /** An arrow was pressed that leads to another row. */
  readonly onMove: (key: string) => void;
}

/** The channels of a volume: folded, or shown and hidden together. */
export function LayerGroupRow({ row, selected, onFold, onMove }: GroupRowProps): ReactNode {
  const { group, folded, key } = row;
  const name = useView((s) => s.volumes.find(({ id }) => id === group.volume)?.name ?? 'A volume that is gone');
  const shown = group.layers.filter(({ visible }) => visible).length;
  const inside = folded ? group.layers.find(({ id }) => id === selected) : undefined;
  const Chevron = folded ? ChevronRight : ChevronDown;
  const ids = group.layers.map(({ id }) => id);
  const press = (event: KeyboardEvent): void => {
    if (['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) onMove(event.key);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') onFold(event.key === 'ArrowLeft');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const count = `${shown} of ${group.layers.length} channels are shown`;
  return (
    <div className={`layer-group ${inside ? 'holds-selected' : ''}`}>
      <IconButton
        icon={shown > 0 ? Eye : EyeOff}
        iconSize={14}
        label={shown > 0 ? `Hide all channels of ${name}` : `Show all channels of ${name}`}
        onClick={() => showLayers(ids, shown === 0)}
      />
      <button
        type="button"
        className="layer-group-name"
        aria-expanded={!folded}
        title={`${name}: ${count}${inside ? `; ${inside.name} is selected` : ''}`}
        data-row={key}
        onClick={() => onFold(!folded)}
        onKeyDown={press}
      >
        <Chevron size={14} aria-hidden />
        <MiddleCut text={name} />
        <span className="faint mono" aria-label={count}>
          {shown}/{group.layers.length}
        </span>
      </button>
    </div>
  );
}
