import { FolderOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import type { Format } from '../../state/publish.ts';
import { chooseOut, goToStep, setFormat, usePublish } from '../../state/publish.ts';
import { setSession, useSession } from '../../state/session.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { formatBytes, formatExtent, formatSize } from '../../ui/format.ts';

export function VolumeStep(): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes) ?? [];
  const chosen = useSession((s) => s.volume);
  return (
    <div className="stack">
      <fieldset className="choices">
        <legend>Which volume?</legend>
        {volumes.map((volume) => {
          const level = volume.levels[0];
          return (
            <Choice
              key={volume.id}
              group="volume"
              title={volume.name}
              about={
                level &&
                `${formatSize(level.size, 'voxels')}, ${formatExtent(map3((a) => level.size[a] * level.voxelSizeNm[a]))}, ${volume.levels.length} levels, ${formatBytes(volume.bytes)}`
              }
              checked={volume.id === chosen}
              onChoose={() => setSession({ volume: volume.id })}
            />
          );
        })}
      </fieldset>
      <div className="row">
        <Button
          tone="primary"
          whyNot={chosen === null ? 'Choose a volume first' : null}
          onClick={() => goToStep('format')}
        >
          Next: format
        </Button>
      </div>
    </div>
  );
}

const formats: ReadonlyArray<{ readonly value: Format; readonly title: string; readonly about: string }> = [
  {
    value: 'precomputed',
    title: 'Neuroglancer precomputed',
    about: 'Opens in Neuroglancer and CloudVolume straight from a web server.',
  },
  {
    value: 'ome-zarr',
    title: 'OME-Zarr 0.5',
    about: 'The community format: napari, Fiji, BigDataViewer, Python, and most archives.',
  },
];

export function FormatStep(): ReactNode {
  const format = usePublish((s) => s.format);
  return (
    <div className="stack">
      <fieldset className="choices">
        <legend>In which format?</legend>
        {formats.map(({ value, title, about }) => (
          <Choice
            key={value}
            group="format"
            title={title}
            about={about}
            checked={value === format}
            onChoose={() => setFormat(value)}
          />
        ))}
      </fieldset>
      <p className="muted">Both hold every resolution level, losslessly. You can publish once in each.</p>
      <div className="row">
        <Button tone="primary" onClick={() => goToStep('metadata')}>
          Next: metadata
        </Button>
      </div>
    </div>
  );
}

export function FolderStep(): ReactNode {
  const out = usePublish((s) => s.out);
  return (
    <div className="stack">
      <p>
        Choose an empty folder. The dataset, its manifest and its receipt are written into it; the library keeps a
        record.
      </p>
      <div className="row">
        <Button icon={FolderOpen} tone={out ? 'plain' : 'primary'} onClick={() => void chooseOut()}>
          {out ? 'Choose another folder…' : 'Choose a folder…'}
        </Button>
        {out && (
          <span>
            Into <strong>{out.name}</strong>
          </span>
        )}
      </div>
      {out && (
        <div className="row">
          <Button tone="primary" onClick={() => goToStep('check')}>
            Next: dry run
          </Button>
        </div>
      )}
    </div>
  );
}
