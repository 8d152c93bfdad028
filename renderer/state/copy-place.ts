import { formatPlace } from './place-text.ts';
import { isUnsized } from './unsized.ts';
import { attempt, toast } from './toasts.ts';
import { useView, volumeInView } from './view.ts';
import { voxelInView } from './voxel-in-view.ts';

const digits = (values: readonly number[]): string => values.join(' ');

/** Copies the position of the cross-hair: in nanometres where there are such, or as the voxel of the layer that tools work on. */
export async function copyPlace(as: 'nm' | 'voxels'): Promise<void> {
  const s = useView.getState();
  const voxel = as === 'voxels' || isUnsized(s) ? voxelInView(s, s.positionNm) : null;
  const text = voxel ? `${digits(voxel)} voxels` : `${digits(s.positionNm.map((nm) => Number(nm.toFixed(3))))} nm`;
  const done = await attempt(async () => {
    await navigator.clipboard.writeText(text);
    return true;
  });
  const detail = voxel ? volumeInView(s)?.name : formatPlace(s.positionNm, 'nm', 1);
  if (done) toast({ tone: 'good', topic: 'copied place', title: `Copied ${text}`, detail });
}
