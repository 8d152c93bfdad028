import type { ReactNode } from 'react';
import type { LayerOf, VolumeMode } from '../../../preload/contract/view-state.ts';
import { useGreyLevels } from '../../state/grey-levels.ts';
import { updateLayer } from '../../state/layer-edits.ts';
import { countsInWindow } from '../../state/transfer.ts';
import { setView, useView } from '../../state/view.ts';
import { SelectField } from '../../ui/field.tsx';
import { formatNumber, formatPercent } from '../../ui/format.ts';
import { LabelledSlider } from '../../ui/labelled-slider.tsx';
import { Section } from '../../ui/section.tsx';
import { TransferEditor } from '../../ui/transfer-editor.tsx';

interface ImageProps {
  readonly layer: LayerOf<'image'>;
}

const modes: Readonly<Record<VolumeMode, { readonly label: string; readonly about: string }>> = {
  off: { label: 'Off', about: 'Not drawn in 3-D panes.' },
  max: { label: 'Maximum', about: 'The brightest voxel along each ray: for fluorescence.' },
  min: { label: 'Minimum', about: 'The darkest voxel along each ray: for membranes in EM.' },
  average: { label: 'Average', about: 'The mean along each ray, as an X-ray shows it.' },
  attenuated: { label: 'Attenuated maximum', about: 'A maximum in which what lies in front dims what lies behind.' },
  translucent: { label: 'Translucent', about: 'Each grey value is as opaque as the curve says.' },
  surface: { label: 'Surface', about: 'Where the grey value crosses a level, lit from beside the eye.' },
};

const options = (Object.keys(modes) as VolumeMode[]).map((value) => ({ value, label: modes[value].label }));

/** How 3-D panes draw the layer. */
export function VolumeModeSection({ layer }: ImageProps): ReactNode {
  const slices = useView((s) => s.slicesIn3d);
  return (
    <Section title="In 3-D">
      <SelectField
        label="3-D panes show"
        value={layer.volumeMode}
        options={options}
        hint={modes[layer.volumeMode].about}
        onValue={(volumeMode) => updateLayer(layer.id, { volumeMode })}
      />
      <ModeFields layer={layer} />
      <label className="check">
        <input type="checkbox" checked={slices} onChange={() => setView({ slicesIn3d: !slices })} />
        Slices inside, for all layers
      </label>
    </Section>
  );
}

function ModeFields({ layer }: ImageProps): ReactNode {
  const levels = useGreyLevels((s) => s.whole);
  if (layer.volumeMode === 'attenuated')
    return (
      <LabelledSlider
        label="Attenuation"
        value={layer.attenuation}
        min={0}
        max={20}
        step={0.1}
        text={formatNumber}
        onValue={(attenuation) => updateLayer(layer.id, { attenuation })}
      />
    );
  if (layer.volumeMode === 'surface')
    return (
      <LabelledSlider
        label="Level"
        value={layer.surfaceAt}
        min={0}
        max={1}
        step={0.005}
        text={formatPercent}
        onValue={(surfaceAt) => updateLayer(layer.id, { surfaceAt })}
      />
    );
  if (layer.volumeMode !== 'translucent') return null;
  return (
    <TransferEditor
      label="Opacity of grey values"
      points={layer.transfer}
      counts={levels ? countsInWindow(levels, layer.window) : []}
      onPoints={(transfer) => updateLayer(layer.id, { transfer })}
    />
  );
}
