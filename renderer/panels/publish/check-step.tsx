import { RefreshCw, Send, TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Plan } from '../../state/publish.ts';
import { dryRun, goToStep, startPublish, usePublish } from '../../state/publish.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatBytes, formatCount } from '../../ui/format.ts';

/** What would be written, before anything is. */
export function CheckStep(): ReactNode {
  const plan = usePublish((s) => s.plan);
  const problem = usePublish((s) => s.planProblem);
  const planning = usePublish((s) => s.planning);
  useEffect(() => void dryRun(), []);
  return (
    <div className="stack">
      {planning && <p className="muted">Counting what would be written…</p>}
      {problem && (
        <ErrorNote message={problem.message} hint={problem.hint}>
          <Button size="small" onClick={() => goToStep('folder')}>
            Choose another folder
          </Button>
          <Button size="small" icon={RefreshCw} onClick={() => void dryRun()}>
            Check again
          </Button>
        </ErrorNote>
      )}
      {plan && <PlanView plan={plan} />}
    </div>
  );
}

const shortOfSpace = (plan: Plan): string | null =>
  plan.freeBytes !== null && plan.freeBytes < plan.bytesAtMost
    ? `The disk has ${formatBytes(plan.freeBytes)} free; up to ${formatBytes(plan.bytesAtMost)} may be needed.`
    : null;

function PlanView({ plan }: { readonly plan: Plan }): ReactNode {
  const out = usePublish((s) => s.out);
  const short = shortOfSpace(plan);
  const blocked = plan.problems[0]?.message ?? null;
  return (
    <>
      <div className="plan">
        <Facts
          facts={[
            { name: 'Into', value: out?.name ?? '–' },
            { name: 'Parts', value: formatCount(plan.parts), about: 'Files, each with its SHA-256 in the manifest.' },
            { name: 'At most', value: `${formatBytes(plan.bytesAtMost)} before compression` },
            { name: 'Free on disk', value: plan.freeBytes === null ? 'unknown' : formatBytes(plan.freeBytes) },
          ]}
        />
        <table>
          <caption className="visually-hidden">Parts of each level</caption>
          <thead>
            <tr>
              <th scope="col">Level</th>
              <th scope="col">Parts</th>
            </tr>
          </thead>
          <tbody>
            {plan.levels.map(({ key, parts }) => (
              <tr key={key}>
                <td className="mono">{key}</td>
                <td className="mono">{formatCount(parts)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {plan.problems.map(({ field, message }) => (
        <ErrorNote key={field + message} message={`${field}: ${message}`} hint="Correct it in the metadata.">
          <Button size="small" onClick={() => goToStep('metadata')}>
            Go to the metadata
          </Button>
        </ErrorNote>
      ))}
      {short && (
        <div className="note warn">
          <TriangleAlert size={16} aria-hidden />
          <p>{short} Compression usually needs less; free some space or choose another folder to be sure.</p>
        </div>
      )}
      <p className="muted">
        Nothing has been written yet. Publishing writes every part, reads it back and compares its hash; stopped
        half-way, it goes on where it was.
      </p>
      <div className="row">
        <Button tone="primary" icon={Send} whyNot={blocked} onClick={() => void startPublish()}>
          Publish {formatCount(plan.parts)} parts
        </Button>
      </div>
    </>
  );
}
