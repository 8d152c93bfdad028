import { RotateCcw } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { ReactNode } from 'react';
import { setOverlay } from '../../state/actions/everywhere.ts';
import { choosePreset, keyTable, resetKeys, useKeys } from '../../state/actions/key-map.ts';
import { presetNames, presetTitles } from '../../state/actions/key-presets.ts';
import type { Action } from '../../state/actions/registry.ts';
import { actions, roomName } from '../../state/actions/registry.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { fuzzyScore } from '../../ui/fuzzy.ts';
import { Keys } from '../../ui/keys.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { KeyEditor } from './key-editor.tsx';

/** What the pointer does, beside the registry's keys. */
const pointer: ReadonlyArray<readonly [title: string, keys: readonly string[]]> = [
  ['Zoom at the pointer', ['Wheel']],
  ['Go through sections', ['$mod+Wheel']],
  ['Pan; in 3-D, turn', ['Drag']],
  ['Tilt the planes; in 3-D, pan', ['Shift+Drag']],
  ['Centre the cross-hair; in 3-D, on what is hit', ['Click']],
  ['Select a label; elsewhere, maximise the pane', ['Double-click']],
  ['With the align tool: move and turn the layer', ['Drag', 'Shift+Drag']],
];

/** The cheat sheet, where keys are changed too: every action of the registry is in it. */
export function Shortcuts(): ReactNode {
  const [query, setQuery] = useState('');
  const [editing, setEditing] = useState<string | null>(null);
  const state = useKeys();
  const table = keyTable(actions(), state);
  const changed = state.preset !== 'lamella' || Object.keys(state.own).length > 0;
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={() => setOverlay(null)}>
      <div className="dialog-content">
        <div className="shortcuts-bar">
          <input
            type="search"
            className="input"
            aria-label="Find a command"
            placeholder="Find a command"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <Segmented
            label="Keys as in"
            value={state.preset}
            options={presetNames.map((value) => ({ value, label: presetTitles[value] }))}
            onValue={choosePreset}
          />
          <Button size="small" icon={RotateCcw} whyNot={changed ? null : 'Nothing was changed'} onClick={resetKeys}>
            Reset all
          </Button>
        </div>
        <p className="faint">Choose a command to give it other keys.</p>
        <div className="shortcuts">
          {groupsOf(query).map(([name, found]) => (
            <section key={name}>
              <h3>{name}</h3>
              {name === viewGroup && query === '' && <PointerRows />}
              <ul>
                {found.map((action) => (
                  <li key={action.id}>
                    {editing === action.id ? (
                      <KeyEditor action={action} onDone={() => setEditing(null)} />
                    ) : (
                      <KeyRow action={action} keys={table.get(action.id) ?? []} onEdit={() => setEditing(action.id)} />
                    )}
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}

interface KeyRowProps {
  readonly action: Action;
  readonly keys: readonly string[];
  readonly onEdit: () => void;
}

function KeyRow({ action, keys, onEdit }: KeyRowProps): ReactNode {
  return (
    <button type="button" className="shortcut-row" title={`Change the keys of “${action.title}”`} onClick={onEdit}>
      <span>{action.title}</span>
      <KeyList keys={keys} />
    </button>
  );
}

function KeyList({ keys }: { readonly keys: readonly string[] }): ReactNode {
  if (keys.length === 0) return <span className="faint">no keys</span>;
  return (
    <span className="shortcut-keys">
      {keys.map((one, i) => (
        <Fragment key={one}>
          {i > 0 && <span className="faint"> or </span>}
          <Keys keys={one} />
        </Fragment>
      ))}
    </span>
  );
}

function PointerRows(): ReactNode {
  return (
    <ul>
      {pointer.map(([title, keys]) => (
        <li key={title} className="shortcut-row">
          <span>{title}</span>
          <KeyList keys={keys} />
        </li>
      ))}
    </ul>
  );
}

const viewGroup = 'View and Annotate: the panes';

function groupsOf(query: string): ReadonlyArray<readonly [string, readonly Action[]]> {
  const groups = new Map<string, Action[]>([
    ['Everywhere', []],
    [viewGroup, []],
  ]);
  for (const action of actions()) {
    if (fuzzyScore(query, `${action.title} ${action.menu}`) === 0) continue;
    const place = placeOf(action);
    groups.set(place, [...(groups.get(place) ?? []), action]);
  }
  return [...groups].filter(([, found]) => found.length > 0);
}

function placeOf({ rooms }: Action): string {
  if (!rooms) return 'Everywhere';
  if (rooms.includes('view')) return viewGroup;
  return rooms.map(roomName).join(' and ');
}
