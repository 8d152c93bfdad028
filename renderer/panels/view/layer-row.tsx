import {
  Copy,
  Ellipsis,
  Eye,
  EyeOff,
  Layers2,
  MoveDown,
  MoveUp,
  Pencil,
  RotateCcw,
  Ruler,
  ScanEye,
  Spline,
  Trash2,
  Waves,
} from 'lucide-react';
import { useState } from 'react';
import type { DragEvent, KeyboardEvent, ReactNode } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import {
  duplicateLayer,
  overlayNextSection,
  selectLayer,
  soloLayer,
  toggleLayer,
  updateLayer,
} from '../../state/layer-edits.ts';
import { isVolumeLayer } from '../../state/layers.ts';
import type { LayerProblem } from '../../state/layer-problems.ts';
import { problemOf } from '../../state/layer-problems.ts';
import { tryAgain, useOffline } from '../../state/offline.ts';
import { retryShapes, useShapeTrouble } from '../../state/shape-asks.ts';
import { startLandmarks } from '../../state/landmark-tool.ts';
import { askToMeasure, measurableNow } from '../../state/region-measure.ts';
import { removeWithUndo } from '../../state/view-history.ts';
import { useView } from '../../state/view.ts';
import { askForField } from '../../state/warp-draft.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatPercent } from '../../ui/format.ts';
import { Keys } from '../../ui/keys.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { MiddleCut } from '../../ui/middle-cut.tsx';
import { NewName } from '../../ui/new-name.tsx';
import { LayerColour } from './layer-colour.tsx';
import { typeNames } from './layer-icon.tsx';

interface LayerRowProps {
  readonly layer: Layer;
  readonly selected: boolean;
  /** The row that Tab reaches. */
  readonly reachable: boolean;
  /** Whether it stands under the heading of its volume. */
  readonly inGroup: boolean;
  readonly onMove: (key: string) => void;
  /** Up (1) or down (-1) by one, among the layers that are listed. */
  readonly onRaise: (by: 1 | -1) => void;
  readonly onDragStart: (event: DragEvent) => void;
}

/** One layer of the list: shown or not, its colour, its name; the rest is in its menu and in the inspector. */
export function LayerRow(props: LayerRowProps): ReactNode {
  const { layer, selected, reachable, inGroup, onRaise, onDragStart } = props;
  const problem = useProblem(layer);
  const [renaming, setRenaming] = useState(false);
  const { id, name, visible } = layer;
  // Tab reaches the controls of one row; the arrows lead to the others.
  const tabIndex = reachable ? 0 : -1;
  return (
    <div
      className={`layer-row ${inGroup ? 'in-group' : ''} ${selected ? 'selected' : ''} ${visible ? '' : 'hidden-layer'}`}
      draggable={!renaming}
      onDragStart={onDragStart}
    >
      <IconButton
        icon={visible ? Eye : EyeOff}
        iconSize={14}
        label={`${visible ? 'Hide' : 'Show'} ${name}`}
        aria-pressed={visible}
        className="eye"
        tabIndex={tabIndex}
        onClick={() => toggleLayer(id)}
      />
      <LayerColour layer={layer} tabIndex={tabIndex} />
      {renaming ? (
        <NewName
          name={layer.name}
          onKeep={(name) => updateLayer(layer.id, { name })}
          onDone={() => setRenaming(false)}
        />
      ) : (
        <NameButton {...props} onRename={() => setRenaming(true)} />
      )}
      <IconButton
        icon={ScanEye}
        iconSize={14}
        label={`${name} alone`}
        className="on-hover"
        tabIndex={tabIndex}
        onClick={() => soloLayer(id)}
      />
      <Menu align="end" items={<LayerMenu layer={layer} onRaise={onRaise} onRename={() => setRenaming(true)} />}>
        <button type="button" className="button icon quiet" tabIndex={tabIndex} aria-label={`${name}: more`}>
          <Ellipsis size={14} aria-hidden />
        </button>
      </Menu>
      {problem && <Problem layer={layer} problem={problem} />}
    </div>
  );
}

interface NameButtonProps extends Pick<LayerRowProps, 'layer' | 'selected' | 'reachable' | 'onMove' | 'onRaise'> {
  readonly onRename: () => void;
}

