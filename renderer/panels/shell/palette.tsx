import { Search } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { setOverlay } from '../../state/actions/everywhere.ts';
import type { Action } from '../../state/actions/registry.ts';
import { actions, keysNow, runAction, whyNot } from '../../state/actions/registry.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { fuzzyScore } from '../../ui/fuzzy.ts';
import { Keys } from '../../ui/keys.tsx';

const most = 300;

interface Entry {
  readonly action: Action;
  readonly reason: string | null;
  readonly keys: string | undefined;
}

/** Every action by a few letters of its name, with its keys, and why it can't be run where it can't. */
export function Palette(): ReactNode {
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const found = search(query);
  const at = Math.min(chosen, found.length - 1);

  const choose = (next: number): void => {
    setChosen(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const run = (entry: Entry | undefined): void => {
    if (!entry || entry.reason !== null) return;
    setOverlay(null);
    // After the dialog has given the focus back to where it was.
    setTimeout(() => runAction(entry.action.id));
  };
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.key === 'Enter') run(found[at]);
    else if (by !== undefined && found.length > 0) choose(Math.max(0, Math.min(found.length - 1, at + by)));
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Search or run a command" bare onClose={() => setOverlay(null)}>
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-label="Command"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          placeholder="What do you want to do?"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={press}
        />
      </div>
      <ul id={`${id}-list`} ref={list} className="palette-list" role="listbox" aria-label="Commands">
        {found.map((entry, index) => (
          <li
            key={entry.action.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            aria-disabled={entry.reason !== null}
            onPointerMove={() => index !== at && setChosen(index)}
            onClick={() => run(entry)}
          >
            <span>{entry.action.title}</span>
            {entry.reason !== null && <span className="reason truncate">{entry.reason}</span>}
            {entry.keys !== undefined && <Keys keys={entry.keys} />}
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="palette-none muted">No command is called “{query}”. Try a verb: stitch, import, undo, fit.</p>
      )}
    </Dialog>
  );
}

/** Best first; what can be run before what can't. */
function search(query: string): readonly Entry[] {
  const table = keysNow();
  return actions()
    .map((action) => ({ action, score: fuzzyScore(query, `${action.title} ${action.menu}`) }))
    .filter(({ score }) => score > 0)
    .map((found) => ({ ...found, reason: whyNot(found.action), keys: table.get(found.action.id)?.[0] }))
    .toSorted((a, b) => Number(a.reason !== null) - Number(b.reason !== null) || b.score - a.score)
    .slice(0, most);
}
