import { create } from 'zustand';
import { bridge } from '../engine.ts';
import { decorOf } from './figure/decor.ts';
import { beginFile } from './figure/figure-file.ts';
import {
  dpiOf,
  legendOf,
  mmPerInch,
  provenanceOf,
  shotCamera,
  sizeOf,
  sizeProblem,
  type FigureDraft,
  type FigureFormat,
} from './figure/figure-plan.ts';
import { measureText } from './figure/paint.ts';
import { writeFigure } from './figure/write-figure.ts';
import { Eta } from './figure/eta.ts';
import { mapCss } from './map-colours.ts';
import { attempt, toast } from './toasts.ts';
import { boundsInView, cameraOf, documentOf, paneOf, useView } from './view.ts';

/** The figure that is being prepared, or exported. */
interface FiguresState {
  readonly draft: FigureDraft | null;
  /** Null where none is under way. */
  readonly progress: { readonly done: number; readonly total: number; readonly secondsLeft: number | null } | null;
}

export const useFigures = create<FiguresState>(() => ({ draft: null, progress: null }));

const get = useFigures.getState;
const set = useFigures.setState;
let running: AbortController | null = null;

/** What is kept from one figure to the next; at first two columns of a journal at 600 dpi. */
type Habits = Pick<FigureDraft, 'format' | 'widthPx' | 'widthMm' | 'scaleBar' | 'legend' | 'overlay'>;
let habits: Habits = { format: 'png', widthPx: 4016, widthMm: 170, scaleBar: true, legend: true, overlay: false };

export const whyNoFigure = (): string | null => {
  const s = useView.getState();
  if (s.layers.length === 0) return 'Add a layer first';
  return s.paneSizes[s.activePane] ? null : 'Show a pane first';
};

/** Prepares a figure of the active pane, as it is now. */
export function prepareFigure(): void {
  const s = useView.getState();
  const pane = paneOf(s, s.activePane);
  const paneSize = s.paneSizes[s.activePane];
  if (pane && paneSize) set({ draft: { ...habits, pane, paneSize, camera: cameraOf(s, pane.id) } });
}

export function changeFigure(change: Partial<Habits>): void {
  const { draft } = get();
  if (!draft) return;
  const { format, widthPx, widthMm, scaleBar, legend, overlay } = { ...draft, ...change };
  habits = { format, widthPx, widthMm, scaleBar, legend, overlay };
  set({ draft: { ...draft, ...habits } });
}

export function dropFigure(): void {
  running?.abort();
  set({ draft: null });
}

export const cancelFigure = (): void => running?.abort();

const names: Readonly<Record<FigureFormat, { readonly label: string; readonly ending: string }>> = {
  png: { label: 'PNG', ending: 'png' },
  tiff: { label: 'TIFF', ending: 'tif' },
  svg: { label: 'SVG', ending: 'svg' },
};

/** Asks where to, and exports. */
export async function exportFigure(): Promise<void> {
  const { draft, progress } = get();
  if (!draft || progress || sizeProblem(draft) !== null) return;
  const { label, ending } = names[draft.format];
  const place = await attempt(() => bridge.saveFile(`figure.${ending}`, [{ name: label, extensions: [ending] }]));
  if (!place) return;
  const made = await attempt(() => runFigure(draft, place.id));
  set({ progress: null });
  if (!made) return;
  set({ draft: null });
  toast({
    tone: 'good',
    title: `Exported ${made.name}`,
    detail: `${made.width} x ${made.height} pixels`,
    action: { label: 'Show in folder', run: () => void bridge.reveal(place.id) },
  });
}

/** `out`: a grant. Nothing is left behind where it throws. */
export async function runFigure(
  draft: FigureDraft,
  out: string,
): Promise<{ readonly name: string; readonly width: number; readonly height: number }> {
  const s = useView.getState();
  const size = sizeOf(draft);
  const { camera, nmPerPx } = shotCamera(draft, boundsInView(s));
  const legend = draft.legend ? legendOf(s.layers, mapCss) : [];
  const { signal } = (running = new AbortController());
  const eta = new Eta();
  const file = await beginFile(out);
  try {
    set({ progress: { done: 0, total: 0, secondsLeft: null } });
    await writeFigure({
      draft,
      camera,
      size,
      // What is on the screen may go on; the figure is of now.
      document: documentOf(s),
      facts: {
        widthPx: size.width,
        heightPx: size.height,
        pxPerMm: draft.widthMm === null ? null : dpiOf(draft.widthPx, draft.widthMm) / mmPerInch,
        nmPerPx,
        provenance: provenanceOf({
          draft,
          layers: s.layers,
          known: s,
          time: s.time,
          nmPerPx,
          version: bridge.version,
          at: new Date().toISOString(),
        }),
      },
      title: `${draft.pane.kind.toUpperCase()} of ${s.layers.find(({ visible }) => visible)?.name ?? 'the view'}`,
      shapes: decorOf({ size, nmPerPx, scaleBar: draft.scaleBar, legend, measure: measureText }),
      write: (bytes, at) => file.write(bytes, at),
      signal,
      onTile: (done, total) => set({ progress: { done, total, secondsLeft: eta.of(done, total) } }),
    });
    return { ...size, name: (await file.finish()).name };
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    running = null;
  }
}
