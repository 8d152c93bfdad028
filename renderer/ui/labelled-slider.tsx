import type { ReactNode } from 'react';
import { formatNumber } from './format.ts';
import { Slider } from './slider.tsx';

interface LabelledSliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** How the value is written; a plain number where left out. */
  readonly text?: (value: number) => string;
  readonly onValue: (value: number) => void;
}

/** A slider between its name and its value. */
export function LabelledSlider({ text = formatNumber, ...slider }: LabelledSliderProps): ReactNode {
  const shown = text(slider.value);
  return (
    <div className="labelled">
      <span>{slider.label}</span>
      <Slider {...slider} valueText={shown} />
      <span className="mono">{shown}</span>
    </div>
  );
}
