import { shoot } from './shots.ts';
import { cameraOf, paneOf, useView } from './view.ts';

/** A small picture to know a view again by. */

const widthPx = 176;
const heightPx = 110;
/** What is not here by then is left out: a name does not wait for a slow server. */
const longestMs = 2500;

/** The active pane as a data URL of a PNG; '' where it can not be had. */
export async function viewPicture(): Promise<string> {
  const s = useView.getState();
  const pane = paneOf(s, s.activePane);
  const shown = pane && s.paneSizes[pane.id];
  if (!pane || !shown) return '';
  const camera = cameraOf(s, pane.id);
  // As much is seen as in the pane, of which the picture has another shape.
  const smaller = Math.max(shown.width / widthPx, shown.height / heightPx);
  const nmPerPx = camera.nmPerPx * smaller;
  const size = { width: widthPx, height: heightPx };
  const tile = { x: 0, y: 0, ...size };
  try {
    const seen = { pane, camera: { ...camera, nmPerPx }, size, tile, magnified: 1 / smaller, document: null };
    const { rgba } = await shoot({ ...seen, overlay: false, whole: false }, AbortSignal.timeout(longestMs));
    return await dataUrl(rgba);
  } catch {
    return '';
  }
}

async function dataUrl(rgba: Uint8Array<ArrayBuffer>): Promise<string> {
  const canvas = document.createElement('canvas');
  canvas.width = widthPx;
  canvas.height = heightPx;
  canvas
    .getContext('2d')
    ?.putImageData(
      new ImageData(new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length), widthPx, heightPx),
      0,
      0,
    );
  return canvas.toDataURL('image/png');
}
