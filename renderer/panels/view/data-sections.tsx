import type { ReactNode } from 'react';
import { showChannel, showTime, useView } from '../../state/view.ts';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Slider } from '../../ui/slider.tsx';

/** Which channel is shown, where there are several. */
export function Channels(): ReactNode {
  const volume = useView((s) => s.volume);
  const channel = useView((s) => s.channel);
  if (!volume || volume.channels.length < 2) return null;
  return (
    <Section title="Channels" aside={<span className="faint mono">{volume.channels.length}</span>}>
      <ul className="list channels" aria-label="Channels">
        {volume.channels.map(({ name, color }, index) => (
          <li key={index}>
            <button
              type="button"
              aria-label={name || `Channel ${index}`}
              className="list-item"
              aria-current={index === channel}
              onClick={() => showChannel(index)}
            >
              <span className="name">
                <span className="swatch" style={{ background: color === null ? '#ffffff' : `#${color}` }} aria-hidden />
                <span className="truncate">{name || `Channel ${index}`}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Which time is shown, where there are several. */
export function Times(): ReactNode {
  const volume = useView((s) => s.volume);
  const time = useView((s) => s.time);
  if (!volume || volume.times < 2) return null;
  return (
    <Section
      title="Time"
      aside={
        <span className="faint mono">
          {formatNumber(time + 1)} of {formatNumber(volume.times)}
        </span>
      }
    >
      <Slider
        label="Time"
        value={time}
        min={0}
        max={volume.times - 1}
        valueText={`${time + 1} of ${volume.times}`}
        onValue={showTime}
      />
    </Section>
  );
}
