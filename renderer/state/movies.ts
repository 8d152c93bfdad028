import { create } from 'zustand';
import { bridge } from '../engine.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { ExportRun } from './export-run.ts';
import { Eta } from './figure/eta.ts';
import type { ExportState } from './figures.ts';
import { beginFile } from './figure/figure-file.ts';
import { asciiJson } from './figure/row-sink.ts';
import {
  framesIn,
  movieProblem,
  movieSize,
  seenFrom,
  type Keyframe,
  type MovieDraft,
  type MoviePath,
} from './movie/movie-plan.ts';
import { fontIsHere } from './figure/paint.ts';
import { openVideo } from './movie/video-file.ts';
import { writeMovie } from './movie/write-movie.ts';
import { isUnsized, noPhysicalSize } from './unsized.ts';
import { attempt, toast } from './toasts.ts';
import { documentOf, paneOf, useView, volumeInView } from './view.ts';

/** The movie that is being prepared, or made. */
interface MoviesState {
  readonly draft: MovieDraft | null;
  /** Kept when the dialog is closed, so that the user can go on to the next view and add it. */
  readonly keyframes: readonly Keyframe[];
  readonly progress: ExportState | null;
}

export const useMovies = create<MoviesState>(() => ({ draft: null, keyframes: [], progress: null }));

const get = useMovies.getState;
const set = useMovies.setState;
let running: ExportRun | null = null;

/** What is kept from one movie to the next. */
type Habits = Pick<MovieDraft, 'fps' | 'widthPx' | 'scaleBar' | 'overlay'>;
let habits: Habits = { fps: 30, widthPx: 1280, scaleBar: true, overlay: false };

/** Prepares a movie of the active pane, as it is now. */
export function prepareMovie(): void {
  const s = useView.getState();
  const pane = paneOf(s, s.activePane);
  const paneSize = s.paneSizes[s.activePane];
  if (!pane || !paneSize) return;
  const kind = get().keyframes.length > 1 ? 'keyframes' : pane.kind === '3d' ? 'turntable' : 'z-scroll';
  set({ draft: { ...habits, pane, paneSize, document: seenFrom(documentOf(s), pane), path: freshPath(kind) } });
}

/** What a path of a kind begins as. */
export function freshPath(kind: MoviePath['kind']): MoviePath {
  if (kind === 'turntable') return { kind, degrees: 360, seconds: 8 };
  if (kind === 'keyframes') return { kind, frames: get().keyframes };
  const stepNm = volumeInView(useView.getState())?.levels[0]?.voxelSizeNm[2] ?? 1;
  return { kind, fromNm: -20 * stepNm, toNm: 20 * stepNm, stepNm, seconds: 4 };
}

export function changeMovie(change: Partial<Habits> & { readonly path?: MoviePath }): void {
  const { draft } = get();
  if (!draft) return;
  const next = { ...draft, ...change };
  const { fps, widthPx, scaleBar, overlay } = next;
  habits = { fps, widthPx, scaleBar, overlay };
  set({ draft: next, ...(next.path.kind === 'keyframes' && { keyframes: next.path.frames }) });
}

export function dropMovie(): void {
  running?.cancel();
  set({ draft: null });
}

export const cancelMovie = (): void => running?.cancel();
/** What does not come is left out, and told. */
export const movieWithout = (): void => running?.goOnWithout();

/** Takes what is shown now, or a named view, as the next keyframe. */
export function addKeyframe(name?: string, shown = documentOf(useView.getState())): void {
  const { keyframes, draft } = get();
  const s = useView.getState();
  const pane = draft?.pane ?? paneOf(s, s.activePane);
  const document = pane ? seenFrom(shown, pane) : shown;
  const frame: Keyframe = { name: name ?? `Keyframe ${keyframes.length + 1}`, document, seconds: 2 };
  const frames = [...keyframes, frame];
  set({ keyframes: frames, ...(draft && { draft: { ...draft, path: { kind: 'keyframes', frames } } }) });
  if (!draft)
    toast({
      tone: 'info',
      topic: 'keyframe',
      title: `${frame.name} is kept`,
      detail: `${frames.length} for the next movie`,
    });
}

/** Asks where to, and makes it. */
export async function exportMovie(): Promise<void> {
  const { draft, progress } = get();
  if (!draft || progress || movieProblem(draft) !== null) return;
  const place = await attempt(() => bridge.saveFile('movie.webm', [{ name: 'WebM', extensions: ['webm'] }]));
  if (!place) return;
  const made = await attempt(() => runMovie(draft, place.id));
  set({ progress: null });
  if (!made) return;
  set({ draft: null });
  const { width, height } = movieSize(draft);
  toast({
    tone: made.lacks.length > 0 ? 'info' : 'good',
    title: `Made ${made.name}`,
    detail: [`${framesIn(draft)} frames, ${width} x ${height} pixels.`, ...made.lacks].join(' '),
    action: { label: 'Show in folder', run: () => void bridge.reveal(place.id) },
  });
}

function progressed(change: Partial<ExportState>): void {
  const { progress } = get();
  if (progress) set({ progress: { ...progress, ...change } });
}

/** Of all its views. */
const layersOf = ({ document, path }: MovieDraft): readonly Layer[] =>
  path.kind === 'keyframes' ? path.frames.flatMap((frame) => frame.document.layers) : document.layers;

/** `out`: a grant. Nothing is left behind where it throws. */
export async function runMovie(
  draft: MovieDraft,
  out: string,
): Promise<{ readonly name: string; readonly lacks: readonly string[] }> {
  const { volumes, shapes } = useView.getState();
  const unsized = isUnsized({ layers: layersOf(draft), volumes });
  const run = (running = new ExportRun(layersOf(draft), (waits) => progressed({ waits })));
  const eta = new Eta();
  const file = await beginFile(out);
  try {
    set({ progress: { done: 0, total: framesIn(draft), secondsLeft: null, waits: [] } });
    const { positionNm, nmPerPx } = draft.document;
    const comment = asciiJson({
      software: `Lamella ${bridge.version}`,
      madeAt: new Date().toISOString(),
      plane: draft.pane.kind,
      path: draft.path.kind,
      positionNm,
      nmPerPx,
      ...(unsized && { physicalSize: noPhysicalSize }),
    });
    await fontIsHere();
    const video = await openVideo({ size: movieSize(draft), fps: draft.fps, file, title: 'Lamella', comment });
    try {
      await writeMovie({
        draft,
        known: { volumes, shapes },
        video,
        run,
        onFrame: (done, total) => progressed({ done, total, secondsLeft: eta.of(done, total) }),
      });
    } catch (error) {
      await video.cancel();
      throw error;
    }
    await video.end();
    return { name: (await file.finish()).name, lacks: [...run.lacks, ...(unsized ? [noPhysicalSize] : [])] };
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    running = null;
  }
}
