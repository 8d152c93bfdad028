// What people read of a result that is a table rather than a list of facts; everything else is printed as JSON.
import type { z } from 'zod';
import type { volumeProcedures, VolumeDescription } from '../preload/contract/volume.ts';

type Audit = z.infer<typeof volumeProcedures.audit.output>;

/** The text of a result, or null where JSON tells it as well. `path` is that of its procedure. */
export function shownResult(path: string, value: unknown): string | null {
  if (path === 'volume.describe') return shownDescription(value as VolumeDescription);
  return path === 'volume.audit' ? shownAudit(value as Audit) : null;
}

function shownDescription(volume: VolumeDescription): string {
  const { axes, channels, levels, transforms, warnings } = volume;
  const facts: (readonly [string, string])[] = [
    ['source', volume.source],
    ['format', [volume.formatLabel, volume.storage].filter((text) => text !== '').join(', ')],
    ['kind', `${volume.kind} of ${volume.dtype}`],
    ['axes', axes.map(({ name, size }) => `${name} ${size}`).join(', ')],
    ['size', sizesOf(volume)],
    ...(channels.length > 1
      ? [['channels', channels.map(({ name }, i) => name || String(i)).join(', ')] as const]
      : []),
    ...(volume.secondsPerTime === null ? [] : [['time', `${volume.secondsPerTime} s a step`] as const]),
    ...transforms.map(({ space, kind }) => ['lies in', `${space} (${kind})`] as const),
    ...warnings.map((text) => ['note', text] as const),
  ];
  const rows = levels.map(({ size, chunk, chunks, voxelSizeNm, originNm }, i) => [
    String(i),
    size.join(' x '),
    chunk.join(' x '),
    String(chunks),
    voxelSizeNm.map(short).join(' x '),
    originNm.map(short).join(', '),
  ]);
  return [
    volume.name,
    ...facts.map(([name, text]) => `  ${name.padEnd(9)} ${text}`),
    '',
    ...table([['level', 'voxels', 'chunk', 'chunks', 'voxel nm', 'origin nm'], ...rows]),
  ].join('\n');
}

function sizesOf({ voxelBytes, storedBytes }: VolumeDescription): string {
  return `${bytes(voxelBytes)} of voxels${storedBytes === null ? '' : `, ${bytes(storedBytes)} stored`}`;
}

function shownAudit({ levels, problems, ok }: Audit): string {
  const rows = levels.map(({ level, chunks, looked, stored, missing, damaged, bytes: size }) =>
    [level, chunks, looked, stored, missing, damaged].map(String).concat(bytes(size)),
  );
  return [
    ...table([['level', 'chunks', 'looked at', 'stored', 'missing', 'damaged', 'bytes'], ...rows]),
    ...(problems.length > 0 ? ['', ...problems.map(({ key, message }) => `${key}: ${message}`)] : []),
    '',
    ok ? 'No chunk is damaged.' : 'Some chunks are damaged.',
  ].join('\n');
}

/** Columns as wide as their longest cell, two spaces apart. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

function bytes(count: number): string {
  const power = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(count, 1)) / 10)));
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}
