import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { volumeProcedures } from '../../../../preload/contract/volume.ts';
import { nameOfPlace } from '../../formats/place-name.ts';
import type { JobKind } from '../../jobs/job.ts';
import { redacted } from '../../sources/redact.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById } from '../../store/volume-rows.ts';
import { addedVolume, type AddRequest } from '../../volumes/added-volume.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { isVolumeId } from '../../volumes/volume-id.ts';

type Input = ParsedOf<typeof volumeProcedures.add>;
type Output = OutputOf<typeof volumeProcedures.add>;

export const addKind = (volumes: OpenVolumes): JobKind<Input, Output> => ({
  kind: 'volume.add',
  label: ({ name, source }) => `Add ${name ?? nameOfPlace(redacted(source))}`,
  run: async (job, input) => {
    const id = idOfJob('volume', job.id);
    const { name, put } = await addedVolume(volumes, job, id, againOf(job.library, input));
    return {
      label: `Add ${name}`,
      commit: (tx) => {
        put(tx);
        return { volume: id };
      },
    };
  },
});

/** A volume of the library is added once more from where it lies, with what is said anew of it. */
function againOf({ read }: LibraryStore, input: Input): AddRequest {
  if (!isVolumeId(input.source)) return input;
  const { volume, source } = volumeById(read, input.source);
  if (!source)
    throw new LamellaError(
      'invalid-input',
      `${volume.name} was made in this library, and can't be added to it again.`,
      {
        hint: 'Add a volume that lies in a file, a folder or on a server, or use warp create to see this one otherwise.',
        fields: { volume: volume.id },
      },
    );
  const { address, image, allowPrivate, voxelSizeNm } = source;
  return {
    ...input,
    ...{ source: address, image: image ?? undefined, allowPrivate },
    ...{ name: input.name ?? volume.name, kind: input.kind ?? volume.kind },
    voxelSizeNm: input.voxelSizeNm ?? voxelSizeNm ?? undefined,
  };
}
