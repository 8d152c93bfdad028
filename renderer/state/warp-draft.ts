import { create } from 'zustand';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { VolumeDescription } from '../../preload/contract/volume.ts';
import type { WarpGrid } from '../../preload/contract/warp.ts';
import { bridge, engine } from '../engine.ts';
import type { FieldFrame } from './field-preview.ts';
import { frameOf, longest, sampleOf, unitNmOf } from './field-preview.ts';
import { volumeLayer } from './landmarks.ts';
import { changed, openLibraryId } from './library.ts';
import type { Source } from './source.ts';
import { addressSource, refusedServer, shortName } from './source.ts';
import { attempt, toast } from './toasts.ts';
import { selectedLayer, useView } from './view.ts';
import { goingTogether, showInstead } from './warps.ts';

/** A displacement field that a layer is to be drawn through: what it holds is looked at first. */

export interface FieldDraft {
  readonly layer: string;
  readonly source: Source | null;
  readonly allowPrivate: boolean;
  readonly description: VolumeDescription | null;
  /** The longest vector that was seen, in the field's own unit; `isAll`: all were looked at. */
  readonly longest: { readonly value: number; readonly isAll: boolean } | null;
  readonly problem: WireError | null;
  readonly holds: 'displacement' | 'position';
  readonly frame: FieldFrame;
  readonly inverse: boolean;
  /** Where the result has voxels. */
  readonly grid: 'source' | 'field' | 'around';
  readonly making: boolean;
}

export const useFieldDraft = create<{ readonly draft: FieldDraft | null }>(() => ({ draft: null }));
const draftNow = (): FieldDraft | null => useFieldDraft.getState().draft;
export const changeField = (change: Partial<FieldDraft>): void =>
  useFieldDraft.setState(({ draft }) => ({ draft: draft && { ...draft, ...change } }));

let looking: AbortController | null = null;

export function dropField(): void {
  looking?.abort();
  useFieldDraft.setState({ draft: null });
}

/** Why the selected layer can't be warped by a field; null where it can. */
export function whyNoField(): string | null {
  const layer = selectedLayer(useView.getState());
  const own = volumeLayer(layer?.id);
  if (!own) return 'Select an image or labels first';
  return useView.getState().volumes.some(({ id }) => id === own.volume) ? null : 'Its volume is not in the library';
}

const fresh = (layer: string): FieldDraft => ({
  layer,
  source: null,
  allowPrivate: false,
  description: null,
  longest: null,
  problem: null,
  holds: 'displacement',
  frame: 'auto',
  inverse: false,
  grid: 'source',
  making: false,
});

/** Opens the dialog for the selected layer, or for one that is named. */
export function askForField(id = selectedLayer(useView.getState())?.id): void {
  if (volumeLayer(id)) useFieldDraft.setState({ draft: fresh(id ?? '') });
}

const filters = [
  { name: 'Displacement fields', extensions: ['nii', 'gz', 'nrrd', 'nhdr', 'tif', 'tiff', 'h5', 'hdf5', 'zip'] },
  { name: 'All files', extensions: ['*'] },
];

export async function chooseField(kind: 'file' | 'folder'): Promise<void> {
  const picked = await attempt(() =>
    kind === 'file' ? bridge.pickFile(filters) : bridge.pickFolder('Choose the folder of a displacement field'),
  );
  if (picked) await lookAtField({ ref: picked.id, text: picked.name, kind });
}

export const lookAtFieldAddress = (text: string): void => void lookAtField(addressSource(text));

/** Reads what a field holds, and how far it moves things. */
export async function lookAtField(source: Source, allowPrivate = false): Promise<void> {
  const draft = draftNow();
  if (!draft) return;
  looking?.abort();
  const { signal } = (looking = new AbortController());
  changeField({ source, allowPrivate, description: null, longest: null, problem: null });
  try {
    const { value: description } = await engine().volume.describe({ source: source.ref, allowPrivate }, { signal });
    if (signal.aborted) return;
    changeField({ description });
    const seen = await longestIn(source, allowPrivate, description, signal);
    if (!signal.aborted) changeField({ longest: seen });
  } catch (error) {
    if (!signal.aborted) changeField({ problem: toWireError(error) });
  }
}

async function longestIn(
  { ref }: Source,
  allowPrivate: boolean,
  description: VolumeDescription,
  signal: AbortSignal,
): Promise<FieldDraft['longest']> {
  const sample = sampleOf(description);
  if (!sample || description.channels.length !== 3) return null;
  const { level, box, isAll } = sample;
  const parts = await Promise.all(
    [0, 1, 2].map((channel) => engine().volume.cutout({ source: ref, allowPrivate, level, box, channel }, { signal })),
  );
  const bytes = parts.flatMap((part) => (part.bytes ? [part.bytes] : []));
  return bytes.length === 3 ? { value: longest(description.dtype, bytes), isAll } : null;
}

/** How far things move at most, nm; null where that is not known, or the field holds places. */
export function largestShiftNm({ description, longest: seen, frame, holds }: FieldDraft): number | null {
  if (!description || !seen || holds === 'position') return null;
  return seen.value * unitNmOf(frameOf(description, frame));
}

/** Why the layer can't be drawn through what was chosen; null where it can. */
export function fieldTrouble({ description, problem, source }: FieldDraft): string | null {
  if (!source) return 'Choose a field first';
  if (problem) return 'Choose another field';
  if (!description) return 'It is being looked at';
  const count = description.channels.length;
  return count === 3
    ? null
    : `It has ${count === 1 ? 'one value' : `${count} values`} a voxel. A displacement field has three: along x, y and z.`;
}

/** Asks the user in the shell's own dialog; once allowed, the field is looked at again. */
export async function allowFieldServer(): Promise<void> {
  const draft = draftNow();
  const origin = draft && refusedServer(draft);
  if (!draft?.source || origin === null) return;
  if ((await attempt(() => bridge.allowServer(origin))) === true) await lookAtField(draft.source, true);
}

/** Makes the warped volume, and draws the layer through the field. */
export async function warpByField(): Promise<void> {
  const draft = draftNow();
  const layer = volumeLayer(draft?.layer);
  if (!draft?.source || !layer || fieldTrouble(draft) !== null) return;
  const { source, allowPrivate, holds, frame, inverse } = draft;
  const grid: WarpGrid = { type: draft.grid };
  changeField({ making: true, problem: null });
  try {
    const { volume } = await engine().warp.create({
      library: openLibraryId(),
      volume: layer.volume,
      name: `${layer.name}, by ${shortName(source.text)}`.slice(0, 200),
      steps: [{ type: 'field', source: source.ref, allowPrivate, holds, frame, inverse }],
      grid,
    });
    await changed();
    const { layers } = useView.getState();
    showInstead(goingTogether(layers, layer), { volume: volume.id, worldFromLayer: layer.worldFromLayer });
    dropField();
    toast({ tone: 'good', title: `${layer.name} is drawn through ${shortName(source.text)}` });
  } catch (error) {
    changeField({ making: false, problem: toWireError(error) });
  }
}
