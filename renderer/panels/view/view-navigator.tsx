import { Columns2, Plus, Scan, Unlink2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { Preset } from '../../state/panes.ts';
import { addPane, choosePreset, kindNames, paneKinds, presetOf, whyNoPane } from '../../state/panes.ts';
import { moveTo, setScale } from '../../state/view-moves.ts';
import type { ViewState } from '../../state/view.ts';
import { boundsInView, cameraOf, useView, volumeInView } from '../../state/view.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { axisNames, map3, voxelAt } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField } from '../../ui/field.tsx';
import { Menu, MenuItem, MenuLine, MenuTitle } from '../../ui/menu.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';
import { VolumeList } from '../volumes/volumes-navigator.tsx';
import '../volumes/volumes.css';
import { Times } from './data-sections.tsx';
import { LayersSection } from './layers-section.tsx';
import { NamedViews } from './named-views-section.tsx';

export function ViewNavigator(): ReactNode {
  return (
    <>
      <LayersSection />
      <Times />
      <Layout />
      <Position />
      <NamedViews />
      <VolumeList adds />
    </>
  );
}

/** The volumes of the library, to go from one to another; the rest is in their own room. */
export function Volumes(): ReactNode {
  return (
    <>
      <VolumeList />
      <Times />
    </>
  );
}

const layouts: ReadonlyArray<{ readonly value: Preset; readonly label: string; readonly title: string }> = [
  { value: 'four', label: 'Four', title: 'All four panes' },
  { value: 'xy', label: 'XY', title: 'XY alone' },
  { value: 'xz', label: 'XZ', title: 'XZ alone' },
  { value: 'yz', label: 'YZ', title: 'YZ alone' },
  { value: '3d', label: '3-D', title: '3-D alone' },
];

function Layout(): ReactNode {
  const preset = useView(presetOf);
  const nmPerPx = useView((s) => cameraOf(s, s.activePane).nmPerPx);
  return (
    <Section title="Panes" aside={<AddPane />}>
      <Segmented label="Panes" value={preset} options={layouts} onValue={choosePreset} />
      <div className="scale-row">
        <NumberField label="Scale, nm per pixel" value={nmPerPx} min={0.01} max={1e6} onNumber={(nm) => setScale(nm)} />
        <ActionButton id="view.fit" icon={Scan}>
          Fit
        </ActionButton>
      </div>
    </Section>
  );
}

/** More panes, and sets of them that are often wanted. */
function AddPane(): ReactNode {
  return (
    <Menu align="end" items={<PaneItems />}>
      <Button size="small" tone="quiet" icon={Plus}>
        Add
      </Button>
    </Menu>
  );
}

function PaneItems(): ReactNode {
  return (
    <>
      <MenuTitle>A pane beside the active one</MenuTitle>
      {paneKinds.map((kind) => (
        <MenuItem key={kind} icon={Plus} whyNot={whyNoPane()} onChoose={() => addPane(kind)}>
          {kindNames[kind]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuTitle>In place of all panes</MenuTitle>
      <MenuItem icon={Columns2} onChoose={() => choosePreset('xy-3d')}>
        XY and 3-D side by side
      </MenuItem>
      <MenuItem icon={Unlink2} onChoose={() => choosePreset('compare')}>
        Two XY panes with zooms of their own
      </MenuItem>
    </>
  );
}

/** x, y, z of the low corner, then of the high one. */
function boundsOf(s: ViewState): readonly number[] | null {
  const box = boundsInView(s);
  return box && [...box.min, ...box.max];
}

/** Where the cross-hair is; typing goes there. */
export function Position(): ReactNode {
  const volume = useView(volumeInView);
  const bounds = useView(useShallow(boundsOf));
  const position = useView((s) => s.positionNm);
  if (!bounds) return null;
  const put = (axis: Axis, nm: number): void => moveTo(map3((a) => (a === axis ? nm : position[a])));
  return (
    <Section
      title="Position"
      aside={volume && <span className="faint mono">voxel {voxelAt(volume, position).join(', ')}</span>}
    >
      <div className="three">
        {([0, 1, 2] as const).map((axis) => (
          <NumberField
            key={axis}
            label={`${axisNames[axis]}, nm`}
            value={Math.round(position[axis])}
            min={bounds[axis]}
            max={bounds[axis + 3]}
            onNumber={(nm) => put(axis, nm)}
          />
        ))}
      </div>
    </Section>
  );
}
