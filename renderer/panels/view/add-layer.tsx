import { Blocks, BookOpenText, Box, Image, LayoutGrid, MapPin, Plus, Waypoints } from 'lucide-react';
import type { ReactNode } from 'react';
import { askForAtlas } from '../../state/atlas-draft.ts';
import { addLayers, showAlso } from '../../state/layer-edits.ts';
import { annotationLayer } from '../../state/layers.ts';
import { useLibrary } from '../../state/library.ts';
import { addMosaic } from '../../state/mosaics.ts';
import { goTo } from '../../state/session.ts';
import { askForShapes } from '../../state/shape-draft.ts';
import { showShapes } from '../../state/shapes.ts';
import { useView, volumeInView } from '../../state/view.ts';
import { inOrder } from '../../state/volumes.ts';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuItem, MenuLine, MenuTitle } from '../../ui/menu.tsx';

/** Everything that can become a layer of this view. */
export function AddLayer(): ReactNode {
  return (
    <Menu align="end" items={<Items />}>
      <Button size="small" tone="quiet" icon={Plus}>
        Add
      </Button>
    </Menu>
  );
}

function Items(): ReactNode {
  const shapes = useView((s) => s.shapes);
  const volume = useView(volumeInView);
  return (
    <>
      <Volumes />
      {shapes.length > 0 && <MenuTitle>Meshes and skeletons</MenuTitle>}
      {shapes.map((set) => (
        <MenuItem key={set.id} icon={set.kind === 'mesh' ? Box : Waypoints} onChoose={() => showShapes(set)}>
          {set.name}
        </MenuItem>
      ))}
      <Tiles />
      <MenuLine />
      {volume && (
        <MenuItem icon={MapPin} onChoose={() => addLayers([annotationLayer(volume, useView.getState().layers)])}>
          Annotations of {volume.name}
        </MenuItem>
      )}
      <MenuItem icon={Waypoints} onChoose={askForShapes}>
        A mesh or skeleton…
      </MenuItem>
      <MenuItem icon={BookOpenText} onChoose={() => askForAtlas()}>
        An atlas…
      </MenuItem>
      <MenuItem icon={Plus} onChoose={() => goTo('volumes')}>
        Another volume…
      </MenuItem>
    </>
  );
}

function Volumes(): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  if (volumes.length === 0) return null;
  return (
    <>
      <MenuTitle>Volumes</MenuTitle>
      {inOrder(volumes).map((volume) => (
        <MenuItem key={volume.id} icon={volume.display.labels ? Blocks : Image} onChoose={() => showAlso(volume)}>
          {volume.name}
        </MenuItem>
      ))}
    </>
  );
}

/** Tiles where the stage put them, and where each stitching did. */
function Tiles(): ReactNode {
  const datasets = useLibrary((s) => s.library?.datasets) ?? [];
  const stacks = useLibrary((s) => s.library?.stacks) ?? [];
  if (datasets.length === 0) return null;
  return (
    <>
      <MenuTitle>Tiles</MenuTitle>
      {datasets.map(({ id, name }) => (
        <MenuItem key={id} icon={LayoutGrid} onChoose={() => void addMosaic({ dataset: id, stack: null })}>
          {name}, as the stage put them
        </MenuItem>
      ))}
      {stacks.map(({ id, dataset, version }) => (
        <MenuItem key={id} icon={LayoutGrid} onChoose={() => void addMosaic({ dataset, stack: id })}>
          {datasets.find((one) => one.id === dataset)?.name ?? 'Tiles'}, stitching {version}
        </MenuItem>
      ))}
    </>
  );
}
