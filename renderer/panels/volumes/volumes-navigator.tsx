import type { LucideIcon } from 'lucide-react';
import { Cloud, CloudOff, HardDrive, Layers2, Library, Star } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import { dropConvert } from '../../state/convert.ts';
import { showAlso } from '../../state/layer-edits.ts';
import { useLibrary } from '../../state/library.ts';
import { useOffline } from '../../state/offline.ts';
import { setSession, useSession } from '../../state/session.ts';
import { dropShapeDraft, useShapeDraft } from '../../state/shape-draft.ts';
import { dropVolumeDraft, useVolumeDraft } from '../../state/volume-draft.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { inOrder, toggleFavourite, useVolumes } from '../../state/volumes.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { formatAgo, formatBytes, formatExtent, formatSize, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { AddSource } from './add-source.tsx';
import { CacheLine } from './cache-line.tsx';
import { ShapeList } from './shape-list.tsx';

export function VolumesNavigator(): ReactNode {
  const count = useLibrary((s) => s.library?.volumes.length ?? 0);
  const volumeDraft = useVolumeDraft((s) => s.draft !== null);
  const shapeDraft = useShapeDraft((s) => s.draft !== null);
  const adding = volumeDraft || shapeDraft;
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
          dropShapeDraft();
          dropConvert();
        }}
        marksCurrent={!adding}
      />
      <ShapeList />
      <CacheLine />
    </>
  );
}

const lastSeen = ({ openedAt }: Volume): string =>
  openedAt === null ? '' : `, looked at ${formatAgo(openedAt)} (${formatTime(openedAt)})`;

interface VolumeListProps {
  readonly onChoose?: () => void;
  readonly marksCurrent?: boolean;
  /** Whether volumes can be added to the view that is shown. */
  readonly adds?: boolean;
}

/** Favourites first, then what was looked at last. */
export function VolumeList({ onChoose, marksCurrent = true, adds = false }: VolumeListProps): ReactNode {
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
              <span className="truncate" title={`${volume.name}${lastSeen(volume)}`}>
                {volume.name}
              </span>
              <SmallFacts volume={volume} />
            </button>
            <span className="volume-tools">
              {adds && (
                <IconButton
                  icon={Layers2}
                  iconSize={14}
                  label={`Add ${volume.name} to this view`}
                  onClick={() => showAlso(volume)}
                />
              )}
              <IconButton
                icon={Star}
                iconSize={14}
                className="star"
                label={`${volume.name}: favourite`}
                aria-pressed={volume.favourite}
                onClick={() => void toggleFavourite(volume)}
              />
            </span>
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
      <span className="sub">
        <SourceWord volume={volume} />
        {volume.bytes !== null && <span>{formatBytes(volume.bytes)}</span>}
      </span>
      {level && (
        <span className="sub">
          {volume.unsized
            ? formatSize(level.size, 'voxels')
            : formatExtent(map3((a) => level.size[a] * level.voxelSizeNm[a]))}
        </span>
      )}
    </>
  );
}

const kinds = {
  library: { word: 'Library', icon: Library, about: 'In the library itself' },
  local: { word: 'Local', icon: HardDrive, about: 'On this computer, where you left it' },
  remote: { word: 'Remote', icon: Cloud, about: 'On a server; what was looked at is cached' },
} as const;

function useSource({ id, source }: Volume): {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly about: string;
  readonly away: boolean;
} {
  const lookedAt = useOffline((s) => s.away.has(id));
  const away = useVolumes((s) => s.away.has(id)) || lookedAt;
  const { word, icon, about } = kinds[source.kind];
  const awayWord = source.kind === 'remote' ? 'Offline' : 'Not found';
  return { word: away ? awayWord : word, icon: away ? CloudOff : icon, about: `${about}: ${source.text}`, away };
}

/** Where a volume's voxels are, in a list. */
function SourceWord({ volume }: { readonly volume: Volume }): ReactNode {
  const { word, icon: Icon, about, away } = useSource(volume);
  return (
    <span className={`source-word ${away ? 'away' : ''}`} title={about}>
      <Icon size={12} aria-hidden />
      {word}
    </span>
  );
}

/** The same, beside a title. */
export function SourceBadge({ volume }: { readonly volume: Volume }): ReactNode {
  const { word, icon: Icon, about, away } = useSource(volume);
  if (away) return <Badge tone="warn">{word}</Badge>;
  return (
    <span className="badge" title={about}>
      <Icon size={12} aria-hidden />
      {word}
    </span>
  );
}
