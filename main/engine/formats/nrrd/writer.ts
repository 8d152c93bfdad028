import type { VoxelType } from '../../../../preload/contract/space.ts';
import { oneFileWriter } from '../raw-file/one-file.ts';
import { indexToSpace, tidy } from '../raw-file/space.ts';
import type {
  ChunkCodec,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';
import { parseHeader } from './header.ts';
import { interpret } from './open.ts';

const typeNames: Readonly<Record<VoxelType, string>> = {
  int8: 'int8',
  uint8: 'uint8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  uint64: 'uint64',
  float32: 'float',
  float64: 'double',
};

/** In which unit lengths are, and what several channels are. */
interface Form {
  readonly unit: 'um' | 'mm';
  readonly nmOfUnit: number;
  readonly channels: 'list' | 'vector';
}
const volumeForm: Form = { unit: 'um', nmOfUnit: 1e3, channels: 'list' };
/** What ITK takes for a field of displacements: it never looks at units. */
const fieldForm: Form = { unit: 'mm', nmOfUnit: 1e6, channels: 'vector' };

/** Level 0 with its header in the same file; lengths in um. Throws 'invalid-input' on what can't be held. */
export const nrrdWriter = (plan: VolumePlan, choices: WriteChoices, _codec: ChunkCodec): VolumeWriter =>
  writerOf(plan, choices, volumeForm);

/** The same of vectors, for ITK: lengths in mm. */
export const nrrdFieldWriter = (plan: VolumePlan, choices: WriteChoices): VolumeWriter =>
  writerOf(plan, choices, fieldForm);

const writerOf = (plan: VolumePlan, choices: WriteChoices, form: Form): VolumeWriter =>
  oneFileWriter(plan, choices, {
    name: 'NRRD',
    order: 'ct',
    packHead: false,
    head: (level, packing, notes) => makeHeader(plan, level, { packing, notes, form }),
    read: (head) => {
      const header = parseHeader(head);
      return typeof header === 'object' ? interpret(plan.name, header) : header;
    },
  });

/** Names that the format has for spaces of three axes. */
const knownSpace =
  /^(right-anterior-superior|left-anterior-superior|left-posterior-superior|ras|las|lps|scanner-xyz|3d-right-handed|3d-left-handed)$/;

function makeHeader(
  plan: VolumePlan,
  level: VolumeLevelPlan,
  { packing, notes, form }: { readonly packing: 'raw' | 'gzip'; readonly notes: VolumeNotes; readonly form: Form },
): Uint8Array {
  const transform = plan.transforms.find(({ matrix }) => matrix?.length === 12);
  const place = indexToSpace(level.originNm, level.voxelSizeNm, transform).map((nm) => tidy(nm / form.nmOfUnit, 15));
  const vector = (column: number): string => `(${[0, 4, 8].map((row) => place[row + column]).join(',')})`;
  const space = transform && knownSpace.test(transform.space) ? transform.space : undefined;
  const more = [
    ...(plan.channels.length > 1 ? [{ size: plan.channels.length, kind: form.channels }] : []),
    ...(plan.times > 1 ? [{ size: plan.times, kind: 'time' }] : []),
  ];
  const seconds = plan.times > 1 && plan.secondsPerTime !== null ? plan.secondsPerTime : undefined;
  const nan = (last: string): string =>
    ['nan', 'nan', 'nan', ...more.map(({ kind }) => (kind === 'time' ? last : 'nan'))].join(' ');
  const { attributes } = notes;
  const lines = [
    'NRRD0005',
    '# Lamella',
    `type: ${typeNames[plan.dtype]}`,
    `dimension: ${3 + more.length}`,
    space ? `space: ${space}` : 'space dimension: 3',
    `sizes: ${[...level.sizeXyz, ...more.map(({ size }) => size)].join(' ')}`,
    `space directions: ${[vector(0), vector(1), vector(2), ...more.map(() => 'none')].join(' ')}`,
    `kinds: ${['domain', 'domain', 'domain', ...more.map(({ kind }) => kind)].join(' ')}`,
    ...(seconds === undefined ? [] : [`spacings: ${nan(String(seconds))}`]),
    'endian: little',
    `encoding: ${packing}`,
    `space units: "${form.unit}" "${form.unit}" "${form.unit}"`,
    `space origin: ${vector(3)}`,
    ...(attributes && Object.keys(attributes).length > 0 ? [`lamella:=${asciiJson(attributes)}`] : []),
  ];
  return new TextEncoder().encode(`${lines.join('\n')}\n\n`);
}

/** Some readers want headers of ASCII alone. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
