import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import { useAlign } from '../../state/align.ts';
import { frameOf } from '../../state/rotation.ts';
import { orbitWords } from '../../state/orbit-words.ts';
import { measurePane } from '../../state/view-moves.ts';
import type { ViewState } from '../../state/view.ts';
import { selectedLayer, boundsInView, cameraOf, paneOf, setView, useView, volumeInView } from '../../state/view.ts';
import { axisNames, planeAxes } from '../../state/volume-geometry.ts';
import { voxelInView } from '../../state/voxel-in-view.ts';
import { isUnsized } from '../../state/unsized.ts';
import { formatLength, formatVoxels } from '../../ui/format.ts';
import { Orientation } from '../orientation/orientation.tsx';
import { useCanvasRun } from './canvas-run.ts';
import { orbitView, scaleBar } from './geometry.ts';
import { listenToPane } from './pane-input.ts';
import { stageClient } from './stage-client.ts';
import './stage.css';

let nextKey = 1;

/** A pane of the view: two canvases that the drawing worker owns, and the pointer over them. */
export function ViewPane({ pane: id }: { readonly pane: string }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const kind = useView((s) => paneOf(s, id)?.kind);
  const group = useView((s) => paneOf(s, id)?.group);
  const run = useCanvasRun((s) => s.run);
  useEffect(
    () => (frame.current && kind && group !== undefined ? attach(frame.current, { id, kind, group }) : undefined),
    [id, kind, group, run],
  );
  if (!kind) return null;
  // A drawing that is panned, turned and clicked into is what the role "application" is for; the lists and fields of
  // the navigator do the same without it.
  // oxlint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex
  return (
    <div
      ref={frame}
      className={`view-pane ${kind === '3d' ? 'orbit' : ''}`}
      role="application"
      tabIndex={0}
      aria-label={paneLabel(kind)}
      data-pane={id}
      onFocus={() => setView({ activePane: id })}
    >
      <PaneInfo pane={id} />
      <ScaleBar pane={id} />
      {kind === '3d' && <Orientation pane={id} />}
    </div>
  );
}

// oxlint-enable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex

const paneLabel = (kind: PaneSpec['kind']): string =>
  kind === '3d'
    ? '3-D pane. Drag or arrow keys turn, wheel or plus and minus zoom, a click centres what it hits.'
    : `${kind.toUpperCase()} pane. Drag or arrow keys move, wheel or plus and minus zoom, Page Up and Page Down go through sections, a click centres the cross-hair, Shift and drag turn the planes.`;

/** Makes the canvases, hands them to the worker, and follows the size of the frame. */
function attach(frame: HTMLElement, pane: PaneSpec): () => void {
  const key = nextKey++;
  const client = stageClient();
  const [image, overlay] = ['image', 'overlay'].map((name) => {
    const canvas = document.createElement('canvas');
    canvas.className = `pane-${name}`;
    canvas.setAttribute('aria-hidden', 'true');
    return canvas;
  }) as [HTMLCanvasElement, HTMLCanvasElement];
  frame.prepend(image, overlay);
  client.addPane(pane, key, {
    image: image.transferControlToOffscreen(),
    overlay: overlay.transferControlToOffscreen(),
  });
  const observer = new ResizeObserver(([entry]) => {
    const [box] = entry?.devicePixelContentBoxSize ?? [];
    if (!box) return;
    // The very pixels of the screen: at a scale of 1.5 a pane ends in the middle of one, and a picture of one pixel more
    // or less would be blurred.
    const ratio = devicePixelRatio;
    const [width, height] = [box.inlineSize / ratio, box.blockSize / ratio];
    client.post({ t: 'size', pane: pane.id, key, width, height, ratio });
    measurePane(pane.id, width, height);
  });
  // Told also when the window comes to a screen of another scale.
  observer.observe(frame, { box: 'device-pixel-content-box' });
  const stopListening = listenToPane(frame, pane);
  return () => {
    stopListening();
    observer.disconnect();
    client.post({ t: 'gone', pane: pane.id, key });
    image.remove();
    overlay.remove();
  };
}

/** Which section is shown: `z 3 of 6`; of a turned plane, by how much; of a 3-D pane, how it is drawn. */
function PaneInfo({ pane }: { readonly pane: string }): ReactNode {
  const info = useView((s) => infoOf(s, pane));
  const moved = useView((s) => selectedLayer(s)?.name);
  const aligning = useAlign((s) => s.active);
  const text = aligning && moved !== undefined ? `moving ${moved}: drag, Shift+drag turns, Esc ends` : info;
  return text && <span className="pane-info mono">{text}</span>;
}

function infoOf(s: ViewState, id: string): string | null {
  const kind = paneOf(s, id)?.kind;
  if (!kind || s.layers.length === 0) return null;
  if (kind === '3d') return orbitWords(s);
  const size = volumeInView(s)?.levels[0]?.size;
  const { rotation, positionNm } = cameraOf(s, id);
  const { normal } = planeAxes[kind];
  const angle = angleOf(frameOf(kind, rotation).normal[normal]);
  if (angle >= 0.05) return `turned ${angle.toFixed(1)}°`;
  const voxel = voxelInView(s, positionNm);
  if (!voxel || !size) return null;
  // Of a pane it matters only how deep it lies: what is beside the volume is at its sections all the same.
  const deep = voxel[normal];
  return deep < 0 || deep >= size[normal]
    ? 'outside the volume'
    : `${axisNames[normal]} ${deep + 1} of ${size[normal]}`;
}

const angleOf = (cosine: number): number => (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;

const barPx = 110;

function ScaleBar({ pane }: { readonly pane: string }): ReactNode {
  const nmPerPx = useView((s) => scaleOf(s, pane));
  const unsized = useView(isUnsized);
  if (nmPerPx === null) return null;
  const { lengthNm, widthPx } = scaleBar(nmPerPx, barPx);
  const length = (unsized ? formatVoxels : formatLength)(lengthNm);
  return (
    <div className="scale-bar" role="img" aria-label={`Scale bar: ${length}`}>
      <span className="mono">{length}</span>
      <span className="bar-line" style={{ width: widthPx }} data-nm={lengthNm} />
    </div>
  );
}

function scaleOf(s: ViewState, pane: string): number | null {
  const size = s.paneSizes[pane];
  const box = boundsInView(s);
  if (!size || !box) return null;
  const camera = cameraOf(s, pane);
  return paneOf(s, pane)?.kind === '3d' ? orbitView(box, camera, size).nmPerPx : camera.nmPerPx;
}
