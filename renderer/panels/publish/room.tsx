import { Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import type { PublishStep } from '../../state/publish.ts';
import { goToStep, metadataProblems, usePublish } from '../../state/publish.ts';
import { goTo, useSession } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Stepper } from '../../ui/stepper.tsx';
import { CheckStep } from './check-step.tsx';
import { FolderStep, FormatStep, VolumeStep } from './choice-steps.tsx';
import { MetadataStep } from './metadata-step.tsx';
import { PublicationList } from './publication-list.tsx';
import { PublishProgress } from './publish-progress.tsx';
import { ReceiptStep } from './receipt-step.tsx';
import './publish.css';

/** From a volume to a verified copy with a receipt. */
export function PublishRoom(): ReactNode {
  const volumes = useLibrary((s) => s.library?.volumes.length ?? 0);
  const running = useJobs((s) => activeJob(s.jobs, 'publish.start'));
  const navigator = useSession((s) => s.navigator);
  if (volumes === 0) return <NothingToPublish />;
  return (
    <div className="room">
      {navigator ? (
        <aside className="navigator" aria-label="Publish: navigator">
          <PublicationList />
        </aside>
      ) : (
        <span />
      )}
      {running ? <PublishProgress job={running} /> : <Wizard />}
    </div>
  );
}

const stepViews: Readonly<Record<PublishStep, () => ReactNode>> = {
  volume: VolumeStep,
  format: FormatStep,
  metadata: MetadataStep,
  folder: FolderStep,
  check: CheckStep,
  receipt: ReceiptStep,
};

function Wizard(): ReactNode {
  const step = usePublish((s) => s.step);
  const Step = stepViews[step];
  return (
    <main className="room-main wizard" aria-label="Publish a volume">
      <div className="wizard-column">
        <h1>{step === 'receipt' ? 'Published' : 'Publish a volume'}</h1>
        {step !== 'receipt' && <Steps current={step} />}
        <Step />
      </div>
    </main>
  );
}

const formatNames = { precomputed: 'Neuroglancer precomputed', 'ome-zarr': 'OME-Zarr 0.5' } as const;

function Steps({ current }: { readonly current: PublishStep }): ReactNode {
  const { format, metadata, out, plan } = usePublish();
  const volumeId = useSession((s) => s.volume);
  const volume = useLibrary((s) => s.library?.volumes.find(({ id }) => id === volumeId));
  const described = Object.keys(metadataProblems(metadata, volumeId)).length === 0;
  const order: readonly PublishStep[] = ['volume', 'format', 'metadata', 'folder', 'check'];
  const passed = (step: PublishStep): boolean => order.indexOf(step) < order.indexOf(current);
  const steps = [
    { id: 'volume', title: 'Volume', note: volume?.name, done: volume !== undefined && passed('volume'), open: true },
    { id: 'format', title: 'Format', note: formatNames[format], done: passed('format'), open: volume !== undefined },
    {
      id: 'metadata',
      title: 'Metadata',
      note: described ? metadata.title : 'who, what, licence',
      done: described && passed('metadata'),
      open: volume !== undefined,
    },
    {
      id: 'folder',
      title: 'Folder',
      note: out?.name ?? 'where it goes',
      done: out !== null && passed('folder'),
      open: described,
    },
    {
      id: 'check',
      title: 'Dry run',
      note: plan ? `${plan.parts} parts` : 'then publish',
      done: false,
      open: described && out !== null,
    },
  ];
  return <Stepper label="Publish" steps={steps} current={current} onStep={(id) => goToStep(id as PublishStep)} />;
}

function NothingToPublish(): ReactNode {
  return (
    <main className="room-main" aria-label="Publish">
      <Empty
        icon={Send}
        title="There is no volume to publish"
        actions={
          <Button tone="primary" onClick={() => goTo('assemble')}>
            Go to Assemble
          </Button>
        }
      >
        Fuse stitched tiles into a volume first. Publishing writes a copy that others can open, reads every part back,
        and leaves a receipt with its hash.
      </Empty>
    </main>
  );
}
