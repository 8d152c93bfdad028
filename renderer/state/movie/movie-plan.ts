import type { PaneKind, PaneSpec, ViewDocument } from '../../../preload/contract/view-state.ts';
import { frameOf, plus } from '../rotation.ts';
import type { PaneSize } from '../view.ts';
import { documentBetween, eased } from './between.ts';

/** What a movie is, frame by frame. Pure: the same draft gives the same frames. */
export interface Turntable {
  readonly kind: 'turntable';
  readonly degrees: number;
  readonly seconds: number;
}

/** Through the slice pane's depth, from and to nanometres off the cross-hair. */
export interface ZScroll {
  readonly kind: 'z-scroll';
  readonly fromNm: number;
  readonly toNm: number;
  /** Of one section: every frame shows a whole one. */
  readonly stepNm: number;
  readonly seconds: number;
}

export interface Keyframe {
  readonly name: string;
  readonly document: ViewDocument;
  /** To get to the next one. */
  readonly seconds: number;
}

export interface Keyframes {
  readonly kind: 'keyframes';
  readonly frames: readonly Keyframe[];
}

export type MoviePath = Turntable | ZScroll | Keyframes;

export interface MovieDraft {
  readonly pane: PaneSpec;
  readonly paneSize: PaneSize;
  readonly document: ViewDocument;
  readonly path: MoviePath;
  readonly fps: number;
  readonly widthPx: number;
  readonly scaleBar: boolean;
  readonly overlay: boolean;
}

export const mostFps = 60;
export const mostFrames = 20_000;
export const mostSidePx = 4096;

/** A view whose own camera is that of a pane: groups have theirs, and a movie moves one. */
export function seenFrom(document: ViewDocument, pane: PaneSpec): ViewDocument {
  const { nmPerPx, rotation, orbit, groups, panes } = document;
  const of = panes.find(({ id }) => id === pane.id)?.group ?? pane.group;
  const group = groups.find(({ id }) => id === of);
  return {
    ...document,
    nmPerPx: group?.nmPerPx ?? nmPerPx,
    rotation: group?.rotation ?? rotation,
    orbit: group?.orbit ?? orbit,
  };
}

/** Encoders of video take even sides only. */
export function movieSize({ paneSize, widthPx }: Pick<MovieDraft, 'paneSize' | 'widthPx'>): PaneSize {
  const even = (side: number): number => Math.max(2, 2 * Math.round(side / 2));
  return { width: even(widthPx), height: even((widthPx * paneSize.height) / paneSize.width) };
}

export const secondsOf = (path: MoviePath): number =>
  path.kind === 'keyframes' ? path.frames.slice(0, -1).reduce((sum, { seconds }) => sum + seconds, 0) : path.seconds;

export const framesIn = ({ path, fps }: Pick<MovieDraft, 'path' | 'fps'>): number =>
  Math.max(1, Math.round(secondsOf(path) * fps));

/** What is wrong with a draft, or null. */
export function movieProblem(draft: MovieDraft): string | null {
  const { width, height } = movieSize(draft);
  const { path, pane, fps } = draft;
  if (!(fps >= 1 && fps <= mostFps)) return `Between 1 and ${mostFps} frames a second can be shown.`;
  if (width < 64 || Math.max(width, height) > mostSidePx)
    return `A movie is 64 to ${mostSidePx} pixels wide and high; this one is ${width} x ${height}.`;
  if (path.kind === 'turntable' && pane.kind !== '3d') return 'A turntable needs the 3-D pane: choose it first.';
  if (path.kind === 'z-scroll' && pane.kind === '3d') return 'Sections are of a slice pane: choose one first.';
  if (path.kind === 'z-scroll' && path.fromNm === path.toNm) return 'The first section and the last are the same.';
  if (path.kind === 'keyframes' && path.frames.length < 2) return 'Add a second keyframe.';
  if (!(secondsOf(path) > 0)) return 'A movie takes some time: give it seconds.';
  if (framesIn(draft) > mostFrames) return `That is ${framesIn(draft)} frames, and ${mostFrames} are the most.`;
  return null;
}

/** The view of a frame, `0 <= i < framesIn(draft)`. */
export function documentAt(draft: MovieDraft, i: number): ViewDocument {
  const { path, document, pane } = draft;
  const count = framesIn(draft);
  switch (path.kind) {
    case 'turntable':
      // A whole turn does not show its first frame twice, so that it can be looped.
      return turned(document, ((path.degrees * Math.PI) / 180) * (i / count));
    case 'z-scroll':
      return scrolled(document, pane.kind, path, count === 1 ? 0 : i / (count - 1));
    case 'keyframes':
      return documentOnPath(path.frames, (count === 1 ? 0 : i / (count - 1)) * secondsOf(path), document);
  }
}

const turned = (document: ViewDocument, yaw: number): ViewDocument => ({
  ...document,
  orbit: { ...document.orbit, yaw: document.orbit.yaw + yaw },
});

function scrolled(document: ViewDocument, kind: PaneKind, { fromNm, toNm, stepNm }: ZScroll, t: number): ViewDocument {
  if (kind === '3d') return document;
  const { normal } = frameOf(kind, document.rotation);
  const offNm = Math.round((fromNm + (toNm - fromNm) * t) / stepNm) * stepNm;
  return { ...document, positionNm: plus(document.positionNm, normal, offNm) };
}

function documentOnPath(frames: readonly Keyframe[], seconds: number, fallback: ViewDocument): ViewDocument {
  let before = 0;
  for (const [k, frame] of frames.entries()) {
    const next = frames[k + 1];
    if (!next) return frame.document;
    if (seconds < before + frame.seconds)
      return documentBetween(frame.document, next.document, eased((seconds - before) / frame.seconds));
    before += frame.seconds;
  }
  return fallback;
}
