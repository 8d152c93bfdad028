import { useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { RegisteredSession, Registration } from '../../../preload/contract/channels.ts';
import { setMapSection, useAssemble } from '../../state/assemble.ts';
import { setSession, useSession } from '../../state/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatLength, formatNumber } from '../../ui/format.ts';
import { fitOf, wordsOf } from './registration-words.ts';
import { verdictTone } from './verdict-tone.ts';
import './registration.css';

type Place = readonly [row: number, column: number];

/** Every session by every section, by how well it fits; a choice shows its version and section above. */
export function RegistrationPane({ report }: { readonly report: Registration }): ReactNode {
  const dataset = useSession((s) => s.dataset);
  const { sessions } = report;
  const sections = sessions.find(({ isFrame }) => isFrame)?.sections.map(({ section }) => section) ?? [];
  const section = useAssemble((s) => s.section);
  const row = Math.max(
    0,
    sessions.findIndex((one) => one.dataset === dataset),
  );
  const column = Math.max(0, sections.indexOf(section ?? Number.NaN));
  const [hovered, setHovered] = useState<Place | null>(null);
  // A session without a version can be read, but not shown: from there on, the field with the focus counts.
  const [r, c] = hovered ?? [row, column];
  const table = useRef<HTMLTableElement>(null);
  const choose = (to: Place): void => show(sessions[to[0]], sections[to[1]]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const to = [clamp(r + by[0]!, sessions.length), clamp(c + by[1]!, sections.length)] as const;
    choose(to);
    table.current?.querySelector<HTMLButtonElement>(`[data-place="${to.join(' ')}"]`)?.focus();
  };
  return (
    <div className="registration">
      <table
        role="grid"
        ref={table}
        aria-label="How well each section of each session fits"
        onKeyDown={onKeyDown}
        onMouseLeave={() => setHovered(null)}
      >
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Verdict</th>
            <th scope="col">Agrees to</th>
            {sections.map((section) => (
              <th key={section} scope="col" className="mono">
                {section}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sessions.map((session, i) => (
            <Row
              key={session.dataset}
              session={session}
              sections={sections}
              row={i}
              chosen={[row, column]}
              onChoose={choose}
              onHover={setHovered}
            />
          ))}
        </tbody>
      </table>
      <p className="align-words selectable" aria-live="polite">
        {cellWords(sessions[r], sections[c])}
      </p>
      <Legend />
    </div>
  );
}

const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));

function show(session: RegisteredSession | undefined, section: number | undefined): void {
  if (session?.stack) setSession({ dataset: session.dataset, stack: session.stack });
  if (section !== undefined) setMapSection(section);
}

function cellWords(session: RegisteredSession | undefined, section: number | undefined): string {
  const one = session?.sections.find((some) => some.section === section);
  return session && one ? wordsOf(session, one) : (session?.reasons.join('; ') ?? '');
}

interface RowProps {
  readonly session: RegisteredSession;
  readonly sections: readonly number[];
  readonly row: number;
  readonly chosen: Place;
  readonly onChoose: (place: Place) => void;
  readonly onHover: (place: Place) => void;
}

function Row({ session, sections, row, chosen, onChoose, onHover }: RowProps): ReactNode {
  const { name, isFrame, verdict, medianNm, matchedNm, reasons } = session;
  const [word, tone] = verdictTone[verdict];
  const isMeasured = !isFrame && session.sections.some(({ state }) => state === 'kept');
  return (
    <tr>
      <th scope="row">{name}</th>
      <td title={reasons.join('; ')}>
        {isFrame ? <Badge tone="plain">Frame</Badge> : <Badge tone={tone}>{word}</Badge>}
      </td>
      <td className="mono">{isMeasured && `${formatLength(medianNm)}, ${formatNumber(medianNm / matchedNm)} px`}</td>
      {sections.map((section, column) => {
        const one = session.sections.find((some) => some.section === section);
        const isChosen = chosen[0] === row && chosen[1] === column;
        return (
          <td key={section}>
            <button
              type="button"
              className={`fit ${one ? fitOf(session, one) : 'out'}`}
              data-place={`${row} ${column}`}
              aria-label={one ? wordsOf(session, one) : `${name}: ${reasons.join('; ')}`}
              aria-pressed={isChosen}
              tabIndex={isChosen ? 0 : -1}
              onClick={() => onChoose([row, column])}
              onMouseEnter={() => onHover([row, column])}
              onFocus={() => onHover([row, column])}
            />
          </td>
        );
      })}
    </tr>
  );
}

const kinds = [
  ['close', 'within half a pixel'],
  ['near', 'within 1.5'],
  ['far', 'farther'],
  ['out', 'left out'],
  ['missing', 'missing'],
  ['frame', 'stays'],
] as const;

const Legend = (): ReactNode => (
  <ul className="fits faint" aria-label="Colours">
    {kinds.map(([fit, word]) => (
      <li key={fit}>
        <span className={`fit ${fit}`} aria-hidden />
        {word}
      </li>
    ))}
  </ul>
);
