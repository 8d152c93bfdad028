import { packings } from './raw-file/one-file.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from './byte-store.ts';
import { badFile } from './checked-json.ts';
import { parseHeader, type NiftiHeader } from './nifti/header.ts';
import { notesIn } from './nifti/notes.ts';
import { interpret } from './nifti/open.ts';
import { niftiWriter } from './nifti/writer.ts';
import { layoutBytes, type RawLayout } from './raw-file/layout.ts';
import { checkGzipHolds, gunzipStart, unpackGzip } from './raw-file/scratch.ts';
import { checkRawSize, RawFileVolume, type RawFile } from './raw-file/volume.ts';
import type { OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';

/** NIfTI-1 and -2 (nifti.nimh.nih.gov) as .nii, .nii.gz or a pair of .hdr and .img; Analyze 7.5 as such a pair. */
export const nifti: VolumeFormat = {
  id: 'nifti',
  label: 'NIfTI',
  holdsOne: true,
  detect: detectNifti,
  open: openNifti,
  write: { encodings: packings, canShard: false, as: { ending: '.nii' }, writer: niftiWriter },
};

/** Headers with their extensions; what is behind is not looked for. */
const headBytes = 64 * 2 ** 10;
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

interface Head {
  readonly key: string;
  readonly packed: boolean;
  readonly bytes: Uint8Array;
}

/** The first bytes of the file that has the header; of a pair either file may be named. */
async function readHead({ source, key }: Place): Promise<Head | undefined> {
  const head = key.replace(/\.img(\.gz)?$/i, (ending) => swapped(ending));
  const candidates = head === key ? [key] : [head, head.replace(/\.gz$/i, ''), `${head}.gz`];
  for (const candidate of candidates) {
    const bytes = await source.get(candidate, { offset: 0, length: headBytes });
    if (!bytes) continue;
    if (!isGzip(bytes)) return { key: candidate, packed: false, bytes };
    const unpacked = await gunzipStart(source, candidate, headBytes);
    return unpacked && { key: candidate, packed: true, bytes: unpacked };
  }
  return undefined;
}

/** .img for .hdr and the other way round, in the same case. */
const swapped = (ending: string): string =>
  ending.replace(/hdr|img/i, (old) => {
    const other = old.toLowerCase() === 'img' ? 'hdr' : 'img';
    return old === old.toUpperCase() ? other.toUpperCase() : other;
  });

async function detectNifti(place: Place): Promise<boolean> {
  const isNamed = /\.(nii|hdr|img)(\.gz)?$/i.test(place.key);
  if (place.key === '' || !isNamed) return false;
  try {
    const head = await readHead(place);
    return head !== undefined && parseHeader(head.bytes) !== undefined;
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return false;
    throw error;
  }
}

async function openNifti(place: Place, options: OpenOptions): Promise<OpenVolume> {
  const { source } = place;
  const head = await readHead(place);
  if (!head) throw badFile(source, place.key, 'there is no such file');
  const header = parseHeader(head.bytes);
  if (!header) throw badFile(source, head.key, 'it does not begin with a header of NIfTI');
  const opened = interpret(nameOf(place), header);
  if (typeof opened === 'string') throw badFile(source, head.key, opened);
  const file = await voxelsOf(source, { header, head, layout: opened.layout });
  const packed = file.unpack ? ', gzip' : '';
  const version = header.version === 'analyze' ? 'Analyze 7.5' : `NIfTI-${header.version}`;
  const notes = {
    attributes: { ...notesIn(head.bytes, header), ...opened.attributes },
    warnings: opened.warnings,
    storage: `${version}, ${header.endian}-endian${packed}`,
  };
  return new RawFileVolume({ plan: opened.plan, notes, file }, options);
}

const nameOf = ({ source, key }: Place): string =>
  (key.split('/').at(-1) ?? source.name).replace(/\.gz$/i, '').replace(/\.(nii|hdr|img)$/i, '');

async function voxelsOf(
  source: ByteSource,
  { header, head, layout }: { readonly header: NiftiHeader; readonly head: Head; readonly layout: RawLayout },
): Promise<RawFile> {
  const { key, packed } = header.isPair ? await imageOf(source, head) : head;
  const least = header.isPair ? 0 : header.version === 2 ? 544 : 352;
  // Some writers say 0 for "right behind the header".
  const offset = header.voxOffset === 0 ? least : header.voxOffset;
  if (!Number.isSafeInteger(offset) || offset < (header.isPair ? 0 : least - 4))
    throw badFile(source, head.key, `its header says that voxels begin at byte ${header.voxOffset}`);
  const file: RawFile = { source, key, offset, layout };
  if (!packed) {
    await checkRawSize(file);
    return file;
  }
  const needed = offset + layoutBytes(layout);
  await checkGzipHolds({ source, key, start: 0, needed });
  return { ...file, unpack: (folder, signal) => unpackGzip({ source, key, start: 0, needed }, folder, signal) };
}

/** The voxels beside a header, packed or not. */
async function imageOf(source: ByteSource, head: Head): Promise<{ readonly key: string; readonly packed: boolean }> {
  const plain = head.key.replace(/\.gz$/i, '').replace(/\.hdr$/i, (ending) => swapped(ending));
  for (const key of [plain, `${plain}.gz`]) {
    const start = await source.get(key, { offset: 0, length: 2 });
    if (start) return { key, packed: isGzip(start) };
  }
  throw badFile(source, plain, `there is no such file, and "${head.key}" is a header without voxels`);
}
