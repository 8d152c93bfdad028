import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import { publishAnother, showReceipt, usePublish } from '../../state/publish.ts';
import { Button } from '../../ui/button.tsx';
import { formatAgo, formatBytes, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

export function PublicationList(): ReactNode {
  const publications = useLibrary((s) => s.library?.publications) ?? [];
  const shown = usePublish((s) => (s.step === 'receipt' ? s.shown : null));
  return (
    <Section
      title="Publications"
      aside={
        <Button size="small" icon={Plus} onClick={publishAnother}>
          New
        </Button>
      }
    >
      {publications.length === 0 && <p className="muted">None yet. Each one keeps its receipt here.</p>}
      <ul className="list">
        {publications
          .toSorted((a, b) => b.verifiedAt.localeCompare(a.verifiedAt))
          .map((publication) => (
            <li key={publication.id}>
              <button
                type="button"
                className="list-item"
                aria-current={publication.id === shown}
                onClick={() => showReceipt(publication.id)}
              >
                <span className="truncate">{publication.title}</span>
                <span className="sub" title={formatTime(publication.verifiedAt)}>
                  {publication.format} · {formatBytes(publication.bytes)} · {formatAgo(publication.verifiedAt)}
                </span>
              </button>
            </li>
          ))}
      </ul>
    </Section>
  );
}
