import { engine } from '../engine.ts';
import { formatVoxel, isExact } from './display.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { voxelBox } from './slice-box.ts';
import { setView, useView } from './view.ts';

/** The pointer rests this long before the voxel under it is read: never a call for each move. */
const restMs = 150;
let resting: ReturnType<typeof setTimeout> | undefined;
let reading: AbortController | null = null;

/** Follows the pointer: where bricks hold a hash or a scaled value, the voxel itself is read once it rests. */
export function watchExactValues(): void {
  useView.subscribe((now, before) => {
    if (now.cursor?.positionNm === before.cursor?.positionNm) return;
    clearTimeout(resting);
    reading?.abort();
    if (now.cursor && now.volume && !isExact(now.volume)) resting = setTimeout(() => void readExact(), restMs);
  });
}

async function readExact(): Promise<void> {
  const { volume, cursor, channel, time, stats } = useView.getState();
  if (!volume || !cursor || !useLibrary.getState().library) return;
  const level = stats?.level ?? 0;
  const box = voxelBox(volume, level, cursor.positionNm);
  if (box === null) return;
  const { signal } = (reading = new AbortController());
  try {
    const input = { library: openLibraryId(), source: volume.id, box, level, channel, time };
    const { value, bytes } = await engine().volume.cutout(input, { signal });
    const now = useView.getState().cursor;
    if (bytes && !signal.aborted && now?.positionNm === cursor.positionNm)
      setView({ cursor: { ...now, exact: formatVoxel(value.dtype, bytes) } });
  } catch {
    // The readout keeps what it has; a source that is away says so in its banner.
  }
}
