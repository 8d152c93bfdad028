import { engine } from '../engine.ts';
import { formatVoxel, isExact } from './display.ts';
import { isVolumeLayer, volumeOf } from './layers.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { voxelBox } from './slice-box.ts';
import { positionInLayer } from './slice-looks.ts';
import type { Cursor, ViewState } from './view.ts';
import { cameraOf, kindOfPane, setView, useView } from './view.ts';
import { levelForPlane, planeAxes } from './volume-geometry.ts';

/** The pointer rests this long before the voxels under it are read: never a call for each move. */
const restMs = 150;
/** Layers that are read exactly, from the top. */
const mostRead = 8;
let resting: ReturnType<typeof setTimeout> | undefined;
let reading: AbortController | null = null;

/** Follows the pointer: where bricks hold an index or a scaled value, the voxel itself is read once it rests. */
export function watchExactValues(): void {
  useView.subscribe((now, before) => {
    if (now.cursor?.positionNm === before.cursor?.positionNm) return;
    clearTimeout(resting);
    reading?.abort();
    if (now.cursor) resting = setTimeout(() => void readExact(), restMs);
  });
}

async function readExact(): Promise<void> {
  const s = useView.getState();
  const { cursor } = s;
  if (!cursor || !useLibrary.getState().library) return;
  const { signal } = (reading = new AbortController());
  const under = new Set(cursor.readings.slice(0, mostRead).map(({ layer }) => layer));
  await Promise.all([...under].map((layer) => readLayer(s, cursor, layer, signal)));
}

async function readLayer(s: ViewState, cursor: Cursor, id: string, signal: AbortSignal): Promise<void> {
  const layer = s.layers.find((one) => one.id === id);
  const volume = layer && volumeOf(layer, s);
  const at = layer && positionInLayer(layer, cursor.positionNm);
  // The id of a label comes whole with its brick.
  if (!volume || !at || !isVolumeLayer(layer) || layer.type === 'segmentation' || isExact(volume)) return;
  const kind = kindOfPane(s, cursor.pane);
  const level = kind === '3d' ? 0 : levelForPlane(volume, planeAxes[kind], cameraOf(s, cursor.pane).nmPerPx);
  const box = voxelBox(volume, level, at);
  if (box === null) return;
  try {
    const { channel } = layer;
    const input = { library: openLibraryId(), source: volume.id, box, level, channel, time: s.time };
    const { value, bytes } = await engine().volume.cutout(input, { signal });
    if (bytes && !signal.aborted) adopt(cursor, id, formatVoxel(value.dtype, bytes));
  } catch {
    // The readout keeps what it has; a source that is away says so at its layer.
  }
}

function adopt({ positionNm }: Cursor, layer: string, exact: string): void {
  const { cursor } = useView.getState();
  if (cursor?.positionNm !== positionNm) return;
  const readings = cursor.readings.map((one) => (one.layer === layer ? { ...one, exact } : one));
  setView({ cursor: { ...cursor, readings } });
}
