import { MapPin, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { goTo, setSession, useSession } from '../../state/session.ts';
import type { Projection } from '../../state/view.ts';
import { setView, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { NumberField } from '../../ui/field.tsx';
import { formatBytes, formatExtent, formatSize } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ContrastSection } from './contrast-section.tsx';

export function ViewInspector(): ReactNode {
  return (
    <>
      <ContrastSection />
      <ProjectionSection />
      <About />
      <MemorySection />
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

const projections: ReadonlyArray<{ readonly value: Projection; readonly label: string; readonly title: string }> = [
  { value: 'max', label: 'Maximum', title: 'The brightest voxel along each ray: for fluorescence' },
  { value: 'min', label: 'Minimum', title: 'The darkest voxel along each ray: for membranes in EM' },
  { value: 'planes', label: 'Planes', title: 'The three planes through the cross-hair' },
];

const ofLabels: typeof projections = [
  { value: 'max', label: 'Labels', title: 'The nearest label along each ray' },
  { value: 'planes', label: 'Planes', title: 'The three planes through the cross-hair' },
];

function ProjectionSection(): ReactNode {
  const kept = useView((s) => s.projection);
  const labels = useView((s) => s.volume?.display.labels ?? false);
  const choices = labels ? ofLabels : projections;
  const projection = labels && kept === 'min' ? 'max' : kept;
  return (
    <Section title="3-D pane shows">
      <Segmented
        label="3-D pane shows"
        value={projection}
        options={choices}
        onValue={(next) => setView({ projection: next })}
      />
      <p className="faint">{choices.find(({ value }) => value === projection)?.title}.</p>
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
          { name: 'Format', value: volume.source.format },
          { name: 'On disk', value: formatBytes(volume.bytes) },
        ]}
      />
      <Copyable label="volume id" text={volume.id} />
    </Section>
  );
}

/** How much drawing may keep: what is over it is read again when it is looked at. */
function MemorySection(): ReactNode {
  const drawing = useSession((s) => s.drawing);
  const stats = useView((s) => s.stats);
  return (
    <Section title="Memory" folds startsFolded>
      <div className="two">
        <NumberField
          label="Main memory, MB"
          value={drawing.memoryMb}
          min={16}
          max={16_384}
          onNumber={(memoryMb) => setSession({ drawing: { ...drawing, memoryMb } })}
        />
        <NumberField
          label="Graphics, MB"
          value={drawing.graphicsMb}
          min={16}
          max={4096}
          onNumber={(graphicsMb) => setSession({ drawing: { ...drawing, graphicsMb } })}
        />
      </div>
      {stats && (
        <p className="faint">
          Now {formatBytes(stats.memoryBytes)} and {formatBytes(stats.graphicsBytes)}.
        </p>
      )}
    </Section>
  );
}
