import type { ReactNode } from 'react';
import { NumberField } from '../ui/field.tsx';

interface OwnLengthProps {
  readonly name: string;
  readonly label: string;
  readonly about: string;
  /** What it is where the user says nothing. */
  readonly usual: string;
  /** Where an own value begins. */
  readonly first: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number | 'any';
  readonly value: number | null;
  readonly onValue: (value: number | null) => void;
}

/** A length that follows from the data, or the user's own. */
export function OwnLength({
  name,
  label,
  about,
  usual,
  first,
  value,
  step = 1,
  onValue,
  ...limits
}: OwnLengthProps): ReactNode {
  return (
    <div className="own-length">
      <label className="check explained">
        <input type="checkbox" checked={value !== null} onChange={() => onValue(value === null ? first : null)} />
        <span>
          Set the {name}
          <span className="muted">
            {about} Else {usual}.
          </span>
        </span>
      </label>
      {value !== null && <NumberField label={label} value={value} step={step} {...limits} onNumber={onValue} />}
    </div>
  );
}
