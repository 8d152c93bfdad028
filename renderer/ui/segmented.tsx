import { useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

interface SegmentedProps<V extends string> {
  readonly label: string;
  /** Null: none of them, until one is taken. */
  readonly value: V | null;
  readonly options: ReadonlyArray<{ readonly value: V; readonly label: string; readonly title?: string }>;
  readonly onValue: (value: V) => void;
}

/** A few choices side by side, one taken: a radio group with roving focus. */
export function Segmented<V extends string>({ label, value, options, onValue }: SegmentedProps<V>): ReactNode {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + by + options.length) % options.length;
    const option = options[next];
    if (option) onValue(option.value);
    group.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div ref={group} className="segmented" role="radiogroup" aria-label={label} onKeyDown={move}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          title={option.title}
          aria-checked={option.value === value}
          tabIndex={option.value === (value ?? options[0]?.value) ? 0 : -1}
          onClick={() => onValue(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
