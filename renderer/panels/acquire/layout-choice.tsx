import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Detected } from '../../state/acquire.ts';
import { changeDraft, layoutProblem } from '../../state/acquire.ts';
import { Choice } from '../../ui/choice.tsx';
import { NumberField, TextField } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';

type Candidate = Detected['candidates'][number];

/** The candidate that a layout text is, if it is one. */
export const matchesOf = (layout: string, detected: Detected | null): Candidate | undefined =>
  detected?.candidates.find((candidate) => candidate.layout === layout);

/** What the folder offers, or a pattern typed by hand. */
export function LayoutChoice({
  layout,
  detected,
}: {
  readonly layout: string;
  readonly detected: Detected;
}): ReactNode {
  const typed = matchesOf(layout, detected) === undefined;
  return (
    <fieldset className="choices">
      <legend>Where does each tile lie?</legend>
      {detected.candidates.map((candidate) => (
        <Choice
          key={candidate.layout}
          group="layout"
          title={candidate.label}
          about={`${plural(candidate.tiles, 'tile')} in ${plural(candidate.sections, 'section')}, ${candidate.missing > 0 ? `${plural(candidate.missing, 'file')} missing` : 'none missing'}`}
          code={candidate.layout}
          checked={candidate.layout === layout}
          onChoose={() => changeDraft({ layout: candidate.layout })}
        />
      ))}
      <Choice
        group="layout"
        title="A file-name pattern"
        about="Say where the row, the column and the section stand in the file names."
        checked={typed}
        onChoose={() => changeDraft({ layout: 'pattern:s{z}_r{row}_c{col}.png;overlap=10%' })}
      />
      {typed && <PatternFields layout={layout} />}
    </fieldset>
  );
}

function PatternFields({ layout }: { readonly layout: string }): ReactNode {
  const [pattern, overlap] = split(layout);
  const [touched, setTouched] = useState(false);
  const put = (nextPattern: string, nextOverlap: number): void =>
    changeDraft({ layout: `pattern:${nextPattern};overlap=${nextOverlap}%` });
  return (
    <div className="pattern-fields">
      <TextField
        label="Pattern"
        value={pattern}
        hint="{row} and {col} are needed; {z} is the section. Example: s{z}_r{row}_c{col}.png"
        problem={touched ? layoutProblem(layout) : null}
        onBlur={() => setTouched(true)}
        onText={(text) => put(text, overlap)}
      />
      <NumberField
        label="Overlap of neighbours, %"
        value={overlap}
        min={0}
        max={90}
        onNumber={(value) => put(pattern, value)}
      />
    </div>
  );
}

function split(layout: string): readonly [pattern: string, overlapPercent: number] {
  const [pattern = '', ...options] = layout.replace(/^pattern:/, '').split(';');
  const overlap = options.map((option) => /^overlap=([\d.]+)%$/.exec(option)?.[1]).find((found) => found !== undefined);
  return [pattern, Number(overlap ?? 10)];
}
