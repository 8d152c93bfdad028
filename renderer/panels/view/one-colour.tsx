import type { ReactNode } from 'react';
import { channelColours } from '../../state/layers.ts';
import { Swatches } from './colour-field.tsx';

interface OneColourProps {
  readonly value: string | null;
  /** What it means to have none. */
  readonly free: string;
  readonly onColour: (colour: string | null) => void;
}

/** Colours by themselves, or one for all. */
export function OneColour({ value, free, onColour }: OneColourProps): ReactNode {
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={value === null}
          onChange={() => onColour(value === null ? channelColours[0] : null)}
        />
        {free}
      </label>
      {value !== null && <Swatches label="Colour" value={value} onTint={onColour} />}
    </>
  );
}
