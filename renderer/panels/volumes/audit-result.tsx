import type { ReactNode } from 'react';
import type { Audit } from '../../state/volumes.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatBytes, formatCount, formatPercent } from '../../ui/format.ts';

/** What an audit found: a bar for each level, and what can't be read. */
export function AuditResult({ audit }: { readonly audit: Audit }): ReactNode {
  const damaged = audit.levels.reduce((sum, level) => sum + level.damaged, 0);
  return (
    <section className="audit" aria-labelledby="audit-title">
      <header className="row">
        <h2 id="audit-title">Audit</h2>
        <Badge tone={audit.ok ? 'good' : 'bad'}>
          {audit.ok ? (audit.decoded ? 'Nothing is damaged' : 'No fault found') : `${formatCount(damaged)} damaged`}
        </Badge>
      </header>
      {!audit.decoded && (
        <p className="faint">
          Whether each chunk is there and not empty. Decoding them too also finds those that are spoilt inside.
        </p>
      )}
      <ul className="stack">
        {audit.levels.map((level) => (
          <LevelBar key={level.level} level={level} />
        ))}
      </ul>
      {audit.problems.length > 0 && (
        <ul className="problems selectable" aria-label="Problems">
          {audit.problems.map(({ key, message }) => (
            <li key={`${key} ${message}`}>
              {!message.includes(key) && <span className="mono">{key} </span>}
              {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function LevelBar({ level }: { readonly level: Audit['levels'][number] }): ReactNode {
  const { looked, stored, missing, damaged } = level;
  const share = (count: number): string => `${looked > 0 ? (count / looked) * 100 : 0}%`;
  const words = `Level ${level.level}: ${formatCount(stored)} stored, ${formatCount(missing)} missing, ${formatCount(damaged)} damaged`;
  return (
    <li className="audit-level">
      <span className="mono">Level {level.level}</span>
      <span className="audit-bar" role="img" aria-label={words} title={words}>
        <span className="stored" style={{ width: share(stored) }} />
        <span className="damaged" style={{ width: share(damaged) }} />
      </span>
      <span className="faint mono">
        {formatCount(stored)} of {formatCount(looked)}
        {missing > 0 && `, ${formatPercent(missing / Math.max(1, looked))} missing`}
        {damaged > 0 && `, ${formatCount(damaged)} damaged`}
        {looked < level.chunks && ` · looked at ${formatCount(looked)} of ${formatCount(level.chunks)}`}
        {level.bytes > 0 && ` · ${formatBytes(level.bytes)}`}
      </span>
    </li>
  );
}
