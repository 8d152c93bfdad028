import { packings } from './raw-file/one-file.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { badFile } from './checked-json.ts';
import { voxelsOf } from './nrrd/data.ts';
import { parseHeader, type NrrdHeader } from './nrrd/header.ts';
import { interpret } from './nrrd/open.ts';
import { nrrdWriter } from './nrrd/writer.ts';
import { RawFileVolume } from './raw-file/volume.ts';
import type { OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';

/** NRRD (teem.sourceforge.net/nrrd/format.html), with its voxels behind the header or in a file beside it (.nhdr). */
export const nrrd: VolumeFormat = {
  id: 'nrrd',
  label: 'NRRD',
  holdsOne: true,
  detect: detectNrrd,
  open: openNrrd,
  write: { encodings: packings, canShard: false, as: { ending: '.nrrd' }, writer: nrrdWriter },
};

/** A header longer than this is refused. */
const maxHeaderBytes = 2 ** 20;

async function detectNrrd({ source, key }: Place): Promise<boolean> {
  if (key === '') return false;
  try {
    const start = await source.get(key, { offset: 0, length: 16 });
    return start !== undefined && parseHeader(start) !== undefined;
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return false;
    throw error;
  }
}

async function openNrrd({ source, key }: Place, options: OpenOptions): Promise<OpenVolume> {
  const start = await source.get(key, { offset: 0, length: maxHeaderBytes });
  if (!start) throw badFile(source, key, 'there is no such file');
  const header = parseHeader(start);
  if (header === undefined) throw badFile(source, key, 'it does not begin with NRRD');
  if (typeof header === 'string') throw badFile(source, key, header);
  if (header.bytes === maxHeaderBytes) throw badFile(source, key, 'its header does not end within 1 MiB');
  const name = (key.split('/').at(-1) ?? source.name).replace(/\.(nrrd|nhdr)$/i, '');
  const opened = interpret(name, header);
  if (typeof opened === 'string') throw badFile(source, key, opened);
  const file = await voxelsOf({ source, key, header, layout: opened.layout, codec: options.codec });
  const notes = {
    attributes: notesIn(header),
    warnings: opened.warnings,
    storage: `${header.fields.get('encoding') ?? 'raw'}, ${opened.layout.endian}-endian`,
  };
  return new RawFileVolume({ plan: opened.plan, notes, file }, options);
}

/** What Lamella noted as a key of the header. */
function notesIn({ keys }: NrrdHeader): Readonly<Record<string, unknown>> {
  try {
    const given: unknown = JSON.parse(keys.get('lamella') ?? '{}');
    return typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : {};
  } catch {
    // Another program's key of that name.
    return {};
  }
}
