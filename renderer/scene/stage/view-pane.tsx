import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Projection } from '../../state/view.ts';
import { measurePane, setView, useView } from '../../state/view.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { axisNames, planeAxes, voxelAt } from '../../state/volume-geometry.ts';
import { formatLength } from '../../ui/format.ts';
import { Orientation } from '../orientation/orientation.tsx';
import { orbitView, scaleBar } from './geometry.ts';
import { listenToPane } from './pane-input.ts';
import { stageClient } from './stage-client.ts';
import './stage.css';

let nextKey = 1;

/** A pane of the view: two canvases that the drawing worker owns, and the pointer over them. */
export function ViewPane({ pane }: { readonly pane: PaneId }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => (frame.current ? attach(frame.current, pane) : undefined), [pane]);
  // A drawing that is panned, turned and clicked into is what the role "application" is for; the lists and fields of
  // the navigator do the same without it.
  // oxlint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex
  return (
    <div
      ref={frame}
      className={`view-pane ${pane === '3d' ? 'orbit' : ''}`}
      role="application"
      tabIndex={0}
      aria-label={paneLabel(pane)}
      data-pane={pane}
      onFocus={() => setView({ activePane: pane })}
    >
      <PaneInfo pane={pane} />
      <ScaleBar pane={pane} />
      {pane === '3d' && <Orientation />}
    </div>
  );
}

// oxlint-enable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex

const paneLabel = (pane: PaneId): string =>
  pane === '3d'
    ? '3-D pane. Drag or arrow keys turn, wheel or plus and minus zoom.'
    : `${pane.toUpperCase()} pane. Drag or arrow keys move, wheel or plus and minus zoom, Page Up and Page Down go through sections, a click centres the cross-hair.`;

/** Makes the canvases, hands them to the worker, and follows the size of the frame. */
function attach(frame: HTMLElement, pane: PaneId): () => void {
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
  const observer = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = frame;
    client.post({ t: 'size', pane, key, width, height, ratio: devicePixelRatio });
    measurePane(pane, width, height);
  });
  observer.observe(frame);
  const stopListening = listenToPane(frame, pane);
  return () => {
    stopListening();
    observer.disconnect();
    client.post({ t: 'gone', pane, key });
    image.remove();
    overlay.remove();
  };
}

/** Which section is shown: `z 3 of 6`. */
function PaneInfo({ pane }: { readonly pane: PaneId }): ReactNode {
  const volume = useView((s) => s.volume);
  const positionNm = useView((s) => s.positionNm);
  const projection = useView((s) => s.projection);
  if (!volume) return null;
  if (pane === '3d') return <span className="pane-info">{projectionWord(projection, volume.display.labels)}</span>;
  const { normal } = planeAxes[pane];
  return (
    <span className="pane-info mono">
      {axisNames[normal]} {voxelAt(volume, positionNm)[normal] + 1} of {volume.levels[0]?.size[normal]}
    </span>
  );
}

const projectionWord = (projection: Projection, labels: boolean): string =>
  labels && projection !== 'planes' ? 'labels' : { max: 'maximum', min: 'minimum', planes: 'planes' }[projection];

const barPx = 110;

function ScaleBar({ pane }: { readonly pane: PaneId }): ReactNode {
  const volume = useView((s) => s.volume);
  const size = useView((s) => s.paneSizes[pane]);
  const camera = useView((s) => (pane === '3d' ? s.orbit : s.nmPerPx));
  if (!volume || !size) return null;
  const nmPerPx =
    typeof camera === 'number'
      ? camera
      : orbitView(volume, { orbit: camera, nmPerPx: 1, positionNm: [0, 0, 0] }, size).nmPerPx;
  const { lengthNm, widthPx } = scaleBar(nmPerPx, barPx);
  return (
    <div className="scale-bar" role="img" aria-label={`Scale bar: ${formatLength(lengthNm)}`}>
      <span className="mono">{formatLength(lengthNm)}</span>
      <span className="bar-line" style={{ width: widthPx }} data-nm={lengthNm} />
    </div>
  );
}
