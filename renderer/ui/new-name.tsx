import type { ReactNode } from 'react';
import { useState } from 'react';

interface NewNameProps {
  readonly name: string;
  /** A name that says something, and is another. */
  readonly onKeep: (name: string) => void;
  readonly onDone: () => void;
}

/** A name in a list while it is changed: Enter and leaving keep it, Escape does not. */
export function NewName({ name, onKeep, onDone }: NewNameProps): ReactNode {
  const [text, setText] = useState(name);
  const keep = (): void => {
    const next = text.trim();
    if (next !== '' && next !== name) onKeep(next);
    onDone();
  };
  return (
    <input
      className="input small"
      aria-label={`New name of ${name}`}
      value={text}
      maxLength={200}
      ref={(input) => input?.focus()}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}
