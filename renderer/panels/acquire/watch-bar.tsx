import { FileText, Square } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Watch } from '../../../preload/contract/watch.ts';
import { useWatch } from '../../state/watch.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatAgo, formatCount, plural } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';

const stateWords = {
  watching: ['Watching', 'good'],
  away: ['Folder away', 'bad'],
  paused: ['Paused', 'warn'],
  stopped: ['Ended', 'plain'],
} as const;

/** How the watch stands, and what can be done with it. Nothing where the dataset was imported in one go. */
export function WatchBar(): ReactNode {
  const watch = useWatch((s) => s.watch);
  if (!watch) return null;
  const [word, tone] = stateWords[watch.state];
  const runs = watch.state === 'watching' || watch.state === 'away';
  return (
    <div className="bar watch-bar" role="toolbar" aria-label="Watch">
      <Badge tone={tone}>{word}</Badge>
      <span className="bar-words truncate muted" role="status" title={aboutOf(watch)}>
        {aboutOf(watch)}
      </span>
      {watch.openAlarms > 0 && <Badge tone="bad">{plural(watch.openAlarms, 'alarm')}</Badge>}
      <ActionButton id="watch.report" size="small" icon={FileText}>
        Report…
      </ActionButton>
      {runs && (
        <ActionButton id="watch.stop" size="small" icon={Square}>
          End the watch
        </ActionButton>
      )}
      {watch.state === 'paused' && (
        <ActionButton id="watch.resume" size="small" tone="primary">
          Go on
        </ActionButton>
      )}
    </div>
  );
}

function aboutOf({ tiles, sections, waiting, behind, lastTileAt }: Watch): string {
  const growing = waiting > 0 ? `, ${formatCount(waiting)} still growing` : '';
  const late = behind > 0 ? `, ${formatCount(behind)} not compared yet` : '';
  const last = lastTileAt === null ? 'none has come yet' : `last ${formatAgo(lastTileAt)}`;
  return `${plural(tiles, 'tile')} in ${plural(sections, 'section')}${growing}${late}, ${last}`;
}
