import { nameOfPlace } from './place-name.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { below, type ByteSource } from './byte-store.ts';
import { maxMetadataBytes } from './checked-json.ts';
import { openScaleOf, planOf, readInfo, type Info } from './precomputed/info.ts';
import { PrecomputedVolume } from './precomputed/volume.ts';
import { precomputedWriter, writtenEncodings } from './precomputed/writer.ts';
import type { OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';

/** Neuroglancer precomputed volumes: google/neuroglancer, src/datasource/precomputed/volume.rst. */
export const precomputed: VolumeFormat = {
  id: 'precomputed',
  label: 'Neuroglancer precomputed',
  holdsOne: true,
  detect: detectPrecomputed,
  open: openPrecomputed,
  write: { encodings: writtenEncodings, canShard: true, as: 'folder', writer: precomputedWriter },
};

/** The folder of the dataset: its `info` may be named instead. Undefined for any other file. */
function folderOf({ source, key }: Place): ByteSource | undefined {
  if (key === '' || key === 'info') return source;
  return key.endsWith('/info') ? below(source, key.slice(0, -'/info'.length)) : undefined;
}

async function detectPrecomputed(place: Place): Promise<boolean> {
  const folder = folderOf(place);
  try {
    // The same bytes as opening reads: of a server they are asked for once.
    const bytes = await folder?.get('info', { offset: 0, length: maxMetadataBytes + 1 });
    const info: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes));
    return typeof info === 'object' && info !== null && ('redirect' in info || isVolume(info));
  } catch (error) {
    if (error instanceof SyntaxError || isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return false;
    throw error;
  }
}

const isVolume = (info: object): boolean =>
  'scales' in info && (!('@type' in info) || info['@type'] === 'neuroglancer_multiscale_volume');

async function openPrecomputed(place: Place, { codec }: OpenOptions): Promise<OpenVolume> {
  const source = folderOf(place) ?? below(place.source, place.key);
  const info = await readInfo(source);
  return new PrecomputedVolume(source, codec, {
    plan: planOf(nameOfPlace(source.name), info),
    notes: { attributes: info.lamella ?? {}, storage: storageOf(info) },
    scales: info.scales.map(openScaleOf),
    segmentProperties: info.segment_properties ?? null,
  });
}

function storageOf({ scales }: Info): string {
  const kinds = new Set(scales.map(({ encoding, sharding }) => `${encoding}${sharding ? ', sharded' : ''}`));
  return [...kinds].join('; ');
}
