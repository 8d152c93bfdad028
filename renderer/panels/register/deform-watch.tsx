import type { ReactNode } from 'react';
import { useJobs } from '../../state/jobs.ts';
import { deformJob, useDeformProgress } from '../../state/register/deform.ts';
import { JobNumbers } from '../job-numbers.tsx';
import { MetricChart } from './metric-chart.tsx';
import { LivePlanes } from './planes-view.tsx';

/** A deformation under way: the planes as they fit now, the grid that bends them, and the metric of each level. */
export function DeformWatch(): ReactNode {
  const job = useJobs(() => deformJob());
  const { progress, pictures, job: of } = useDeformProgress();
  if (!job) return null;
  if (!pictures || of !== job.id)
    return (
      <div className="reg-wait">
        <p className="muted">
          Both volumes are read, and laid over each other; the first picture comes after some steps.
        </p>
        <JobNumbers job={job} />
      </div>
    );
  return <LivePlanes pictures={pictures} aside={progress && <MetricChart levels={progress.levels} />} />;
}
