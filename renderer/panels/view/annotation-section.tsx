import { MapPin } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { goTo } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';
import { OneColour } from './one-colour.tsx';

/** Points and lines that were marked in a volume. */
export function AnnotationSection({ layer }: { readonly layer: LayerOf<'annotation'> }): ReactNode {
  return (
    <Section title="Colour">
      <OneColour
        value={layer.colour}
        free="Each has a colour of its own"
        onColour={(colour) => updateLayer(layer.id, { colour })}
      />
      <div className="row">
        <Button icon={MapPin} onClick={() => goTo('annotate')}>
          Annotate
        </Button>
      </div>
    </Section>
  );
}
