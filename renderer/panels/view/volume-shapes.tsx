import { Box, Waypoints } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import type { NamedShapes } from '../../state/volume-shapes.ts';
import { showVolumeShapes, useVolumeShapes } from '../../state/volume-shapes.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';

const kinds = {
  mesh: { icon: Box, show: 'Show its meshes', shown: 'Its meshes are shown' },
  skeleton: { icon: Waypoints, show: 'Show its skeletons', shown: 'Its skeletons are shown' },
} as const;

/** Meshes and skeletons that the segmentation itself names: nothing where it names none. */
export function VolumeShapes({ layer }: { readonly layer: LayerOf<'segmentation'> }): ReactNode {
  const { shapes, problem } = useVolumeShapes(layer.volume);
  const followers = useView((s) =>
    s.layers
      .filter((one) => 'follows' in one && one.follows === layer.id)
      .map(({ type }) => type)
      .join(),
  );
  if (problem !== '')
    return (
      <Section title="Meshes and skeletons">
        <p className="problem">{problem}</p>
      </Section>
    );
  if (!shapes || shapes.length === 0) return null;
  return (
    <Section title="Meshes and skeletons">
      <div className="row">
        {shapes.map((named) => (
          <ShowButton key={named.kind} layer={layer} named={named} shown={followers.split(',').includes(named.kind)} />
        ))}
      </div>
      <p className="faint">
        {followers !== '' && layer.selected.length === 0
          ? 'Double-click a label, or find one, to draw its shape.'
          : 'Those of the selected labels are drawn, in their colours.'}
      </p>
    </Section>
  );
}

interface ShowButtonProps {
  readonly layer: LayerOf<'segmentation'>;
  readonly named: NamedShapes;
  readonly shown: boolean;
}

function ShowButton({ layer, named, shown }: ShowButtonProps): ReactNode {
  const words = kinds[named.kind];
  return (
    <Button
      size="small"
      icon={words.icon}
      whyNot={shown ? words.shown : null}
      onClick={() => void showVolumeShapes(layer, named)}
    >
      {words.show}
    </Button>
  );
}
