import type { ReactNode } from 'react';
import { Choice } from '../ui/choice.tsx';

interface ChoicesProps<V extends string> {
  readonly legend: string;
  /** Name of the group of radio buttons. */
  readonly group: string;
  readonly options: ReadonlyArray<{ readonly value: V; readonly title: string; readonly about: string }>;
  readonly value: V;
  readonly onValue: (value: V) => void;
}

/** One of a few ways to go on, each with what it means. */
export function Choices<V extends string>({ legend, group, options, value, onValue }: ChoicesProps<V>): ReactNode {
  return (
    <fieldset className="models">
      <legend>{legend}</legend>
      {options.map((one) => (
        <Choice
          key={one.value}
          group={group}
          title={one.title}
          about={one.about}
          checked={value === one.value}
          onChoose={() => onValue(one.value)}
        />
      ))}
    </fieldset>
  );
}
