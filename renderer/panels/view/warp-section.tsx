import type { ReactNode } from 'react';
import type { Layer } from '../../../preload/contract/view-state.ts';
import type { Warp, WarpStep } from '../../../preload/contract/warp.ts';
import { alignmentOf } from '../../state/landmark-pairs.ts';
import { isVolumeLayer } from '../../state/layers.ts';
import { shortName } from '../../state/source.ts';
import { useView } from '../../state/view.ts';
import { useWarps } from '../../state/warps.ts';
import { Facts } from '../../ui/facts.tsx';
import { formatExtent } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

/** Of a layer that is drawn through maps: which, and what of. Landmarks say so in a section of their own. */
export function WarpSection({ layer }: { readonly layer: Layer }): ReactNode {
  const volume = isVolumeLayer(layer) ? layer.volume : null;
  const warp = useWarps((s) => s.warps.find((one) => one.volume === volume));
  const source = useView((s) => s.volumes.find(({ id }) => id === warp?.source));
  if (!warp || alignmentOf(warp)) return null;
  return (
    <Section title="Warped">
      <p className="muted">{sentence(warp, source?.name ?? warp.source)}</p>
      <Facts
        facts={[
          { name: 'Of', value: source?.name ?? warp.source },
          ...warp.steps.map((step, i) => ({
            name: warp.steps.length > 1 ? `Step ${i + 1}` : 'Through',
            value: stepText(step),
            ...(step.type === 'field' && { about: step.source }),
          })),
          ...(source?.levels[0] ? [{ name: 'Voxel', value: formatExtent(source.levels[0].voxelSizeNm) }] : []),
        ]}
      />
    </Section>
  );
}

const sentence = ({ steps }: Warp, name: string): string =>
  steps.some(({ type }) => type === 'field')
    ? `Each point shows what a displacement field brings there from ${name}. Nothing is written.`
    : `Each point shows what its map brings there from ${name}. Nothing is written.`;

function stepText(step: WarpStep): string {
  const back = 'inverse' in step && step.inverse ? ', the other way round' : '';
  if (step.type === 'field') return `field ${shortName(step.source)}${back}`;
  if (step.type === 'affine') return `affine map${back}`;
  return `${step.landmarks.length} landmarks`;
}
