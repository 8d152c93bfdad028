import { Clapperboard, Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  framesIn,
  movieProblem,
  movieSize,
  secondsOf,
  type Keyframe,
  type MovieDraft,
  type MoviePath,
} from '../../state/movie/movie-plan.ts';
import {
  addKeyframe,
  cancelMovie,
  changeMovie,
  dropMovie,
  exportMovie,
  movieWithout,
  freshPath,
  useMovies,
} from '../../state/movies.ts';
import { useNamedViews } from '../../state/named-views.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { NumberField, SelectField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { ExportProgress } from './export-progress.tsx';

const kinds: ReadonlyArray<{ readonly value: MoviePath['kind']; readonly label: string; readonly title: string }> = [
  { value: 'turntable', label: 'Turntable', title: 'The 3-D pane turns' },
  { value: 'z-scroll', label: 'Sections', title: 'A slice pane goes through depth' },
  { value: 'keyframes', label: 'Keyframes', title: 'From view to view' },
];

export function MovieDialog(): ReactNode {
  const draft = useMovies((s) => s.draft);
  const progress = useMovies((s) => s.progress);
  if (!draft) return null;
  const problem = movieProblem(draft);
  return (
    <Dialog title="Make a movie" onClose={dropMovie}>
      <form
        className="dialog-content stack"
        onSubmit={(event) => {
          event.preventDefault();
          void exportMovie();
        }}
      >
        {progress ? (
          <ExportProgress
            label="Making the movie"
            unit="frames"
            {...progress}
            onCancel={cancelMovie}
            onWithout={movieWithout}
          />
        ) : (
          <>
            <Fields draft={draft} />
            <div className="export-end">
              <span className="hint" role={problem === null ? undefined : 'alert'}>
                {problem ?? sizeText(draft)}
              </span>
              <Button type="submit" tone="primary" icon={Clapperboard} whyNot={problem}>
                Make…
              </Button>
            </div>
          </>
        )}
      </form>
    </Dialog>
  );
}

function Fields({ draft }: { readonly draft: MovieDraft }): ReactNode {
  const checks = [
    ['scaleBar', 'Scale bar'],
    ['overlay', 'Cross-hair and annotations'],
  ] as const;
  return (
    <>
      <Segmented
        label="Kind of movie"
        value={draft.path.kind}
        options={kinds}
        onValue={(kind) => changeMovie({ path: freshPath(kind) })}
      />
      <PathFields path={draft.path} />
      <div className="export-fields">
        <NumberField
          label="Width, pixels"
          value={draft.widthPx}
          step={2}
          onNumber={(width) => changeMovie({ widthPx: Math.round(width) })}
        />
        <NumberField
          label="Frames a second"
          value={draft.fps}
          min={1}
          max={60}
          onNumber={(fps) => changeMovie({ fps: Math.round(fps) })}
        />
      </div>
      <div className="stack">
        {checks.map(([key, label]) => (
          <label key={key} className="check">
            <input type="checkbox" checked={draft[key]} onChange={() => changeMovie({ [key]: !draft[key] })} />
            {label}
          </label>
        ))}
      </div>
    </>
  );
}

function PathFields({ path }: { readonly path: MoviePath }): ReactNode {
  if (path.kind === 'keyframes') return <KeyframeList frames={path.frames} />;
  const seconds = (
    <NumberField
      label="Seconds"
      value={path.seconds}
      min={0.1}
      onNumber={(value) => changeMovie({ path: { ...path, seconds: value } })}
    />
  );
  if (path.kind === 'turntable')
    return (
      <div className="export-fields">
        <NumberField
          label="Degrees"
          value={path.degrees}
          onNumber={(degrees) => changeMovie({ path: { ...path, degrees } })}
        />
        {seconds}
      </div>
    );
  const { fromNm, toNm, stepNm } = path;
  const ends = [
    ['fromNm', 'From section', fromNm],
    ['toNm', 'To section', toNm],
  ] as const;
  return (
    <div className="export-fields">
      {ends.map(([key, label, nm]) => (
        <NumberField
          key={key}
          label={label}
          hint="Counted from the one that is shown."
          value={Math.round(nm / stepNm)}
          onNumber={(section) => changeMovie({ path: { ...path, [key]: Math.round(section) * stepNm } })}
        />
      ))}
      {seconds}
    </div>
  );
}

function KeyframeList({ frames }: { readonly frames: readonly Keyframe[] }): ReactNode {
  const views = useNamedViews((s) => s.views);
  const change = (at: number, frame: Keyframe | null): void =>
    changeMovie({ path: { kind: 'keyframes', frames: frames.flatMap((one, i) => (i === at ? (frame ?? []) : one)) } });
  return (
    <>
      <ol className="keyframes">
        {frames.map((frame, i) => (
          <li key={i}>
            <span className="name">{frame.name}</span>
            {i < frames.length - 1 ? (
              <NumberField
                label="Seconds"
                value={frame.seconds}
                min={0.1}
                onNumber={(seconds) => change(i, { ...frame, seconds })}
              />
            ) : (
              <span />
            )}
            <IconButton icon={X} label={`Remove ${frame.name}`} onClick={() => change(i, null)} />
          </li>
        ))}
      </ol>
      <div className="export-fields">
        <Button icon={Plus} onClick={() => addKeyframe()}>
          What is shown now
        </Button>
        {views.length > 0 && (
          <SelectField
            label="Add a named view"
            value=""
            options={[{ value: '', label: 'Choose…' }, ...views.map(({ id, name }) => ({ value: id, label: name }))]}
            onValue={(id) => {
              const view = views.find((one) => one.id === id);
              if (view) addKeyframe(view.name, view.document);
            }}
          />
        )}
      </div>
    </>
  );
}

function sizeText(draft: MovieDraft): string {
  const { width, height } = movieSize(draft);
  return `${framesIn(draft)} frames, ${Number(secondsOf(draft.path).toFixed(2))} s, ${width} x ${height} pixels`;
}
