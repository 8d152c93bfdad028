import { useState } from 'react';
import type { ReactNode } from 'react';
import { lengthNm, showAnnotation, useEdits } from '../../state/edits.ts';
import { isUnsized } from '../../state/unsized.ts';
import { useView } from '../../state/view.ts';
import { markColours } from '../../ui/colour-maps.ts';
import { TextField } from '../../ui/field.tsx';
import { formatCount, formatLength, formatVoxels } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { Position } from '../view/position-section.tsx';
import { Volumes } from '../view/view-navigator.tsx';

export function AnnotateNavigator(): ReactNode {
  return (
    <>
      <AnnotationList />
      <Position />
      <Volumes />
    </>
  );
}

function AnnotationList(): ReactNode {
  const annotations = useEdits((s) => s.annotations);
  const selected = useEdits((s) => s.selected);
  const [text, setText] = useState('');
  const unsized = useView(isUnsized);
  const shown = annotations
    .map((annotation, index) => ({ annotation, index }))
    .filter(({ annotation }) => `${annotation.name} ${annotation.note}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <Section title="Annotations" aside={<span className="faint mono">{annotations.length}</span>}>
      {annotations.length === 0 && (
        <p className="muted">None yet. Take the point or the line tool above, then click in a pane.</p>
      )}
      {annotations.length > 8 && <TextField label="Find by name or note" value={text} onText={setText} />}
      <ul className="list" aria-label="Annotations">
        {shown.map(({ annotation, index }) => (
          <li key={annotation.id}>
            <button
              type="button"
              className="list-item"
              aria-current={annotation.id === selected}
              onClick={() => showAnnotation(annotation.id)}
            >
              <span className="name">
                <span
                  className="mark-dot"
                  style={{ background: markColours[index % markColours.length] }}
                  aria-hidden
                />
                <span className="truncate">{annotation.name || 'unnamed'}</span>
              </span>
              <span className="sub mono">
                {annotation.kind === 'line'
                  ? (unsized ? formatVoxels : formatLength)(lengthNm(annotation.pointsNm))
                  : annotation.pointsNm[0]?.map(formatCount).join(', ')}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
