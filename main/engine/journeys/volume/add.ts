import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import type { volumeProcedures } from '../../../../preload/contract/volume.ts';
import { nameOfPlace } from '../../formats/place-name.ts';
import type { JobKind } from '../../jobs/job.ts';
import { redacted } from '../../sources/redact.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { addedVolume } from '../../volumes/added-volume.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';

type Input = ParsedOf<typeof volumeProcedures.add>;
type Output = OutputOf<typeof volumeProcedures.add>;

export const addKind = (volumes: OpenVolumes): JobKind<Input, Output> => ({
  kind: 'volume.add',
  label: ({ name, source }) => `Add ${name ?? nameOfPlace(redacted(source))}`,
  run: async (job, input) => {
    const id = idOfJob('volume', job.id);
    const { name, put } = await addedVolume(volumes, job, id, input);
    return {
      label: `Add ${name}`,
      commit: (tx) => {
        put(tx);
        return { volume: id };
      },
    };
  },
});
