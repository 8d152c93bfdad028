import { Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Repeat } from '../../state/playback.ts';
import { fpsRange, setFps, setRepeat, usePlayback } from '../../state/playback.ts';
import { showTime } from '../../state/view-moves.ts';
import { timesInView, useView } from '../../state/view.ts';
import { NumberField, SelectField } from '../../ui/field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionIcon } from '../action-button.tsx';

const repeats: ReadonlyArray<{ readonly value: Repeat; readonly label: string }> = [
  { value: 'loop', label: 'Loop' },
  { value: 'back-and-forth', label: 'Back and forth' },
];

/** Which time is shown, where there are several, and playing through them. */
export function Times(): ReactNode {
  const times = useView(timesInView);
  const time = useView((s) => s.time);
  const { playing, fps, repeat } = usePlayback();
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
      <div className="play-row">
        <ActionIcon id="view.play" icon={playing ? Pause : Play} pressed={playing} label={playing ? 'Pause' : 'Play'} />
        <Slider
          label="Time"
          value={time}
          min={0}
          max={times - 1}
          valueText={`${time + 1} of ${times}`}
          onValue={showTime}
        />
      </div>
      <div className="two">
        <NumberField label="Times a second" value={fps} min={fpsRange[0]} max={fpsRange[1]} onNumber={setFps} />
        <SelectField label="At the end" value={repeat} options={repeats} onValue={setRepeat} />
      </div>
    </Section>
  );
}
