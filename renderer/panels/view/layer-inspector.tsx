import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Blend, Layer } from '../../../preload/contract/view-state.ts';
import { blendSchema } from '../../../preload/contract/view-state.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { removeWithUndo } from '../../state/view-history.ts';
import { selectedLayer, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatPercent } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Later } from '../../ui/later.tsx';
import { Section } from '../../ui/section.tsx';
import { AnnotationSection } from './annotation-section.tsx';
import { ImageSections } from './image-sections.tsx';
import { LandmarkSection } from './landmark-section.tsx';
import { typeNames } from './layer-icon.tsx';
import { MosaicSections } from './mosaic-sections.tsx';
import { SegmentationSections } from './segmentation-sections.tsx';
import { ShapeSections } from './shape-sections.tsx';
import { TransformSection } from './transform-section.tsx';
import { WarpSection } from './warp-section.tsx';
import './inspector.css';

/** What the selected layer looks like, by its type. */
export function LayerInspector(): ReactNode {
  const layer = useView(selectedLayer);
  if (!layer) return <p className="muted pad">Select a layer to set how it looks.</p>;
  return (
    <>
      <LayerSection key={layer.id} layer={layer} />
      <Later key={`${layer.id} type`}>
        <LandmarkSection layer={layer.id} />
        <WarpSection layer={layer} />
        <ByType layer={layer} />
        <TransformSection layer={layer} />
      </Later>
    </>
  );
}

function ByType({ layer }: { readonly layer: Layer }): ReactNode {
  switch (layer.type) {
    case 'image':
      return <ImageSections layer={layer} />;
    case 'segmentation':
      return <SegmentationSections layer={layer} />;
    case 'mosaic':
      return <MosaicSections layer={layer} />;
    case 'annotation':
      return <AnnotationSection layer={layer} />;
    case 'mesh':
    case 'skeleton':
      return <ShapeSections layer={layer} />;
  }
}

const blends: Readonly<Record<Blend, string>> = {
  over: 'Over: hides what is below',
  additive: 'Additive: adds light',
  max: 'Maximum: the brighter one',
  min: 'Minimum: the darker one',
  multiply: 'Multiply: darkens',
  difference: 'Difference: what does not agree',
};

const blendOptions = blendSchema.options.toSorted().map((value) => ({ value, label: blends[value] }));

const isDrawnInPlanes = ({ type }: Layer): boolean => type !== 'annotation';

/** What every layer has. */
function LayerSection({ layer }: { readonly layer: Layer }): ReactNode {
  const { id, opacity, blend, visible } = layer;
  return (
    <Section
      title={`Layer: ${typeNames[layer.type].toLowerCase()}`}
      aside={
        <Button size="small" tone="quiet" icon={Trash2} onClick={() => removeWithUndo(id)}>
          Remove
        </Button>
      }
    >
      <LayerName layer={layer} />
      <label className="check">
        <input type="checkbox" checked={visible} onChange={() => updateLayer(id, { visible: !visible })} />
        Shown
      </label>
      {isDrawnInPlanes(layer) && (
        <>
          <LabelledSlider
            label="Opacity"
            value={opacity}
            min={0}
            max={1}
            step={0.01}
            text={formatPercent}
            onValue={(value) => updateLayer(id, { opacity: value })}
          />
          <SelectField
            label="Blend"
            value={blend}
            options={blendOptions}
            onValue={(value) => updateLayer(id, { blend: value })}
          />
        </>
      )}
    </Section>
  );
}

/** Kept when the field is left, so that a history has one step for a name. */
function LayerName({ layer }: { readonly layer: Layer }): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const keep = (): void => {
    const trimmed = draft?.trim() ?? '';
    if (trimmed !== '' && trimmed !== layer.name) updateLayer(layer.id, { name: trimmed });
    setDraft(null);
  };
  return (
    <TextField
      label="Name"
      value={draft ?? layer.name}
      maxLength={200}
      onText={setDraft}
      onBlur={keep}
      onKeyDown={(event) => event.key === 'Enter' && keep()}
    />
  );
}
