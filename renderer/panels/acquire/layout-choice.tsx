import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Candidate, ImportDraft, TypedPattern } from '../../state/acquire.ts';
import { changeDraft, firstPattern, layoutProblem, typeLayout } from '../../state/acquire.ts';
import { Choice } from '../../ui/choice.tsx';
import { NumberField, TextField } from '../../ui/field.tsx';
import { plural } from '../../ui/format.ts';

const countsOf = ({ tiles, sections, missing }: Candidate): string =>
  `${plural(tiles, 'tile')} in ${plural(sections, 'section')}, ${missing > 0 ? `${plural(missing, 'file')} missing` : 'none missing'}`;

/** What the folder offers, or a pattern typed by hand. */
export function LayoutChoice({ draft }: { readonly draft: ImportDraft }): ReactNode {
  const { layout, typed, detected } = draft;
  const byHand = typed?.layout === layout;
  return (
    <fieldset className="choices">
      <legend>Where does each tile lie?</legend>
      {detected?.candidates.map((candidate) => (
        <Choice
          key={candidate.layout}
          group="layout"
          title={candidate.label}
          about={countsOf(candidate)}
          code={candidate.layout}
          checked={!byHand && candidate.layout === layout}
          onChoose={() => changeDraft({ layout: candidate.layout, typed: null })}
        />
      ))}
      <Choice
        group="layout"
        title="A file-name pattern"
        about="Say where the row, the column and the section stand in the file names."
        checked={byHand}
        onChoose={() => typeLayout(layout.startsWith('pattern:') ? layout : firstPattern)}
      />
      {byHand && <PatternFields typed={typed} />}
    </fieldset>
  );
}

function PatternFields({ typed }: { readonly typed: TypedPattern }): ReactNode {
  const [pattern, overlap] = split(typed.layout);
  const [touched, setTouched] = useState(false);
  const put = (nextPattern: string, nextOverlap: number): void =>
    typeLayout(`pattern:${nextPattern};overlap=${nextOverlap}%`);
  return (
    <div className="pattern-fields">
      <TextField
        label="Pattern"
        value={pattern}
        hint="{row} and {col} are needed; {z} is the section. Example: s{z}_r{row}_c{col}.png"
        problem={touched ? layoutProblem(typed.layout) : null}
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
      <p className="pattern-count" role="status">
        {layoutProblem(typed.layout) === null && countText(typed)}
      </p>
    </div>
  );
}

function countText({ counting, found }: TypedPattern): string {
  if (counting) return 'Counting the files that fit…';
  return found ? `Fits ${countsOf(found)}.` : 'No file fits this pattern yet.';
}

function split(layout: string): readonly [pattern: string, overlapPercent: number] {
  const [pattern = '', ...options] = layout.replace(/^pattern:/, '').split(';');
  const overlap = options.map((option) => /^overlap=([\d.]+)%$/.exec(option)?.[1]).find((found) => found !== undefined);
  return [pattern, Number(overlap ?? 10)];
}
