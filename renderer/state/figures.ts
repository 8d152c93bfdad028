import { create } from 'zustand';
import { bridge, engine } from '../engine.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { layersDrawn } from './drawn-layers.ts';
import { decorOf, type LegendEntry } from './figure/decor.ts';
import { beginFile } from './figure/figure-file.ts';
import {
  dpiOf,
  mmPerInch,
  provenanceOf,
  shotCamera,
  sizeOf,
  sizeProblem,
  type FigureDraft,
  type FigureFormat,
} from './figure/figure-plan.ts';
import { legendOf, mostSwatches } from './figure/legend.ts';
import { fontIsHere, measureText } from './figure/paint.ts';
import { writeFigure } from './figure/write-figure.ts';
import { ExportRun, type ExportWait } from './export-run.ts';
import { Eta } from './figure/eta.ts';
import { keyCss, mapCss } from './map-colours.ts';
import { openLibraryId } from './library.ts';
import { attempt, toast } from './toasts.ts';
import { isUnsized, noPhysicalSize } from './unsized.ts';
import { boundsInView, cameraOf, documentOf, paneOf, useView } from './view.ts';

/** How an export goes. */
export interface ExportState {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number | null;
  /** What it waits for. */
  readonly waits: readonly ExportWait[];
}

/** The figure that is being prepared, or exported. */
interface FiguresState {
  readonly draft: FigureDraft | null;
  /** Null where none is under way. */
  readonly progress: ExportState | null;
}

export const useFigures = create<FiguresState>(() => ({ draft: null, progress: null }));

const get = useFigures.getState;
const set = useFigures.setState;
let running: ExportRun | null = null;

/** What is kept from one figure to the next; at first two columns of a journal at 600 dpi. */
type Habits = Pick<FigureDraft, 'format' | 'widthPx' | 'widthMm' | 'lineMm' | 'scaleBar' | 'legend' | 'overlay'>;
let habits: Habits = {
  format: 'png',
  widthPx: 4016,
  widthMm: 170,
  lineMm: null,
  scaleBar: true,
  legend: true,
  overlay: false,
};

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
  const { format, widthPx, widthMm, lineMm, scaleBar, legend, overlay } = { ...draft, ...change };
  habits = { format, widthPx, widthMm, lineMm, scaleBar, legend, overlay };
  set({ draft: { ...draft, ...habits } });
}

export function dropFigure(): void {
  running?.cancel();
  set({ draft: null });
}

export const cancelFigure = (): void => running?.cancel();
/** What does not come is left out, and told. */
export const figureWithout = (): void => running?.goOnWithout();

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
    tone: made.lacks.length > 0 ? 'info' : 'good',
    title: `Exported ${made.name}`,
    detail: [`${made.width} x ${made.height} pixels.`, ...made.lacks].join(' '),
    action: { label: 'Show in folder', run: () => void bridge.reveal(place.id) },
  });
}

/** With the colours of what is shown of each set of shapes. */
async function legendFor(layers: readonly Layer[]): Promise<readonly LegendEntry[]> {
  const keys = new Map<string, readonly string[]>();
  for (const layer of layersDrawn(layers)) {
    if (!('shape' in layer) || layer.colour !== null || layer.shown !== null) continue;
    const asked = { library: openLibraryId(), shape: layer.shape, most: mostSwatches };
    // A legend does without what its source does not list.
    const listed = await engine()
      .shape.keys(asked)
      .catch(() => null);
    keys.set(layer.shape, listed?.value.keys.map(({ key }) => key) ?? []);
  }
  return legendOf(layers, { map: mapCss, key: keyCss }, ({ shape }) => keys.get(shape) ?? []);
}

function progressed(change: Partial<ExportState>): void {
  const { progress } = get();
  if (progress) set({ progress: { ...progress, ...change } });
}

interface Made {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** What it is without, in sentences. */
  readonly lacks: readonly string[];
}

/** `out`: a grant. Nothing is left behind where it throws. */
export async function runFigure(draft: FigureDraft, out: string): Promise<Made> {
  const s = useView.getState();
  const size = sizeOf(draft);
  const { camera, nmPerPx } = shotCamera(draft, boundsInView(s));
  const onWaits = (waits: readonly ExportWait[]): void => progressed({ waits });
  const run = (running = new ExportRun(s.layers, onWaits));
  const eta = new Eta();
  const file = await beginFile(out);
  try {
    set({ progress: { done: 0, total: 0, secondsLeft: null, waits: [] } });
    const legend = draft.legend ? await legendFor(s.layers) : [];
    await fontIsHere();
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
      shapes: decorOf({ size, nmPerPx, unsized: isUnsized(s), scaleBar: draft.scaleBar, legend, measure: measureText }),
      write: (bytes, at) => file.write(bytes, at),
      run,
      onTile: (done, total) => progressed({ done, total, secondsLeft: eta.of(done, total) }),
    });
    return {
      ...size,
      name: (await file.finish()).name,
      lacks: [...run.lacks, ...(isUnsized(s) ? [noPhysicalSize] : [])],
    };
  } catch (error) {
    await file.discard();
    throw error;
  } finally {
    running = null;
  }
}
