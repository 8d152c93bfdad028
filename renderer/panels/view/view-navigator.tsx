import { Scan } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ViewLayout } from '../../state/view.ts';
import { moveTo, setLayout, setScale, useView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames, boundsNm, map3, voxelAt } from '../../state/volume-geometry.ts';
import { NumberField } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';
import { VolumeList } from '../volumes/volumes-navigator.tsx';
import '../volumes/volumes.css';
import { Channels, Times } from './data-sections.tsx';

export function ViewNavigator(): ReactNode {
  return (
    <>
      <Volumes />
      <Layout />
      <Position />
    </>
  );
}

/** The volumes of the library, to go from one to another; the rest is in their own room. */
export function Volumes(): ReactNode {
  return (
    <>
      <VolumeList />
      <Channels />
      <Times />
    </>
  );
}

const layouts: ReadonlyArray<{ readonly value: ViewLayout; readonly label: string; readonly title: string }> = [
  { value: 'four', label: 'Four', title: 'All four panes' },
  { value: 'xy', label: 'XY', title: 'XY alone' },
  { value: 'xz', label: 'XZ', title: 'XZ alone' },
  { value: 'yz', label: 'YZ', title: 'YZ alone' },
  { value: '3d', label: '3-D', title: '3-D alone' },
];

function Layout(): ReactNode {
  const layout = useView((s) => s.layout);
  const nmPerPx = useView((s) => s.nmPerPx);
  return (
    <Section title="Panes">
      <Segmented label="Panes" value={layout} options={layouts} onValue={setLayout} />
      <div className="scale-row">
        <NumberField label="Scale, nm per pixel" value={nmPerPx} min={0.01} max={1e6} onNumber={setScale} />
        <ActionButton id="view.fit" icon={Scan}>
          Fit
        </ActionButton>
      </div>
    </Section>
  );
}

/** Where the cross-hair is; typing goes there. */
export function Position(): ReactNode {
  const volume = useView((s) => s.volume);
  const position = useView((s) => s.positionNm);
  if (!volume) return null;
  const { min, max } = boundsNm(volume);
  const put = (axis: Axis, nm: number): void => moveTo(map3((a) => (a === axis ? nm : position[a])));
  return (
    <Section title="Position" aside={<span className="faint mono">voxel {voxelAt(volume, position).join(', ')}</span>}>
      <div className="three">
        {([0, 1, 2] as const).map((axis) => (
          <NumberField
            key={axis}
            label={`${axisNames[axis]}, nm`}
            value={Math.round(position[axis])}
            min={min[axis]}
            max={max[axis]}
            onNumber={(nm) => put(axis, nm)}
          />
        ))}
      </div>
    </Section>
  );
}
