import { describe, expect, test } from 'vitest';
import { freshDocument, type ViewDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { documentBetween, eased, slerp } from '../../renderer/state/movie/between.ts';
import {
  documentAt,
  framesIn,
  movieProblem,
  movieSize,
  type MovieDraft,
  type MoviePath,
} from '../../renderer/state/movie/movie-plan.ts';
import { orbitAxes } from '../../renderer/state/orbit.ts';
import { rotate, turnAbout } from '../../renderer/state/rotation.ts';
import { em } from './neuroglancer/library.ts';

const layer = imageLayer(em, 0, 'em');
const a: ViewDocument = { ...freshDocument, positionNm: [0, 0, 0], nmPerPx: 1, layers: [layer] };
const b: ViewDocument = {
  ...a,
  positionNm: [100, -200, 40],
  nmPerPx: 100,
  rotation: turnAbout([0, 0, 1], Math.PI / 2),
  orbit: { yaw: 1, pitch: -0.2, roll: 0.1, zoom: 16, centreNm: null },
  layers: [
    { ...layer, opacity: 0.5, window: [20, 100] },
    { ...layer, id: 'other', name: 'other' },
  ],
  time: 4,
};

const draftOf = (path: MoviePath, change: Partial<MovieDraft> = {}): MovieDraft => ({
  pane: { id: 'xy', kind: path.kind === 'turntable' ? '3d' : 'xy', group: 'main' },
  paneSize: { width: 801, height: 601 },
  document: a,
  path,
  fps: 25,
  widthPx: 1279,
  scaleBar: true,
  overlay: false,
  ...change,
});

describe('between two views', () => {
  test('the first and the last are as they are', () => {
    expect(documentBetween(a, b, 0)).toBe(a);
    expect(documentBetween(a, b, 1)).toBe(b);
  });

  test('halfway is halfway: places evenly, scales by the same factor, turns along the arc', () => {
    const half = documentBetween(a, b, 0.5);
    expect(half.positionNm).toEqual([50, -100, 20]);
    expect(half.nmPerPx).toBeCloseTo(10, 12);
    expect(half.time).toBe(2);
    expect(half.orbit.zoom).toBeCloseTo(4, 12);
    const x = rotate(half.rotation, [1, 0, 0]);
    expect(x[0]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(x[1]).toBeCloseTo(Math.SQRT1_2, 12);
  });

  test('layers fade in and out, and windows move', () => {
    const quarter = documentBetween(a, b, 0.25);
    expect(quarter.layers.map(({ id, opacity, visible }) => [id, opacity, visible])).toEqual([
      ['em', 0.875, true],
      ['other', 0.25, true],
    ]);
    expect(quarter.layers[0]).toMatchObject({ window: [12.5, 205] });
    const back = documentBetween(b, { ...a, layers: [{ ...layer, visible: false }] }, 0.75);
    expect(back.layers.map(({ opacity }) => opacity)).toEqual([0.125, 0.25]);
  });

  test('turns go the short way and at an even speed', () => {
    const [from, to] = [turnAbout([0, 1, 0], -0.4), turnAbout([0, 1, 0], 0.8)];
    const flipped = to.map((value) => -value) as unknown as typeof to;
    for (const t of [0, 0.25, 0.5, 1])
      for (const end of [to, flipped]) {
        const wanted = rotate(turnAbout([0, 1, 0], -0.4 + 1.2 * t), [1, 0, 0]);
        rotate(slerp(from, end, t), [1, 0, 0]).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? 0, 12));
      }
  });

  test('easing starts and ends still', () => {
    expect([eased(0), eased(0.5), eased(1)]).toEqual([0, 0.5, 1]);
    expect(eased(1e-3)).toBeLessThan(1e-5);
  });
});

describe('movies', () => {
  test('a turntable turns evenly and can be looped', () => {
    const draft = draftOf({ kind: 'turntable', degrees: 360, seconds: 4 });
    expect(framesIn(draft)).toBe(100);
    expect(documentAt(draft, 0).orbit).toEqual(a.orbit);
    expect(documentAt(draft, 25).orbit.yaw - a.orbit.yaw).toBeCloseTo(Math.PI / 2, 12);
    const last = orbitAxes(documentAt(draft, 99).orbit).forward;
    const step = orbitAxes(documentAt(draft, 1).orbit).forward;
    expect(Math.hypot(...last.map((value, i) => value - (step[i] ?? 0)))).toBeGreaterThan(0.05);
  });

  test('a scroll shows whole sections, the first and the last among them', () => {
    const draft = draftOf({ kind: 'z-scroll', fromNm: -80, toNm: 120, stepNm: 40, seconds: 2 });
    const depths = Array.from({ length: framesIn(draft) }, (_, i) => documentAt(draft, i).positionNm[2]);
    expect([...new Set(depths.map((nm) => Math.round(nm)))]).toEqual([-80, -40, -0, 40, 80, 120].map((nm) => nm + 0));
    expect(depths.every((nm) => Math.abs(nm / 40 - Math.round(nm / 40)) < 1e-9)).toBe(true);
    const tilted = draftOf(draft.path, { document: { ...a, rotation: turnAbout([1, 0, 0], Math.PI / 2) } });
    expect(documentAt(tilted, framesIn(tilted) - 1).positionNm[1]).toBeCloseTo(-120, 9);
  });

  test('keyframes are reached on time', () => {
    const frames = [a, b, a].map((document, i) => ({ name: `${i}`, document, seconds: i === 0 ? 1 : 3 }));
    const draft = draftOf({ kind: 'keyframes', frames });
    expect(framesIn(draft)).toBe(100);
    expect(documentAt(draft, 0)).toEqual(a);
    expect(documentAt(draft, 99)).toEqual(a);
    const xs = Array.from({ length: 100 }, (_, i) => documentAt(draft, i).positionNm[0]);
    expect(Math.max(...xs)).toBeGreaterThan(99.8);
    expect(xs.indexOf(Math.max(...xs))).toBeGreaterThanOrEqual(24);
    expect(xs.indexOf(Math.max(...xs))).toBeLessThanOrEqual(25);
  });

  test('the same draft gives the same frames', () => {
    const draft = draftOf({ kind: 'turntable', degrees: 90, seconds: 1 });
    expect(documentAt(draft, 7)).toEqual(documentAt(structuredClone(draft), 7));
  });

  test('sides are even, and what can not be made is said', () => {
    const turn: MoviePath = { kind: 'turntable', degrees: 90, seconds: 2 };
    expect(movieSize(draftOf(turn))).toEqual({ width: 1280, height: 960 });
    expect(movieProblem(draftOf(turn))).toBe(null);
    expect(movieProblem(draftOf(turn, { fps: 0 }))).toMatch(/frames a second/);
    expect(movieProblem(draftOf(turn, { widthPx: 5000 }))).toMatch(/4096/);
    expect(movieProblem(draftOf(turn, { pane: { id: 'xy', kind: 'xy', group: 'main' } }))).toMatch(/3-D pane/);
    expect(movieProblem(draftOf({ kind: 'keyframes', frames: [] }))).toMatch(/second keyframe/);
    expect(movieProblem(draftOf({ ...turn, seconds: 1e6 }))).toMatch(/20000 are the most/);
    expect(movieProblem(draftOf({ kind: 'z-scroll', fromNm: 4, toNm: 4, stepNm: 4, seconds: 1 }))).toMatch(/the same/);
  });
});
