import type { ReactNode } from 'react';
import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { useView } from '../../state/view.ts';
import { Facts } from '../../ui/facts.tsx';
import { formatCount, formatLength, formatNumber } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { OneColour } from './one-colour.tsx';
import { ShownShapes } from './shown-shapes.tsx';

type ShapeLayer = LayerOf<'mesh'> | LayerOf<'skeleton'>;

/** Meshes and skeletons: how they look, and which of a set are drawn. */
export function ShapeSections({ layer }: { readonly layer: ShapeLayer }): ReactNode {
  return (
    <>
      <Section title="Look">
        <OneColour
          value={layer.colour}
          free="Each has a colour of its own, by its id"
          onColour={(colour) => updateLayer(layer.id, { colour })}
        />
        {layer.type === 'mesh' ? <MeshFields layer={layer} /> : <SkeletonFields layer={layer} />}
      </Section>
      <ShownShapes layer={layer} />
      <About shape={layer.shape} />
    </>
  );
}

function MeshFields({ layer }: { readonly layer: LayerOf<'mesh'> }): ReactNode {
  const { id, wireframe, silhouette, outlines } = layer;
  return (
    <>
      <LabelledSlider
        label="Silhouette"
        value={silhouette}
        min={0}
        max={8}
        step={0.1}
        text={formatNumber}
        onValue={(value) => updateLayer(id, { silhouette: value })}
      />
      <label className="check">
        <input type="checkbox" checked={wireframe} onChange={() => updateLayer(id, { wireframe: !wireframe })} />
        Wireframe
      </label>
      <label className="check">
        <input type="checkbox" checked={outlines} onChange={() => updateLayer(id, { outlines: !outlines })} />
        Outlines in slices
      </label>
    </>
  );
}

function SkeletonFields({ layer }: { readonly layer: LayerOf<'skeleton'> }): ReactNode {
  const { id, lineWidthPx, radii } = layer;
  return (
    <>
      <LabelledSlider
        label="Line, px"
        value={lineWidthPx}
        min={1}
        max={12}
        step={0.5}
        text={formatNumber}
        onValue={(value) => updateLayer(id, { lineWidthPx: value })}
      />
      <label className="check">
        <input type="checkbox" checked={radii} onChange={() => updateLayer(id, { radii: !radii })} />
        Discs of the nodes’ radii in slices
      </label>
    </>
  );
}

function About({ shape }: { readonly shape: string }): ReactNode {
  const set = useView((s) => s.shapes.find(({ id }) => id === shape));
  if (!set) return null;
  return (
    <Section title="Source" folds startsFolded>
      <Facts
        facts={[
          { name: 'Format', value: set.format },
          { name: 'From', value: set.source.text },
          { name: 'Shapes', value: set.count === null ? 'asked for by id' : formatCount(set.count) },
          { name: 'Unit', value: formatLength(set.unitNm) },
        ]}
      />
    </Section>
  );
}
