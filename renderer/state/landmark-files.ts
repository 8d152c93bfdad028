import { create } from 'zustand';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { bridge, engine } from '../engine.ts';
import { writeText } from './figure/figure-file.ts';
import { editPairs } from './landmark-edits.ts';
import type { CsvFrame } from './landmark-csv.ts';
import { landmarksCsv, parseLandmarksCsv } from './landmark-csv.ts';
import type { Alignment } from './landmarks.ts';
import { landmarksNow } from './landmarks.ts';
import { applyMatrix, invertMatrix, isVolumeLayer, volumeOf } from './layers.ts';
import { showFile } from './show-file.ts';
import { attempt, toast } from './toasts.ts';
import { useView } from './view.ts';
import { map3 } from './volume-geometry.ts';

/** Landmarks from and to files of BigWarp. */

/** Units that images are calibrated in; BigWarp writes the numbers alone. */
export const csvUnits = { nm: 1, µm: 1e3, mm: 1e6 } as const;
export type CsvUnit = keyof typeof csvUnits;
export const useCsvUnit = create<{ readonly unit: CsvUnit }>(() => ({ unit: 'µm' }));

/**
 * Where the centre of voxel 0 lies: programs that count from centres say 0 of it. A volume whose corner lies on a whole
 * voxel is one whose file says no place, or counts from corners.
 */
export function centreOffsetNm(volume: Volume | null): Vec3 {
  const level = volume?.levels[0];
  if (!level) return [0, 0, 0];
  return map3((a) => {
    const steps = level.originNm[a] / level.voxelSizeNm[a];
    return Math.abs(steps - Math.round(steps)) < 0.25 ? level.voxelSizeNm[a] / 2 : 0;
  });
}

/** The lowest other volume that is shown: the one that the fixed ends were placed in. */
function fixedVolume(alignment: Alignment): Volume | null {
  const s = useView.getState();
  const layer = s.layers.find(
    (one) => isVolumeLayer(one) && one.visible && ![alignment.source, alignment.warp].includes(one.volume),
  );
  return layer ? volumeOf(layer, s) : null;
}

function frameOf(alignment: Alignment): CsvFrame {
  const moving = useView.getState().volumes.find(({ id }) => id === alignment.source) ?? null;
  return {
    nmPerUnit: csvUnits[useCsvUnit.getState().unit],
    sourceOffsetNm: centreOffsetNm(moving),
    targetOffsetNm: centreOffsetNm(fixedVolume(alignment)),
  };
}

const filters = [{ name: 'Landmarks of BigWarp', extensions: ['csv', 'txt'] }];

/** Takes the pairs of a file in the place of those there are. */
export async function importLandmarks(): Promise<void> {
  const { alignment } = landmarksNow();
  const picked = alignment && (await attempt(() => bridge.pickFile(filters)));
  const read = picked && (await attempt(() => engine().figure.read({ file: picked.id })));
  if (!alignment || !picked || !read) return;
  const parsed = parseLandmarksCsv(read.value.text, frameOf(alignment));
  if ('problem' in parsed)
    return toast({ tone: 'bad', title: `${picked.name} can’t be read as landmarks.`, detail: parsed.problem });
  // A file says where things lie in the image itself, however its layer is placed.
  const landmarks = parsed.landmarks.map((one) => ({
    ...one,
    source: one.source && applyMatrix(alignment.before, one.source),
  }));
  await editPairs(() => landmarks);
  toast({
    tone: 'good',
    title: `Took ${landmarks.length} landmarks from ${picked.name}`,
    detail: 'Undo brings back those before.',
  });
}

export async function exportLandmarks(): Promise<void> {
  const { alignment } = landmarksNow();
  const place = alignment && (await attempt(() => bridge.saveFile('landmarks.csv', filters)));
  if (!alignment || !place) return;
  const inverse = alignment.before && invertMatrix(alignment.before);
  const own = alignment.step.landmarks.map((one) => ({
    ...one,
    source: one.source && applyMatrix(inverse, one.source),
  }));
  const text = landmarksCsv(own, frameOf(alignment));
  const written = await attempt(() => writeText(place.id, text));
  if (!written) return;
  const title = `Wrote ${own.length} landmarks to ${place.name}`;
  toast({ tone: 'good', title, action: showFile(place.id) });
}
