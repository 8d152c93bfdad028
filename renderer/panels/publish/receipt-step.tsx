import { FolderOpen, RefreshCw, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PublicationSummary } from '../../../preload/contract/library.ts';
import { useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import { publishAnother, receiptOf, revealOut, usePublish, verifyAgain } from '../../state/publish.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatBytes, formatCount, formatTime } from '../../ui/format.ts';

const formatNames = { precomputed: 'Neuroglancer precomputed', 'ome-zarr': 'OME-Zarr 0.5' } as const;

export function ReceiptStep(): ReactNode {
  const id = usePublish((s) => s.shown);
  const publication = useLibrary((s) => s.library?.publications.find((one) => one.id === id));
  if (!publication) {
    return (
      <div className="row">
        <p className="muted">This publication is not in the library any more.</p>
        <Button onClick={publishAnother}>Publish a volume</Button>
      </div>
    );
  }
  return <Receipt publication={publication} />;
}

function Receipt({ publication }: { readonly publication: PublicationSummary }): ReactNode {
  const out = usePublish((s) => s.out);
  const verifying = usePublish((s) => s.verifying);
  useJobs((s) => s.jobs);
  const receipt = receiptOf(publication.id);
  return (
    <div className="stack">
      <article className="receipt" aria-label="Receipt">
        <header>
          <ShieldCheck size={22} aria-hidden />
          <div>
            <h2 className="selectable">{publication.title}</h2>
            <p className="muted">{receipt?.metadata.creators.map(({ name }) => name).join('; ')}</p>
          </div>
          <Badge tone="good">Verified</Badge>
        </header>
        <Facts
          facts={[
            { name: 'Format', value: formatNames[publication.format] },
            { name: 'Parts', value: `${formatCount(publication.parts)}, each read back and compared` },
            { name: 'Size', value: formatBytes(publication.bytes) },
            { name: 'Verified', value: formatTime(publication.verifiedAt) },
            ...(receipt ? [{ name: 'Licence', value: receipt.metadata.licence }] : []),
          ]}
        />
        <div className="hash">
          <span className="faint">SHA-256 of the manifest, which lists every part</span>
          <Copyable label="manifest hash" text={publication.manifestSha256} />
        </div>
        <div className="hash">
          <span className="faint">Folder</span>
          <Copyable label="folder" text={receipt?.out ?? publication.folderName} />
        </div>
      </article>
      <Verification publication={publication.id} />
      <div className="row">
        {out && (
          <Button icon={FolderOpen} onClick={revealOut}>
            Show the folder
          </Button>
        )}
        <Button
          icon={RefreshCw}
          whyNot={verifying ? 'Reading every part back…' : null}
          onClick={() => void verifyAgain(publication.id)}
        >
          Verify again
        </Button>
        <Button onClick={publishAnother}>Publish another</Button>
      </div>
    </div>
  );
}

function Verification({ publication }: { readonly publication: string }): ReactNode {
  const verifying = usePublish((s) => s.verifying);
  const found = usePublish((s) => s.verification);
  if (verifying) return <p role="status">Reading every part back…</p>;
  if (found?.publication !== publication) return null;
  if (found.ok) {
    return (
      <p role="status">
        <Badge tone="good">All {formatCount(found.parts)} parts are as they were published</Badge>
      </p>
    );
  }
  return (
    <ErrorNote
      message={`The dataset is not what was published: ${found.problems.slice(0, 3).join('; ')}${found.problems.length > 3 ? `; and ${found.problems.length - 3} more` : ''}.`}
      hint="Publish it again into an empty folder, or restore the folder from a copy."
    />
  );
}
