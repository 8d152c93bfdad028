import { useId } from 'react';
import type { ReactNode } from 'react';

interface ChoiceProps {
  /** Name of the group of radio buttons. */
  readonly group: string;
  readonly title: string;
  readonly about?: ReactNode;
  /** As it is written, such as a layout's text. */
  readonly code?: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
}

/** One of a few ways to go on, with what it means; the whole card can be clicked. */
export function Choice({ group, title, about, code, checked, onChoose }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <div className="choice">
      <input id={id} type="radio" name={group} checked={checked} aria-describedby={`${id}-about`} onChange={onChoose} />
      <div id={`${id}-about`}>
        <label htmlFor={id}>{title}</label>
        {about && <p className="muted">{about}</p>}
        {code && <code className="mono faint">{code}</code>}
      </div>
    </div>
  );
}
