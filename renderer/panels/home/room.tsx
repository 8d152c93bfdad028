import { FlaskConical, FolderInput, FolderOpen, X } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { runAction } from '../../state/actions/registry.ts';
import type { Recent } from '../../state/library.ts';
import { forgetLibrary, loadRecent, openLibrary, useLibrary } from '../../state/library.ts';
import { goTo } from '../../state/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatAgo, formatTime } from '../../ui/format.ts';
import { Keys } from '../../ui/keys.tsx';
import { LibraryCard } from './library-card.tsx';
import './home.css';

export function HomeRoom(): ReactNode {
  const library = useLibrary((s) => s.library);
  return (
    <main className="home">
      <div className="home-column">
        <header className="home-head">
          <h1>From raw tiles to a verified, published volume</h1>
          <p className="muted">
            Import overlapping microscope tiles, check them, stitch and fuse them, look, annotate, publish. Your files
            stay as they are, on this computer.
          </p>
        </header>
        <Starts />
        {library && <LibraryCard library={library} />}
        <RecentLibraries />
      </div>
    </main>
  );
}

function Starts(): ReactNode {
  return (
    <div className="starts">
      <button type="button" className="start first" onClick={() => runAction('library.sample')}>
        <FlaskConical size={22} strokeWidth={1.6} aria-hidden />
        <strong>Try the sample acquisition</strong>
        <span>96 EM-like tiles in 6 sections, with faults to find. Ready in seconds.</span>
      </button>
      <button type="button" className="start" onClick={() => runAction('library.open')}>
        <FolderOpen size={22} strokeWidth={1.6} aria-hidden />
        <strong>Open or create a library</strong>
        <span>A folder that keeps positions, edits and volumes. An empty folder becomes a new one.</span>
        <Keys keys="$mod+O" />
      </button>
      <button type="button" className="start drop" onClick={() => goTo('volumes')}>
        <FolderInput size={22} strokeWidth={1.6} aria-hidden />
        <strong>Drop a volume or a folder of tiles</strong>
        <span>
          OME-Zarr, precomputed, N5, NIfTI, TIFF and more, from disk or an address; or tiles to stitch. You see first
          what it is.
        </span>
      </button>
    </div>
  );
}

function RecentLibraries(): ReactNode {
  const recent = useLibrary((s) => s.recent);
  useEffect(() => void loadRecent(), []);
  return (
    <section aria-labelledby="recent-title">
      <h2 id="recent-title" className="home-title">
        Recent libraries
      </h2>
      {recent === null && <p className="faint">Looking…</p>}
      {recent?.length === 0 && <p className="muted">None yet. Libraries that you open are listed here.</p>}
      {recent !== null && recent.length > 0 && (
        <ul className="recent">
          {recent.map((one) => (
            <RecentRow key={one.library} recent={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RecentRow({ recent }: { readonly recent: Recent }): ReactNode {
  const isOpen = useLibrary((s) => s.library?.folder === recent.folder);
  const open = async (): Promise<void> => {
    const opened = await openLibrary(recent.library);
    if (opened) goTo(opened.volumes.length > 0 ? 'view' : 'acquire');
  };
  return (
    <li className="recent-row">
      <button
        type="button"
        className="as-text recent-open"
        aria-disabled={!recent.present || undefined}
        onClick={() => recent.present && void open()}
      >
        <strong className="truncate">{recent.name}</strong>
        <span className="mono faint truncate" title={recent.folder}>
          {recent.folder}
        </span>
        <span className="faint" title={formatTime(recent.openedAt)}>
          {formatAgo(recent.openedAt)}
        </span>
      </button>
      {isOpen && <Badge tone="good">Open</Badge>}
      {!recent.present && <MissingLibrary />}
      <IconButton
        icon={X}
        iconSize={14}
        label={`Take ${recent.name} off the list`}
        onClick={() => void forgetLibrary(recent.library)}
      />
    </li>
  );
}

function MissingLibrary(): ReactNode {
  return (
    <>
      <Badge tone="warn">Not found</Badge>
      <Button size="small" onClick={() => runAction('library.open')}>
        Find it…
      </Button>
    </>
  );
}
