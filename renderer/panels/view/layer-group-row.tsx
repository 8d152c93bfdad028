import { ChevronDown, ChevronRight, Eye, EyeOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { showLayers } from '../../state/layer-edits.ts';
import type { LayerGroup } from '../../state/layer-groups.ts';
import { useView } from '../../state/view.ts';
import { IconButton } from '../../ui/button.tsx';

interface GroupRowProps {
  readonly group: LayerGroup;
  readonly folded: boolean;
  readonly onFold: () => void;
}

/** The channels of a volume: folded, or shown and hidden together. */
export function LayerGroupRow({ group, folded, onFold }: GroupRowProps): ReactNode {
  const name = useView((s) => s.volumes.find(({ id }) => id === group.volume)?.name ?? 'A volume that is gone');
  const shown = group.layers.filter(({ visible }) => visible).length;
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <div className="layer-group">
      <IconButton
        icon={shown > 0 ? Eye : EyeOff}
        iconSize={14}
        label={shown > 0 ? `Hide all channels of ${name}` : `Show all channels of ${name}`}
        onClick={() =>
          showLayers(
            group.layers.map(({ id }) => id),
            shown === 0,
          )
        }
      />
      <button type="button" className="layer-group-name" aria-expanded={!folded} title={name} onClick={onFold}>
        <Chevron size={14} aria-hidden />
        <span className="truncate">{name}</span>
        <span className="faint mono">
          {shown} of {group.layers.length}
        </span>
      </button>
    </div>
  );
}
