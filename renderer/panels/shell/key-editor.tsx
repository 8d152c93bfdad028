import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { bindKeys, conflictOf, pressedKeys, unbindKeys, useKeys } from '../../state/actions/key-map.ts';
import type { Action } from '../../state/actions/registry.ts';
import { actions } from '../../state/actions/registry.ts';
import { Button } from '../../ui/button.tsx';
import { Keys, keysText } from '../../ui/keys.tsx';

interface KeyEditorProps {
  readonly action: Action;
  readonly onDone: () => void;
}

/** Waits for keys to be pressed, says what has them already, and binds them. */
export function KeyEditor({ action, onDone }: KeyEditorProps): ReactNode {
  const [keys, setKeys] = useState<string | null>(null);
  const state = useKeys();
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.focus(), []);
  const taken = keys === null ? null : conflictOf(actions(), state, action, keys);
  const press = (event: KeyboardEvent): void => {
    if (event.target !== field.current || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return onDone();
    if (event.key === 'Enter' && keys !== null) return save();
    setKeys(pressedKeys(event.nativeEvent) ?? keys);
  };
  const save = (): void => {
    if (keys !== null) bindKeys(action.id, [keys]);
    onDone();
  };
  return (
    <div className="key-editor">
      <span>{action.title}</span>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what is pressed here is what is recorded */}
      <div
        ref={field}
        className="key-field"
        role="textbox"
        tabIndex={0}
        aria-label={`Keys of ${action.title}`}
        data-own-keys
        onKeyDown={press}
      >
        {keys === null ? <span className="faint">Press the new keys…</span> : <Keys keys={keys} />}
      </div>
      {taken && (
        <p className="warn" role="status">
          {keysText(keys ?? '')} is “{taken.title}” now, which would lose it.
        </p>
      )}
      <div className="row">
        <Button size="small" tone="primary" whyNot={keys === null ? 'Press keys first' : null} onClick={save}>
          {taken ? 'Use it here' : 'Use'}
        </Button>
        <Button
          size="small"
          onClick={() => {
            bindKeys(action.id, []);
            onDone();
          }}
        >
          No keys
        </Button>
        <Button
          size="small"
          whyNot={state.own[action.id] ? null : 'They are the preset’s already'}
          onClick={() => {
            unbindKeys(action.id);
            onDone();
          }}
        >
          Back to preset
        </Button>
        <Button size="small" tone="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
