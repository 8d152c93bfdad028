import { TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { useAtlases } from '../../state/atlases.ts';
import { portraitKey, readPortrait, usePortraits } from '../../state/register/portraits.ts';
import { type Side, useRegister, volumeNamed } from '../../state/register/register.ts';
import { useLibrary } from '../../state/library.ts';
import { goTo } from '../../state/session.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatCount, formatExtentOf, formatSize } from '../../ui/format.ts';
import { Greys } from './plane-picture.tsx';

/** Both volumes, seen on three planes through the middle of each. */
export function ChooseStep(): ReactNode {
  return (
    <div className="reg-cards">
      <SideCard side="fixed" title="Fixed" about="stays as it is" />
      <SideCard side="moving" title="Moving" about="is laid over it" />
    </div>
  );
}

interface CardProps {
  readonly side: Side;
  readonly title: string;
  readonly about: string;
}

function SideCard({ side, title, about }: CardProps): ReactNode {
  const id = useRegister((s) => s[side]);
  const volume = useLibrary((s) => s.library?.volumes.find((one) => one.id === id));
  const atlas = useAtlases((s) => s.atlases.find(({ template }) => template === id));
  const other = useRegister((s) => volumeNamed(s[side === 'fixed' ? 'moving' : 'fixed']));
  const isAloneUnsized = volume?.unsized === true && other !== null && !other.unsized;
  const level = volume?.levels[0];
  return (
    <section className="reg-card" aria-label={`${title} volume`}>
      <header>
        <h2>{title}</h2>
        <span className="muted">{about}</span>
        {atlas && <Badge tone="good">Atlas</Badge>}
      </header>
      {!volume && <p className="muted">Choose one at the left.</p>}
      {volume && (
        <>
          <h3 className="truncate" title={volume.name}>
            {volume.name}
          </h3>
          <PortraitOf volume={volume.id} side={side} />
          {isAloneUnsized && <Unsized />}
          {level && (
            <Facts
              facts={[
                { name: 'Size', value: formatSize(level.size, 'voxels') },
                {
                  name: 'Extent',
                  value: formatExtentOf(
                    map3((i) => level.size[i] * level.voxelSizeNm[i]),
                    volume.unsized,
                  ),
                },
                { name: 'Voxel', value: formatExtentOf(level.voxelSizeNm, volume.unsized) },
                { name: 'Levels', value: volume.levels.length },
                ...(atlas ? [{ name: 'Regions', value: formatCount(atlas.regions) }] : []),
              ]}
            />
          )}
        </>
      )}
    </section>
  );
}

/** Nothing can be said of a volume that is counted in voxels and one that is measured. */
function Unsized(): ReactNode {
  return (
    <div className="note warn" role="status">
      <TriangleAlert size={16} aria-hidden />
      <div>
        <p>
          It is not known how large its voxels are, so nothing can be found. Add it again, and say their size before you
          press Add.
        </p>
        <div className="row">
          <Button size="small" onClick={() => goTo('volumes')}>
            Go to Volumes
          </Button>
        </div>
      </div>
    </div>
  );
}

const plain = { look: 'checker', tilePx: 24, mix: 0, inverted: false } as const;

function PortraitOf({ volume, side }: { readonly volume: string; readonly side: Side }): ReactNode {
  const channel = useRegister((s) => s[`${side}Channel`]);
  const portrait = usePortraits((s) => s[portraitKey(volume, channel)]);
  useEffect(() => void readPortrait(volume, channel), [volume, channel]);
  if (portrait?.problem)
    return (
      <ErrorNote message={portrait.problem.message} hint={portrait.problem.hint}>
        <Button size="small" onClick={() => void readPortrait(volume, channel)}>
          Try again
        </Button>
      </ErrorNote>
    );
  return (
    <div className="reg-portrait" aria-busy={!portrait?.pictures}>
      {portrait?.pictures?.map((picture) => (
        <figure key={picture.plane} style={{ flex: `${picture.width / picture.height} 1 0` }}>
          <Greys picture={picture} style={plain} mostLog={1} />
          <figcaption className="visually-hidden">{picture.plane.toUpperCase()} through the middle</figcaption>
        </figure>
      ))}
    </div>
  );
}
