import { Library } from 'lucide-react';
import type { ReactNode } from 'react';
import { useConvert } from '../../state/convert.ts';
import { useLibrary } from '../../state/library.ts';
import { useSession } from '../../state/session.ts';
import { useShapeDraft } from '../../state/shape-draft.ts';
import { useVolumeDraft } from '../../state/volume-draft.ts';
import { Empty } from '../../ui/empty.tsx';
import { RoomLayout } from '../layout.tsx';
import { AddPanel } from './add-panel.tsx';
import { AddShapesPanel } from './add-shapes-panel.tsx';
import { AddSource } from './add-source.tsx';
import { ConvertPanel } from './convert-panel.tsx';
import { VolumeInspector } from './volume-inspector.tsx';
import { VolumesNavigator } from './volumes-navigator.tsx';
import { VolumePage } from './volume-page.tsx';
import './volumes.css';

/** Every volume of the library: where it lies, what it holds, and what can be done with it. */
export function VolumesRoom(): ReactNode {
  const draft = useVolumeDraft((s) => s.draft);
  const shapes = useShapeDraft((s) => s.draft);
  const converting = useConvert((s) => s.draft !== null);
  const id = useSession((s) => s.volume);
  const volume = useLibrary((s) => s.library?.volumes.find((one) => one.id === id));
  return (
    <RoomLayout
      name="Volumes"
      navigator={<VolumesNavigator />}
      inspector={
        volume && !draft && !shapes && !converting ? <VolumeInspector key={volume.id} volume={volume} /> : null
      }
    >
      {shapes ? (
        <AddShapesPanel draft={shapes} />
      ) : draft ? (
        <AddPanel draft={draft} />
      ) : converting ? (
        <ConvertPanel />
      ) : volume ? (
        <VolumePage volume={volume} />
      ) : (
        <NoVolumes />
      )}
    </RoomLayout>
  );
}

function NoVolumes(): ReactNode {
  return (
    <div className="volumes-empty">
      <Empty icon={Library} title="Add a volume">
        Drop a file or folder anywhere here, or say where one is. Nothing is copied or changed: you see first what it
        holds. OME-Zarr, Zarr, Neuroglancer precomputed, N5, NIfTI, NRRD, TIFF, image stacks, Imaris and BigDataViewer
        HDF5.
      </Empty>
      <div className="volumes-empty-source">
        <AddSource />
      </div>
    </div>
  );
}
