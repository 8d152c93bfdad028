import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { VolumeLevelPlan, VolumeNotes, VolumePlan, VolumeWriter, WriteChoices } from '../volume-format.ts';
import { RawFileWriter, type RawFileForm } from './writer.ts';

/** How voxels of one file may be stored. */
export const packings = ['raw', 'gzip'] as const;

export interface HeadFormat extends Pick<RawFileForm, 'order' | 'packHead'> {
  /** For messages: "NIfTI". */
  readonly name: string;
  head(level: VolumeLevelPlan, packing: RawFileForm['packing'], notes: VolumeNotes): Uint8Array;
  /** What a reader makes of a head: a volume, or what is wrong with it. */
  read(head: Uint8Array): { readonly plan: VolumePlan } | string | undefined;
}

/** Writes level 0 behind a head, as the format itself reads it again. Throws 'invalid-input' on what can't be held. */
export function oneFileWriter(plan: VolumePlan, choices: WriteChoices, format: HeadFormat): VolumeWriter {
  const refuse = (what: string, hint: string): LamellaError => refusal(format.name, what, hint);
  const packing = packings.find((one) => one === (choices.encoding ?? 'raw'));
  if (!packing) throw refuse(`the encoding "${choices.encoding}"`, `Choose one of ${packings.join(', ')}.`);
  if (choices.sharded) throw refuse('shards', 'Leave out --sharded.');
  const [level] = plan.levels;
  if (!level) throw refuse('a volume without levels', 'Choose another volume.');
  const head = (notes: VolumeNotes): Uint8Array => format.head(level, packing, notes);
  const read = format.read(head({}));
  if (!read || typeof read === 'string') throw refuse(`this volume: ${read ?? 'no header'}`, 'Write it as OME-Zarr.');
  const { order, packHead } = format;
  return new RawFileWriter({ plan: read.plan, order, packing, packHead, blockBytes: choices.blockBytes, head });
}

export const refusal = (format: string, what: string, hint: string): LamellaError =>
  new LamellaError('invalid-input', `${format} can't hold ${what}.`, { hint });
