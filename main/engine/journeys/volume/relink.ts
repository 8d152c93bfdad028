import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { volumeById, type VolumeSource } from '../../store/volume-rows.ts';
import { fingerprintOf } from '../../volumes/fingerprint.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import type { Call } from '../call.ts';
import { refuseSecret } from '../../volumes/refuse-secret.ts';

export interface Relinking {
  readonly volume: string;
  /** A path or an address. */
  readonly source: string;
  readonly allowPrivate: boolean;
}

/** Points a volume at where its data lies now. Throws 'conflict' where other data lies there. */
export async function makeRelinked(
  volumes: OpenVolumes,
  library: LibraryStore,
  { volume: id, source: ref, allowPrivate }: Relinking,
  { kernels, signal }: Call,
): Promise<void> {
  refuseSecret(ref);
  const { source, warp, volume } = volumeById(library.read, id);
  if (!source)
    throw new LamellaError(
      'invalid-input',
      `${volume.name} ${warp ? 'lies nowhere: it is made of another volume' : 'lies in the library itself'}.`,
      {
        hint: warp
          ? `Relink the volume that it is made of, ${warp.source}.`
          : 'Only volumes that were added where they lie can be linked to another place.',
        fields: { volume: id },
      },
    );
  const image = source.image ?? undefined;
  const at = await volumes.at({ ref, image, allowPrivate, kernels, lane: 'interactive', cache: library.cache, signal });
  try {
    const fingerprint = await fingerprintOf(at.plain, at.place.source, signal);
    if (fingerprint !== source.fingerprint)
      throw new LamellaError('conflict', `What lies at ${at.place.text} is not the data of ${volume.name}.`, {
        hint: 'Name the place where the very same dataset lies now, or add this one as a volume of its own.',
        fields: { volume: id, source: at.place.text },
      });
    const moved: VolumeSource = {
      ...source,
      kind: at.place.kind,
      address: at.place.text,
      format: at.format.id,
      allowPrivate,
    };
    library.edit(`Link ${volume.name} to ${at.place.text}`, (tx) =>
      tx.put('volume', { id, source: JSON.stringify(moved) }),
    );
  } finally {
    await at.close();
  }
}
