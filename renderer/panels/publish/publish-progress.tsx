import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { JobWatch } from '../job-watch.tsx';

export function PublishProgress({ job }: { readonly job: Job }): ReactNode {
  return (
    <JobWatch
      job={job}
      about="Each part is written, hashed, read back and compared. If the computer stops, publishing goes on where it was. The receipt opens when it is done."
    />
  );
}