/** Selects the layer; twice, it is given another name. */
function NameButton({ layer, selected, reachable, onMove, onRaise, onRename }: NameButtonProps): ReactNode {
  const { id, name, opacity } = layer;
  return (
    <button
      type="button"
      className="as-text layer-name"
      aria-current={selected}
      tabIndex={reachable ? 0 : -1}
      title={`${name} (${typeNames[layer.type].toLowerCase()})`}
      data-layer={id}
      data-row={id}
      onClick={() => selectLayer(id)}
      onDoubleClick={onRename}
      onKeyDown={(event) => press(event, id, { onMove, onRaise, onRename })}
    >
      <MiddleCut text={name} />
      {opacity < 1 && <span className="faint mono">{formatPercent(opacity)}</span>}
    </button>
  );
}

function useProblem(layer: Layer): LayerProblem | null {
  const away = useOffline((s) => s.away);
  const broken = useOffline((s) => s.broken);
  const volumes = useView((s) => s.volumes);
  const shapes = useView((s) => s.shapes);
  const troubles = useShapeTrouble();
  return problemOf(layer, { volumes, shapes }, { away, broken, troubles });
}

function Problem({ layer, problem }: { readonly layer: Layer; readonly problem: LayerProblem }): ReactNode {
  const retry = (): void => ('shape' in layer ? retryShapes(layer.shape) : tryAgain());
  return (
    <span className="layer-problem" title={problem.detail}>
      <span className="truncate">{problem.text}</span>
      {problem.canRetry && <IconButton icon={RotateCcw} iconSize={12} label="Try again" onClick={retry} />}
    </span>
  );
}

/** Alt with the arrows moves the layer; the arrows alone go to the next one. */
function press(
  event: KeyboardEvent,
  id: string,
  { onMove, onRaise, onRename }: Pick<NameButtonProps, 'onMove' | 'onRaise' | 'onRename'>,
): void {
  const by = { ArrowUp: 1, ArrowDown: -1 }[event.key] as 1 | -1 | undefined;
  if (event.altKey && by !== undefined) onRaise(by);
  else if (event.key === 'Delete') removeWithUndo(id);
  else if (event.key === 'F2') onRename();
  else if (['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) onMove(event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

interface LayerMenuProps extends Pick<LayerRowProps, 'layer' | 'onRaise'> {
  readonly onRename: () => void;
}

function LayerMenu({ layer, onRaise, onRename }: LayerMenuProps): ReactNode {
  const { layers } = useView.getState();
  const at = layers.findIndex(({ id }) => id === layer.id);
  const { id } = layer;
  return (
    <>
      <MenuItem icon={ScanEye} onChoose={() => soloLayer(id)}>
        Show alone, or all again
      </MenuItem>
      {/* The menu gives the focus back when it closes; the field takes it after that. */}
      <MenuItem icon={Pencil} hint={<Keys keys="F2" />} onChoose={() => setTimeout(onRename)}>
        Rename
      </MenuItem>
      <MenuItem icon={Copy} onChoose={() => duplicateLayer(id)}>
        Duplicate
      </MenuItem>
      {layer.type === 'image' && (
        <MenuItem icon={Layers2} onChoose={() => overlayNextSection(id)}>
          Overlay the next section, magenta and green
        </MenuItem>
      )}
      {isVolumeLayer(layer) && (
        <>
          <MenuLine />
          <MenuItem icon={Spline} hint={<Keys keys="Shift+l" />} onChoose={() => startLandmarks(id)}>
            Align by landmarks
          </MenuItem>
          <MenuItem icon={Waves} onChoose={() => setTimeout(() => askForField(id))}>
            Warp by a displacement field…
          </MenuItem>
        </>
      )}
      <MeasureItem id={id} />
      <MenuLine />
      <MenuItem
        icon={MoveUp}
        hint={<Keys keys="Alt+ArrowUp" />}
        whyNot={at === layers.length - 1 ? 'It is on top' : null}
        onChoose={() => onRaise(1)}
      >
        Move up
      </MenuItem>
      <MenuItem
        icon={MoveDown}
        hint={<Keys keys="Alt+ArrowDown" />}
        whyNot={at === 0 ? 'It is lowest' : null}
        onChoose={() => onRaise(-1)}
      >
        Move down
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Trash2} hint={<Keys keys="Delete" />} onChoose={() => removeWithUndo(id)}>
        Remove from the view
      </MenuItem>
    </>
  );
}

/** Where the library has an atlas: the numbers of the layer in each of its regions. */
function MeasureItem({ id }: { readonly id: string }): ReactNode {
  const thing = measurableNow().find(({ layer }) => layer === id);
  return thing ? (
    <MenuItem icon={Ruler} whyNot={thing.whyNot} onChoose={() => setTimeout(() => askToMeasure(id))}>
      Measure by region…
    </MenuItem>
  ) : null;
}
