import type { ReactNode } from 'react';
import { showTime } from '../../state/view-moves.ts';
import { timesInView, useView } from '../../state/view.ts';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Slider } from '../../ui/slider.tsx';

/** Which time is shown, where there are several. */
export function Times(): ReactNode {
  const times = useView(timesInView);
  const time = useView((s) => s.time);
  if (times < 2) return null;
  return (
    <Section
      title="Time"
      aside={
        <span className="faint mono">
          {formatNumber(time + 1)} of {formatNumber(times)}
        </span>
      }
    >
      <Slider
        label="Time"
        value={time}
        min={0}
        max={times - 1}
        valueText={`${time + 1} of ${times}`}
        onValue={showTime}
      />
    </Section>
  );
}
