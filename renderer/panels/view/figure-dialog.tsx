import { Image } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  dpiOf,
  sizeOf,
  sizeProblem,
  usualLineMm,
  widthPxOf,
  type FigureDraft,
  type FigureFormat,
} from '../../state/figure/figure-plan.ts';
import {
  cancelFigure,
  changeFigure,
  dropFigure,
  exportFigure,
  figureWithout,
  useFigures,
} from '../../state/figures.ts';
import { kindNames } from '../../state/panes.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { NumberField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ExportProgress } from './export-progress.tsx';

const formats: ReadonlyArray<{ readonly value: FigureFormat; readonly label: string; readonly title: string }> = [
  { value: 'png', label: 'PNG', title: 'For slides and the web' },
  { value: 'tiff', label: 'TIFF', title: 'For journals' },
  { value: 'svg', label: 'SVG', title: 'Scale bar, legend and labels stay text and lines' },
];

export function FigureDialog(): ReactNode {
  const draft = useFigures((s) => s.draft);
  const progress = useFigures((s) => s.progress);
  if (!draft) return null;
  const problem = sizeProblem(draft);
  return (
    <Dialog title="Export a figure" onClose={dropFigure}>
      <form
        className="dialog-content stack"
        onSubmit={(event) => {
          event.preventDefault();
          void exportFigure();
        }}
      >
        {progress ? (
          <ExportProgress
            label="Exporting the figure"
            unit="tiles"
            {...progress}
            onCancel={cancelFigure}
            onWithout={figureWithout}
          />
        ) : (
          <>
            <Fields draft={draft} problem={problem} />
            <div className="export-end">
              <span className="hint">{sizeText(draft)}</span>
              <Button type="submit" tone="primary" icon={Image} whyNot={problem}>
                Export…
              </Button>
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly draft: FigureDraft;
  readonly problem: string | null;
}

function Fields({ draft, problem }: FieldsProps): ReactNode {
  const { widthPx, widthMm } = draft;
  const dpi = widthMm === null ? 300 : dpiOf(widthPx, widthMm);
  const checks = [
    ['scaleBar', 'Scale bar'],
    ['legend', 'Legend of the layers'],
    ['overlay', 'Cross-hair and annotations'],
  ] as const;
  return (
    <>
      <Segmented label="Format" value={draft.format} options={formats} onValue={(format) => changeFigure({ format })} />
      <div className="export-fields">
        <NumberField
          label="Width, pixels"
          value={widthPx}
          min={1}
          step={1}
          problem={problem}
          onNumber={(width) => changeFigure({ widthPx: Math.round(width) })}
        />
        <NumberField
          label="Width on paper, mm"
          value={widthMm ?? 170}
          min={1}
          max={5000}
          onNumber={(mm) => changeFigure({ widthMm: mm, widthPx: widthPxOf(mm, dpi) })}
        />
        <NumberField
          label="Dots per inch"
          value={Math.round(dpi)}
          min={10}
          max={10_000}
          onNumber={(value) => changeFigure({ widthPx: widthPxOf(widthMm ?? 170, value), widthMm: widthMm ?? 170 })}
        />
        {draft.lineMm !== null && (
          <NumberField
            label="Lines of one pixel, mm"
            value={Number(draft.lineMm.toFixed(3))}
            min={0.005}
            max={5}
            onNumber={(lineMm) => changeFigure({ lineMm })}
          />
        )}
      </div>
      <div className="stack">
        {checks.map(([key, label]) => (
          <label key={key} className="check">
            <input type="checkbox" checked={draft[key]} onChange={() => changeFigure({ [key]: !draft[key] })} />
            {label}
          </label>
        ))}
        <label className="check" title="Else say how wide a line is on paper that has one pixel in the window">
          <input
            type="checkbox"
            checked={draft.lineMm === null}
            onChange={() => changeFigure({ lineMm: draft.lineMm === null ? usualLineMm(draft) : null })}
          />
          Lines and points as large as in the window, magnified
        </label>
      </div>
    </>
  );
}

function sizeText(draft: FigureDraft): string {
  const { width, height } = sizeOf(draft);
  return `${width} x ${height} pixels of the ${kindNames[draft.pane.kind]} pane`;
}
