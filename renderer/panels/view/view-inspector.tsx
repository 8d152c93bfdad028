import { MapPin, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { goTo, setSession, useSession } from '../../state/session.ts';
import { useView, volumeInView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { NumberField } from '../../ui/field.tsx';
import { formatBytes, formatExtentOf, formatSize } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ClipSection } from './clip-section.tsx';
import { LayerInspector } from './layer-inspector.tsx';

export function ViewInspector(): ReactNode {
  return (
    <>
      <LayerInspector />
      <ClipSection />
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

function About(): ReactNode {
  const volume = useView(volumeInView);
  const level = volume?.levels[0];
  if (!volume || !level) return null;
  return (
    <Section title="Volume" folds startsFolded>
      <Facts
        facts={[
          { name: 'Size', value: formatSize(level.size, 'voxels') },
          { name: 'Voxel', value: formatExtentOf(level.voxelSizeNm, volume.unsized) },
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
