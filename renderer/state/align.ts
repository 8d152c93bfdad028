import { create } from 'zustand';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Matrix34 } from '../../preload/contract/view-state.ts';
import { updateLayer } from './layer-edits.ts';
import { frameOf, plus, rotate, turnAbout } from './rotation.ts';
import { cameraOf, kindOfPane, selectedLayer, useView } from './view.ts';

/** The align tool: drags and arrow keys move the selected layer in the world, under the others, instead of the view. */
export const useAlign = create<{ readonly active: boolean }>(() => ({ active: false }));

export const setAlign = (active: boolean): void => useAlign.setState({ active });

const get = useView.getState;
const identity: Matrix34 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

const column = (m: Matrix34, c: number): Vec3 => [m[c] ?? 0, m[4 + c] ?? 0, m[8 + c] ?? 0];

const ofColumns = (x: Vec3, y: Vec3, z: Vec3, t: Vec3): Matrix34 =>
  [0, 1, 2].flatMap((r) => [x[r] ?? 0, y[r] ?? 0, z[r] ?? 0, t[r] ?? 0]);

/** The map, then a shift. */
export function shifted(m: Matrix34 | null, byNm: Vec3): Matrix34 {
  const from = m ?? identity;
  return ofColumns(column(from, 0), column(from, 1), column(from, 2), plus(column(from, 3), byNm));
}

/** The map, then a turn by `angle` radians about an axis through a point of the world. */
export function turned(m: Matrix34 | null, axis: Vec3, angle: number, aboutNm: Vec3): Matrix34 {
  const from = m ?? identity;
  const turn = turnAbout(axis, angle);
  const apply = (v: Vec3): Vec3 => rotate(turn, v);
  const moved = plus(aboutNm, apply(plus(column(from, 3), aboutNm, -1)));
  return ofColumns(apply(column(from, 0)), apply(column(from, 1)), apply(column(from, 2)), moved);
}

/** Moves the selected layer by CSS pixels of a slice pane, right and down. */
export function alignBy(pane: string, dxPx: number, dyPx: number): void {
  const s = get();
  const layer = selectedLayer(s);
  const kind = kindOfPane(s, pane);
  if (!layer || kind === '3d') return;
  const { nmPerPx, rotation } = cameraOf(s, pane);
  const { right, down } = frameOf(kind, rotation);
  const byNm = plus(plus([0, 0, 0], right, dxPx * nmPerPx), down, dyPx * nmPerPx);
  updateLayer(layer.id, { worldFromLayer: shifted(layer.worldFromLayer, byNm) });
}

/** Turns the selected layer in a slice pane about the cross-hair; positive is clockwise as the pane is seen. */
export function alignTurnBy(pane: string, angle: number): void {
  const s = get();
  const layer = selectedLayer(s);
  const kind = kindOfPane(s, pane);
  if (!layer || kind === '3d') return;
  const { normal } = frameOf(kind, cameraOf(s, pane).rotation);
  // Of XZ, right and down turn the other way round their normal.
  const sign = kind === 'xz' ? -1 : 1;
  updateLayer(layer.id, { worldFromLayer: turned(layer.worldFromLayer, normal, sign * angle, s.positionNm) });
}
