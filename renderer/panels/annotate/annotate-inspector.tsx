import { MapPin, Trash2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Annotation } from '../../../preload/contract/annotation.ts';
import { lengthNm, saveText, showAnnotation, useEdits } from '../../state/edits.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Facts } from '../../ui/facts.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { isUnsized } from '../../state/unsized.ts';
import { useView } from '../../state/view.ts';
import { formatAgo, formatLength, formatNumber, formatVoxels, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { ActionButton } from '../action-button.tsx';
import { ContrastInView } from '../view/contrast-section.tsx';

export function AnnotateInspector(): ReactNode {
  const annotation = useEdits((s) => s.annotations.find(({ id }) => id === s.selected));
  if (!annotation) {
    return (
      <>
        <div className="inspector-hint">
          <Empty icon={MapPin} title="No annotation is selected">
            Select one in the list or in a pane to name it, note it or delete it.
          </Empty>
        </div>
        <ContrastInView />
      </>
    );
  }
  return (
    <>
      <Detail key={annotation.id} annotation={annotation} />
      <ContrastInView />
    </>
  );
}

function Detail({ annotation }: { readonly annotation: Annotation }): ReactNode {
  const [from] = annotation.pointsNm;
  const unsized = useView(isUnsized);
  const unit = unsized ? 'voxels' : 'nm';
  return (
    <Section
      title={annotation.kind === 'point' ? 'Point' : 'Line'}
      aside={
        <span className="faint" title={formatTime(annotation.updatedAt)}>
          saved {formatAgo(annotation.updatedAt)}
        </span>
      }
    >
      <SavedText annotation={annotation} field="name" />
      <SavedText annotation={annotation} field="note" />
      <Facts
        facts={[
          ...(annotation.kind === 'line'
            ? [{ name: 'Length', value: (unsized ? formatVoxels : formatLength)(lengthNm(annotation.pointsNm)) }]
            : []),
          ...annotation.pointsNm.map((point, index) => ({
            name: annotation.pointsNm.length === 1 ? `x, y, z ${unit}` : index === 0 ? `From, ${unit}` : `To, ${unit}`,
            value: point.map(formatNumber).join(', '),
          })),
        ]}
      />
      <Copyable label="annotation id" text={annotation.id} />
      <div className="row">
        {from && <Button onClick={() => showAnnotation(annotation.id)}>Go there</Button>}
        <ActionButton id="annotate.remove" icon={Trash2}>
          Delete
        </ActionButton>
      </div>
    </Section>
  );
}

/** Typing rests this long before it is saved; leaving the field saves at once. */
const restMs = 600;

/** A text that saves itself. What comes from elsewhere (undo) shows as long as nothing is being typed. */
function SavedText({
  annotation,
  field,
}: {
  readonly annotation: Annotation;
  readonly field: 'name' | 'note';
}): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const unsaved = useRef<string | null>(null);
  const { id } = annotation;
  const save = useCallback(() => {
    const text = unsaved.current;
    unsaved.current = null;
    if (text !== null) void saveText(id, { [field]: text });
  }, [id, field]);
  useEffect(() => {
    if (typed === null) return;
    unsaved.current = typed;
    const timer = setTimeout(save, restMs);
    return () => clearTimeout(timer);
  }, [typed, save]);
  // Another selection must not lose the last words.
  useEffect(() => save, [save]);
  const props = {
    label: field === 'name' ? 'Name' : 'Note',
    value: typed ?? annotation[field],
    onText: setTyped,
    onBlur: () => {
      save();
      setTyped(null);
    },
  };
  return field === 'name' ? (
    <TextField {...props} maxLength={200} />
  ) : (
    <TextArea {...props} rows={4} maxLength={10_000} />
  );
}
