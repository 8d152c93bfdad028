import type { Known } from '../layers.ts';
import { volumeOf } from '../layers.ts';
import { isRemote } from '../neuroglancer/sources.ts';
import { orbitPlace } from '../orbit.ts';
import { isUnsized, noPhysicalSize } from '../unsized.ts';
import type { PaneCamera, PaneSize } from '../view.ts';
import type { Box3 } from '../volume-geometry.ts';
import type { Layer, PaneSpec } from '../../../preload/contract/view-state.ts';
import { asciiJson } from './row-sink.ts';

/** What a figure is to be. Pure. */
export type FigureFormat = 'png' | 'tiff' | 'svg';

export interface FigureDraft {
  readonly pane: PaneSpec;
  /** CSS pixels of the pane: the figure shows the same field. */
  readonly paneSize: PaneSize;
  readonly camera: PaneCamera;
  readonly format: FigureFormat;
  readonly widthPx: number;
  /** On paper; null: not said. */
  readonly widthMm: number | null;
  /** How wide a line on paper is that is one pixel wide in the window, mm; null: as wide as the rest is magnified. */
  readonly lineMm: number | null;
  readonly scaleBar: boolean;
  readonly legend: boolean;
  readonly overlay: boolean;
}

export const leastPx = 16;
/** A side of a figure. */
export const mostPx = 32_768;
const mostPixels = 600e6;
export const mmPerInch = 25.4;

export const sizeOf = ({ paneSize, widthPx }: Pick<FigureDraft, 'paneSize' | 'widthPx'>): PaneSize => ({
  width: widthPx,
  height: Math.max(1, Math.round((widthPx * paneSize.height) / paneSize.width)),
});

/** What is wrong with the size, or null. */
export function sizeProblem(draft: Pick<FigureDraft, 'paneSize' | 'widthPx'>): string | null {
  const { width, height } = sizeOf(draft);
  if (!Number.isInteger(width) || width < leastPx) return `A figure is at least ${leastPx} pixels wide.`;
  if (Math.max(width, height) > mostPx)
    return `No side may have more than ${mostPx} pixels; this figure is ${width} x ${height}.`;
  if (width * height > mostPixels) return `${width} x ${height} is more than 600 million pixels.`;
  return null;
}

export const widthPxOf = (widthMm: number, dpi: number): number => Math.round((widthMm / mmPerInch) * dpi);
export const dpiOf = (widthPx: number, widthMm: number): number => (widthPx / widthMm) * mmPerInch;

/** Pixels of the figure for one of the window: lines, points, outlines and squares are so many times as large. */
export const magnifiedIn = ({ paneSize, widthPx, widthMm, lineMm }: SizedDraft): number =>
  lineMm === null || widthMm === null ? widthPx / paneSize.width : (lineMm / widthMm) * widthPx;

export type SizedDraft = Pick<FigureDraft, 'paneSize' | 'widthPx' | 'widthMm' | 'lineMm'>;

/** What a line of one pixel is on paper, mm, where nothing else is asked for. */
export const usualLineMm = ({ paneSize, widthMm }: Pick<FigureDraft, 'paneSize' | 'widthMm'>): number =>
  (widthMm ?? 170) / paneSize.width;

/** The camera at the figure's resolution, and how long a pixel of it is. */
export function shotCamera(
  { pane, camera, paneSize, widthPx }: Pick<FigureDraft, 'pane' | 'camera' | 'paneSize' | 'widthPx'>,
  box: Box3 | null,
): { readonly camera: PaneCamera; readonly nmPerPx: number } {
  const atSize = { ...camera, nmPerPx: (camera.nmPerPx * paneSize.width) / widthPx };
  if (pane.kind !== '3d') return { camera: atSize, nmPerPx: atSize.nmPerPx };
  // Zoom is of the pane's smaller side, so the view is the same at every size.
  const nmPerPx = box ? orbitPlace(box, camera.orbit, sizeOf({ paneSize, widthPx })).nmPerPx : Number.NaN;
  return { camera: atSize, nmPerPx };
}

export interface ProvenanceRequest {
  readonly draft: FigureDraft;
  readonly layers: readonly Layer[];
  readonly known: Known;
  readonly time: number;
  readonly nmPerPx: number;
  readonly version: string;
  readonly at: string;
}

/** How the picture came to be, as ASCII JSON. Paths of this computer are nobody's business and left out. */
export function provenanceOf({ draft, layers, known, time, nmPerPx, version, at }: ProvenanceRequest): string {
  const { pane, camera } = draft;
  return asciiJson({
    software: `Lamella ${version}`,
    madeAt: at,
    plane: pane.kind,
    positionNm: camera.positionNm,
    nmPerPx,
    ...(isUnsized({ layers, volumes: known.volumes }) && {
      physicalSize: noPhysicalSize,
    }),
    ...(pane.kind === '3d' ? { orbit: camera.orbit } : { rotation: camera.rotation }),
    time,
    layers: layers
      .filter(({ visible }) => visible)
      .map((layer) => {
        const source = volumeOf(layer, known)?.source;
        return {
          name: layer.name,
          type: layer.type,
          ...(source && isRemote(source.text) && { source: source.text }),
          ...('channel' in layer && { channel: layer.channel }),
          ...('window' in layer && { window: layer.window, gamma: layer.gamma, colour: layer.colour }),
          opacity: layer.opacity,
          blend: layer.blend,
        };
      }),
  });
}
