import { Scan } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import { setSession, useSession } from '../../state/session.ts';
import type { ViewLayout } from '../../state/view.ts';
import { moveTo, setLayout, setScale, useView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames, boundsNm, map3, voxelAt } from '../../state/volume-geometry.ts';
import { NumberField } from '../../ui/field.tsx';
import { formatBytes, formatExtent } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';

export function ViewNavigator(): ReactNode {
  return (
    <>
      <Volumes />
      <Layout />
      <Position />
    </>
  );
}

export function Volumes(): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes);
  const current = useSession((s) => s.volume);
  return (
    <Section title="Volumes">
      <ul className="list">
        {volumes?.map((volume) => {
          const level = volume.levels[0];
          return (
            <li key={volume.id}>
              <button
                type="button"
                className="list-item"
                aria-current={volume.id === current}
                onClick={() => setSession({ volume: volume.id })}
              >
                <span className="truncate">{volume.name}</span>
                <span className="sub">
                  {level && formatExtent(map3((a) => level.size[a] * level.voxelSizeNm[a]))} ·{' '}
                  {formatBytes(volume.bytes)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </Section>
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
