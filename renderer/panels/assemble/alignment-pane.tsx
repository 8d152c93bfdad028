import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Alignment } from '../../../preload/contract/align.ts';
import { setMapSection, useAssemble } from '../../state/assemble.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatNumber } from '../../ui/format.ts';
import { AlignmentChart, plotHeight } from './alignment-chart.tsx';
import { type Mark, type StripNote, stripOf } from './alignment-strip.ts';
import { ChartFrame } from './chart-frame.tsx';
import './align.css';

const markWords: Readonly<Record<Mark, readonly [string, Tone]>> = {
  gap: ['Gap', 'plain'],
  lost: ['No match', 'warn'],
  over: ['Turned over', 'plain'],
};

/** How well each section fits the next, along z, before and after; a choice shows its section above. */
export function AlignmentPane({ report }: { readonly report: Alignment }): ReactNode {
  const { strip, notes } = useMemo(() => stripOf(report), [report]);
  const section = useAssemble((s) => s.section);
  const chosen = Math.max(
    0,
    strip.findIndex(({ pair }) => pair.b === section),
  );
  const [hovered, setHovered] = useState<number | null>(null);
  const choose = (index: number): void => {
    const after = strip[Math.min(strip.length - 1, Math.max(0, index))]?.pair.b;
    if (after !== undefined) setMapSection(after);
  };
  return (
    <div className="alignment">
      <ChartFrame count={strip.length} chosen={chosen} onChoose={choose} plotHeight={plotHeight}>
        {(width, onKeyDown) => (
          <AlignmentChart
            strip={strip}
            width={Math.max(width, 48 + 5 * strip.length)}
            chosen={chosen}
            onChoose={choose}
            onHover={setHovered}
            onKeyDown={onKeyDown}
          />
        )}
      </ChartFrame>
      <p className="align-words selectable" aria-live="polite">
        {strip[hovered ?? chosen]?.words}
      </p>
      <Notes notes={notes} trendPx={report.trendPx} onChoose={choose} />
    </div>
  );
}

interface NotesProps {
  readonly notes: readonly StripNote[];
  readonly trendPx: number;
  readonly onChoose: (index: number) => void;
}

function Notes({ notes, trendPx, onChoose }: NotesProps): ReactNode {
  return (
    <>
      {notes.length > 0 && (
        <ul className="align-notes" aria-label="What to know of these sections">
          {notes.map(({ mark, text, at }) => {
            const [word, tone] = markWords[mark];
            return (
              <li key={text}>
                <button type="button" onClick={() => onChoose(at)}>
                  <Badge tone={tone}>{word}</Badge>
                  <span>{text}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {trendPx >= 0.05 && (
        <p className="faint">Tilted structures were left tilted, by up to {formatNumber(trendPx)} px a section.</p>
      )}
    </>
  );
}
