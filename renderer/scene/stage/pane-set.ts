import type { DrawStats } from '../../state/view.ts';
import type { Graphics } from './graphics.ts';
import type { SourceBricks } from './brick-plan.ts';
import type { Cameras, ToStage } from './messages.ts';
import type { ImageScene } from './pane-painter.ts';
import { PanePainter } from './pane-painter.ts';
import type { PlaneCuts } from './plane-cuts.ts';
import type { Place } from './sources.ts';

type Message<T extends ToStage['t']> = Extract<ToStage, { readonly t: T }>;

/** What a change of cameras did. */
export interface Moved {
  /** Whether a 3-D pane shows something else. */
  readonly turned: boolean;
}

/** A 3-D pane waits this long at most for slices that are on the move. */
const orbitWaitMs = 200;

/** The panes that are on the screen. */
export class PaneSet {
  readonly #panes = new Map<string, PanePainter>();
  #cameras: Cameras = {};
  #orbitAt = -Infinity;

  [Symbol.iterator](): Iterator<PanePainter> {
    return this.#panes.values();
  }

  get(id: string): PanePainter | undefined {
    return this.#panes.get(id);
  }

  add({ pane, key, canvases }: Message<'pane'>): void {
    this.#panes.get(pane.id)?.dispose();
    const painter = new PanePainter(pane, key, canvases);
    const camera = this.#cameras[pane.id];
    if (camera) painter.look(camera);
    this.#panes.set(pane.id, painter);
  }

  /** A pane that is told of late may be there anew under the same name: its key tells. */
  drop(id: string, key: number): void {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return;
    pane.dispose();
    this.#panes.delete(id);
  }

  /** False where the pane is not there. */
  size({ pane: id, key, width, height, ratio }: Message<'size'>): boolean {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return false;
    pane.resize(width, height, ratio);
    return true;
  }

  look(cameras: Cameras, slicesIn3d: boolean): Moved {
    const before = this.#cameras;
    this.#cameras = cameras;
    let anyTurned = false;
    for (const [id, pane] of this.#panes) {
      const camera = cameras[id];
      if (!camera || JSON.stringify(camera) === JSON.stringify(before[id])) continue;
      const turned = slicesIn3d || JSON.stringify(camera.orbit) !== JSON.stringify(before[id]?.orbit);
      pane.look(camera);
      pane.imageDirty ||= turned || !pane.isOrbit;
      pane.overlayDirty = true;
      anyTurned ||= pane.isOrbit && turned;
    }
    return { turned: anyTurned };
  }

  redraw(what: 'image' | 'overlay'): void {
    for (const pane of this) {
      if (what === 'image') pane.imageDirty = true;
      else pane.overlayDirty = true;
    }
  }

  /**
   * What to draw in this frame: slices first. While they are drawn anew in each frame, 3-D panes that do not turn wait.
   * `waits`: there are such, so that another frame is needed.
   */
  due(turning: boolean, nowMs: number): { readonly panes: readonly PanePainter[]; readonly waits: boolean } {
    const [slices, orbits] = [[...this].filter((pane) => !pane.isOrbit), [...this].filter((pane) => pane.isOrbit)];
    const isBusy = slices.some((pane) => pane.imageDirty && !pane.hidden);
    if (isBusy && !turning && nowMs - this.#orbitAt < orbitWaitMs) return { panes: slices, waits: orbits.length > 0 };
    this.#orbitAt = nowMs;
    return { panes: [...slices, ...orbits], waits: false };
  }

  /** Slices that have not all of their voxels draw what came. */
  redrawUnsharp(): void {
    for (const pane of this) pane.imageDirty ||= !pane.isOrbit && !pane.sharp;
  }

  /** How the pictures on the screen are: `DrawStats.state`. */
  get state(): DrawStats['state'] {
    const shown = [...this].filter((pane) => !pane.hidden);
    if (shown.some((pane) => pane.imageDirty || pane.busy)) return 'drawing';
    return shown.every((pane) => pane.sharp) ? 'sharp' : 'short';
  }

  /** What the slice panes cut of a place. */
  cutsOf(place: Place): readonly PlaneCuts[] {
    return [...this].map((pane) => pane.cutsOf(place)).filter((cuts) => cuts !== null);
  }

  /** What the 3-D panes need. */
  orbitWants(graphics: Graphics, image: ImageScene): readonly SourceBricks[] {
    return [...this].flatMap((pane) => pane.orbitWants(graphics, image));
  }

  /** The active pane, or the first slice pane where that is a 3-D one. */
  slicePane(active: string): PanePainter | undefined {
    const pane = this.#panes.get(active);
    return pane && !pane.isOrbit ? pane : [...this].find((one) => !one.isOrbit);
  }
}
