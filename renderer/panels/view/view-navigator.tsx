import { LayoutPanelLeft, Plus, Scan } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Preset } from '../../state/panes.ts';
import { addPane, choosePreset, kindNames, paneKinds, presetOf, whyNoPane } from '../../state/panes.ts';
import { setScale } from '../../state/view-moves.ts';
import { isUnsized } from '../../state/unsized.ts';
import { cameraOf, useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField } from '../../ui/field.tsx';
import { Menu, MenuItem, MenuTitle } from '../../ui/menu.tsx';
import { Section } from '../../ui/section.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ActionButton } from '../action-button.tsx';
import { ShapeList } from '../volumes/shape-list.tsx';
import { VolumeList } from '../volumes/volumes-navigator.tsx';
import '../volumes/volumes.css';
import { AtlasSection } from './atlas-section.tsx';
import { Times } from './data-sections.tsx';
import { LayersSection } from './layers-section.tsx';
import { NamedViews } from './named-views-section.tsx';
import { Position } from './position-section.tsx';

export function ViewNavigator(): ReactNode {
  return (
    <>
      <LayersSection />
      <Times />
      <AtlasSection />
      <Layout />
      <Position />
      <NamedViews />
      <VolumeList adds />
      <ShapeList />
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
  const unsized = useView(isUnsized);
  return (
    <Section title="Panes" aside={<PaneMenus />}>
      <Segmented label="Panes" value={preset} options={layouts} onValue={choosePreset} />
      <div className="scale-row">
        <NumberField
          label={unsized ? 'Scale, voxels per pixel' : 'Scale, nm per pixel'}
          value={Number(nmPerPx.toPrecision(4))}
          min={0.01}
          max={1e6}
          onNumber={(nm) => setScale(nm)}
        />
        <ActionButton id="view.fit" icon={Scan}>
          Fit
        </ActionButton>
      </div>
    </Section>
  );
}

/** Sets of panes that are often wanted, and more panes. */
function PaneMenus(): ReactNode {
  return (
    <span className="section-tools">
      <Menu align="end" items={<PresetItems />}>
        <Button size="small" tone="quiet" icon={LayoutPanelLeft}>
          Presets
        </Button>
      </Menu>
      <Menu align="end" items={<PaneItems />}>
        <Button size="small" tone="quiet" icon={Plus}>
          Add
        </Button>
      </Menu>
    </span>
  );
}

const presetTitles: Readonly<Record<Preset, string>> = {
  four: 'XY, XZ, YZ and 3-D',
  xy: 'XY alone',
  xz: 'XZ alone',
  yz: 'YZ alone',
  '3d': '3-D alone',
  'xy-3d': 'XY and 3-D side by side',
  compare: 'Two XY panes with zooms of their own',
};

const presets = ['four', 'xy-3d', 'compare', 'xy', 'xz', 'yz', '3d'] as const satisfies readonly Preset[];

function PresetItems(): ReactNode {
  const current = useView(presetOf);
  return presets.map((preset) => (
    <MenuItem key={preset} checked={preset === current} onChoose={() => choosePreset(preset)}>
      {presetTitles[preset]}
    </MenuItem>
  ));
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
    </>
  );
}
