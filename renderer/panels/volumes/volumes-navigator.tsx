import { Star } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import { dropConvert } from '../../state/convert.ts';
import { useLibrary } from '../../state/library.ts';
import { setSession, useSession } from '../../state/session.ts';
import { dropVolumeDraft, useVolumeDraft } from '../../state/volume-draft.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { inOrder, toggleFavourite, useVolumes } from '../../state/volumes.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { formatAgo, formatBytes, formatExtent, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { AddSource } from './add-source.tsx';
import { CacheLine } from './cache-line.tsx';

export function VolumesNavigator(): ReactNode {
  const count = useLibrary((s) => s.library?.volumes.length ?? 0);
  const adding = useVolumeDraft((s) => s.draft !== null);
  return (
    <>
      {(count > 0 || adding) && (
        <Section title="Add a volume">
          <AddSource />
        </Section>
      )}
      <VolumeList
        onChoose={() => {
          dropVolumeDraft();
          dropConvert();
        }}
        marksCurrent={!adding}
      />
      <CacheLine />
    </>
  );
}

interface VolumeListProps {
  readonly onChoose?: () => void;
  readonly marksCurrent?: boolean;
}

/** Favourites first, then what was looked at last. */
export function VolumeList({ onChoose, marksCurrent = true }: VolumeListProps): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes);
  const current = useSession((s) => s.volume);
  return (
    <Section title="Volumes" aside={<span className="faint mono">{volumes?.length ?? 0}</span>}>
      {(volumes?.length ?? 0) === 0 && <p className="muted">None yet. Drop one here, or fuse a stack in Assemble.</p>}
      <ul className="list" aria-label="Volumes">
        {inOrder(volumes ?? []).map((volume) => (
          <li key={volume.id} className="volume-row">
            <button
              type="button"
              className="list-item"
              aria-current={marksCurrent && volume.id === current}
              onClick={() => {
                onChoose?.();
                setSession({ volume: volume.id });
              }}
            >
              <span className="truncate" title={volume.name}>
                {volume.name}
              </span>
              <span className="sub">
                <SourceBadge volume={volume} />
                <SmallFacts volume={volume} />
              </span>
            </button>
            <IconButton
              icon={Star}
              iconSize={14}
              className="star"
              label={`${volume.name}: favourite`}
              aria-pressed={volume.favourite}
              onClick={() => void toggleFavourite(volume)}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function SmallFacts({ volume }: { readonly volume: Volume }): ReactNode {
  const level = volume.levels[0];
  return (
    <>
      {level && <span>{formatExtent(map3((a) => level.size[a] * level.voxelSizeNm[a]))}</span>}
      {volume.bytes !== null && <span>{formatBytes(volume.bytes)}</span>}
      {volume.openedAt !== null && <span title={formatTime(volume.openedAt)}>{formatAgo(volume.openedAt)}</span>}
    </>
  );
}

const kinds = {
  library: { word: 'Library', about: 'In the library itself' },
  local: { word: 'Local', about: 'On this computer, where you left it' },
  remote: { word: 'Remote', about: 'On a server; what was looked at is cached' },
} as const;

export function SourceBadge({ volume }: { readonly volume: Volume }): ReactNode {
  const away = useVolumes((s) => s.away.has(volume.id));
  if (away) return <Badge tone="warn">{volume.source.kind === 'remote' ? 'Offline' : 'Not found'}</Badge>;
  const { word, about } = kinds[volume.source.kind];
  return (
    <span className="badge" title={`${about}: ${volume.source.text}`}>
      {word}
    </span>
  );
}
