import type { ViewDocument } from '../../../preload/contract/view-state.ts';
import type { ExportRun } from '../export-run.ts';
import { tileRows, type Tile } from '../shots.ts';
import type { PaneCamera, PaneSize } from '../view.ts';
import type { Shape } from './decor.ts';
import { magnifiedIn, type FigureDraft } from './figure-plan.ts';
import { paintOver } from './paint.ts';
import { pngSink } from './png.ts';
import type { PictureFacts, RowSink, Write } from './row-sink.ts';
import { svgAround } from './svg.ts';
import { tiffSink } from './tiff.ts';

export interface FigureRequest {
  readonly draft: FigureDraft;
  readonly camera: PaneCamera;
  readonly size: PaneSize;
  readonly document: ViewDocument | null;
  readonly facts: PictureFacts;
  readonly title: string;
  readonly shapes: readonly Shape[];
  readonly write: Write;
  readonly run: ExportRun;
  /** Tiles that are drawn, of all; the one that is being drawn counts in part. */
  readonly onTile: (done: number, total: number) => void;
}

/** Draws a figure tile by tile and writes it row by row: a band of tiles is all that is in memory. */
export async function writeFigure(request: FigureRequest): Promise<void> {
  const { sink, end, painted } = await sinkOf(request);
  const rows = tileRows(request.size);
  const total = rows.reduce((sum, row) => sum + row.length, 0);
  let done = 0;
  for (const row of rows) {
    const [first] = row;
    if (!first) continue;
    const band = new Uint8Array(request.size.width * first.height * 4);
    for (const tile of row) {
      const rgba = await shootTile(request, tile, (part) => request.onTile(done + part, total));
      if (painted) paintOver(rgba, tile, request.shapes);
      place(rgba, tile, band, request.size.width);
      request.onTile((done += 1), total);
    }
    await sink.rows(band);
  }
  await end(request.run.lacks);
}

/** Of SVG the shapes are not painted but written. */
async function sinkOf({ draft, facts, size, title, shapes, write }: FigureRequest): Promise<{
  readonly sink: RowSink;
  readonly end: RowSink['end'];
  readonly painted: boolean;
}> {
  if (draft.format === 'tiff') {
    const sink = await tiffSink(facts, write);
    return { sink, end: (lacks) => sink.end(lacks), painted: true };
  }
  if (draft.format === 'png') {
    const sink = await pngSink(facts, write);
    return { sink, end: (lacks) => sink.end(lacks), painted: true };
  }
  const { provenance } = facts;
  const around = await svgAround({ size, widthMm: draft.widthMm, title, provenance, shapes }, write);
  const sink = await pngSink(facts, around.picture);
  const end: RowSink['end'] = async (lacks) => {
    await sink.end(lacks);
    await around.end(lacks);
  };
  return { sink, end, painted: false };
}

const shootTile = (
  { draft, camera, size, document, run }: FigureRequest,
  tile: Tile,
  onDone: (done: number) => void,
): Promise<Uint8Array<ArrayBuffer>> => {
  const { pane, overlay } = draft;
  return run.shoot({ pane, camera, size, tile, magnified: magnifiedIn(draft), overlay, document }, onDone);
};

function place(rgba: Uint8Array, { x, width, height }: Tile, band: Uint8Array, bandWidth: number): void {
  for (let y = 0; y < height; y++) band.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), (y * bandWidth + x) * 4);
}
