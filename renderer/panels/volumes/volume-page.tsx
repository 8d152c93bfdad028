import { Box } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import { describeSelected, loadCache, useVolumes, viewVolume } from '../../state/volumes.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { AuditResult } from './audit-result.tsx';
import { Description } from './description.tsx';
import { SourceBadge } from './volumes-navigator.tsx';

/** One volume: where it lies and what it holds. */
export function VolumePage({ volume }: { readonly volume: Volume }): ReactNode {
  const shown = useVolumes((s) => (s.description?.volume === volume.id ? s.description : null));
  const audit = useVolumes((s) => s.audits[volume.id]);
  useEffect(() => {
    void describeSelected();
    void loadCache();
  }, [volume.id]);
  return (
    <div className="volume-page">
      <header className="volume-head">
        <div className="volume-words">
          <h1 className="truncate" title={volume.name}>
            {volume.name}
          </h1>
          <p className="row">
            <SourceBadge volume={volume} />
            <span className="mono faint truncate selectable" title={volume.source.text}>
              {volume.source.text}
            </span>
          </p>
        </div>
        <Button tone="primary" icon={Box} onClick={() => viewVolume(volume.id)}>
          Open in View
        </Button>
      </header>
      {shown?.problem && (
        <ErrorNote message={shown.problem.message} hint={shown.problem.hint}>
          <Button size="small" onClick={() => void describeSelected()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {audit && <AuditResult audit={audit} />}
      {shown?.value ? (
        <Description description={shown.value} />
      ) : (
        !shown?.problem && (
          <p className="muted" role="status">
            Reading what it holds…
          </p>
        )
      )}
    </div>
  );
}
