import { Contrast, MapPin, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { goTo } from '../../state/session.ts';
import type { Projection } from '../../state/view.ts';
import { setView, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { NumberField } from '../../ui/field.tsx';
import { formatBytes, formatExtent, formatNumber, formatSize } from '../../ui/format.ts';
import { Histogram } from '../../ui/histogram.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Slider } from '../../ui/slider.tsx';
import { ActionButton } from '../action-button.tsx';

export function ViewInspector(): ReactNode {
  return (
    <>
      <ContrastSection />
      <ProjectionSection />
      <About />
      <Section title="Next">
        <div className="row">
          <Button icon={MapPin} onClick={() => goTo('annotate')}>
            Annotate
          </Button>
          <Button icon={Send} onClick={() => goTo('publish')}>
            Publish
          </Button>
        </div>
      </Section>
    </>
  );
}

export function ContrastSection(): ReactNode {
  const histogram = useView((s) => s.histogram);
  const window = useView((s) => s.window);
  const gamma = useView((s) => s.gamma);
  const inverted = useView((s) => s.inverted);
  const put = (next: readonly [number, number]): void => setView({ window: next });
  return (
    <Section
      title="Contrast"
      aside={
        <ActionButton id="view.contrast.auto" size="small" icon={Contrast}>
          Auto
        </ActionButton>
      }
    >
      {histogram ? (
        <Histogram
          label="Grey levels of the volume, log scale"
          counts={histogram.counts}
          range={histogram.range}
          window={window}
          onWindow={put}
        />
      ) : (
        <p className="faint">Counting grey levels…</p>
      )}
      <div className="two">
        <NumberField
          label="Black"
          value={Math.round(window[0] * 10) / 10}
          onNumber={(low) => put([Math.min(low, window[1] - 1), window[1]])}
        />
        <NumberField
          label="White"
          value={Math.round(window[1] * 10) / 10}
          onNumber={(high) => put([window[0], Math.max(high, window[0] + 1)])}
        />
      </div>
      <div className="labelled">
        <span>Gamma</span>
        <Slider
          label="Gamma"
          value={gamma}
          min={0.2}
          max={3}
          step={0.05}
          valueText={formatNumber(gamma)}
          onValue={(next) => setView({ gamma: next })}
        />
        <span className="mono">{formatNumber(gamma)}</span>
      </div>
      <label className="check">
        <input type="checkbox" checked={inverted} onChange={() => setView({ inverted: !inverted })} />
        Invert grey levels
      </label>
    </Section>
  );
}

const projections: ReadonlyArray<{ readonly value: Projection; readonly label: string; readonly title: string }> = [
  { value: 'max', label: 'Maximum', title: 'The brightest voxel along each ray: for fluorescence' },
  { value: 'min', label: 'Minimum', title: 'The darkest voxel along each ray: for membranes in EM' },
  { value: 'planes', label: 'Planes', title: 'The three planes through the cross-hair' },
];

function ProjectionSection(): ReactNode {
  const projection = useView((s) => s.projection);
  return (
    <Section title="3-D pane shows">
      <Segmented
        label="3-D pane shows"
        value={projection}
        options={projections}
        onValue={(next) => setView({ projection: next })}
      />
      <p className="faint">{projections.find(({ value }) => value === projection)?.title}.</p>
    </Section>
  );
}

function About(): ReactNode {
  const volume = useView((s) => s.volume);
  const level = volume?.levels[0];
  if (!volume || !level) return null;
  return (
    <Section title="Volume" folds>
      <Facts
        facts={[
          { name: 'Size', value: formatSize(level.size, 'voxels') },
          { name: 'Voxel', value: formatExtent(level.voxelSizeNm) },
          { name: 'Values', value: volume.dtype },
          { name: 'Levels', value: volume.levels.length, about: 'Resolutions, each coarser than the one before.' },
          { name: 'On disk', value: formatBytes(volume.bytes) },
        ]}
      />
      <Copyable label="volume id" text={volume.id} />
    </Section>
  );
}
