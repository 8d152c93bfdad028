import { formatPlace } from './place-text.ts';
import { attempt, toast } from './toasts.ts';
import { useView, volumeLayerInView } from './view.ts';
import { volumeOf } from './layers.ts';
import { positionInLayer } from './slice-looks.ts';
import { voxelAt } from './volume-geometry.ts';

const digits = (values: readonly number[]): string => values.join(' ');

/** Copies the position of the cross-hair: in nanometres, or as the voxel of the layer that tools work on. */
export async function copyPlace(as: 'nm' | 'voxels'): Promise<void> {
  const s = useView.getState();
  const layer = volumeLayerInView(s);
  const volume = layer && volumeOf(layer, s);
  const inLayer = layer && positionInLayer(layer, s.positionNm);
  const text =
    as === 'voxels' && volume && inLayer
      ? `${digits(voxelAt(volume, inLayer))} voxels`
      : `${digits(s.positionNm.map((nm) => Number(nm.toFixed(3))))} nm`;
  const done = await attempt(async () => {
    await navigator.clipboard.writeText(text);
    return true;
  });
  const detail = as === 'voxels' && volume ? volume.name : formatPlace(s.positionNm, 'nm', 1);
  if (done) toast({ tone: 'good', topic: 'copied place', title: `Copied ${text}`, detail });
}
