import type { ViewDocument } from '../../../preload/contract/view-state.ts';
import { decorOf } from '../figure/decor.ts';
import { shotCamera } from '../figure/figure-plan.ts';
import { measureText, paintShapes } from '../figure/paint.ts';
import { layerBoundsNm, unionOf, type Known } from '../layers.ts';
import type { ExportRun } from '../export-run.ts';
import { tileRows } from '../shots.ts';
import { isUnsized } from '../unsized.ts';
import type { Box3 } from '../volume-geometry.ts';
import { documentAt, framesIn, movieSize, type MovieDraft } from './movie-plan.ts';
import type { VideoFile } from './video-file.ts';

export interface MovieRequest {
  readonly draft: MovieDraft;
  readonly known: Known;
  readonly video: VideoFile;
  readonly run: ExportRun;
  readonly onFrame: (done: number, total: number) => void;
}

/** Every frame is drawn once all that it shows is here: how fast the machine is makes no difference to the movie. */
export async function writeMovie({ draft, known, video, run, onFrame }: MovieRequest): Promise<void> {
  const total = framesIn(draft);
  for (let i = 0; i < total; i++) {
    await drawFrame(draft, documentAt(draft, i), known, video, run);
    await video.add();
    onFrame(i + 1, total);
  }
}

async function drawFrame(
  draft: MovieDraft,
  document: ViewDocument,
  known: Known,
  { context }: VideoFile,
  run: ExportRun,
): Promise<void> {
  const size = movieSize(draft);
  const { pane, paneSize, overlay } = draft;
  const { camera, nmPerPx } = shotCamera(
    { pane, paneSize, widthPx: size.width, camera: document },
    boundsOf(document, known),
  );
  const magnified = size.width / paneSize.width;
  const unsized = isUnsized({ layers: document.layers, volumes: known.volumes });
  for (const tile of tileRows(size).flat()) {
    const rgba = await run.shoot({ pane, camera, size, tile, magnified, overlay, document });
    const pixels = new ImageData(
      new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength),
      tile.width,
      tile.height,
    );
    context.putImageData(pixels, tile.x, tile.y);
  }
  paintShapes(
    context,
    draft.scaleBar ? decorOf({ size, nmPerPx, unsized, scaleBar: true, legend: [], measure: measureText }) : [],
  );
}

/** Around what is shown, or all there is: as the 3-D panes fit it. */
function boundsOf({ layers }: ViewDocument, known: Known): Box3 | null {
  const around = (some: ViewDocument['layers']): Box3 | null =>
    unionOf(some.map((layer) => layerBoundsNm(layer, known)).filter((box) => box !== null));
  return around(layers.filter(({ visible }) => visible)) ?? around(layers);
}
