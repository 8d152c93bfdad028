import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RegionRow } from '../../../../preload/contract/region.ts';
import { changeResult, type OpenResult } from '../../../state/region-results.ts';

/** The regions that the plotted ones are inside of, to go back out to. */
export function ResultsWithin({ open }: { readonly open: OpenResult }): ReactNode {
  const byAt = new Map(open.rows.both.map((row) => [row.at, row]));
  const path: RegionRow[] = [];
  for (let at = open.within; at !== null; at = byAt.get(at)?.parent ?? null) {
    const row = byAt.get(at);
    if (row) path.unshift(row);
  }
  return (
    <nav className="results-within" aria-label="Plotted within">
      {path.map(({ at, acronym, name }, i) => (
        <span key={at} className="row">
          {i > 0 && <ChevronRight size={12} aria-hidden />}
          {at === open.within ? (
            <b aria-current="true">{name || acronym}</b>
          ) : (
            <button type="button" className="button link" onClick={() => changeResult({ within: at })}>
              {acronym || name}
            </button>
          )}
        </span>
      ))}
    </nav>
  );
}
