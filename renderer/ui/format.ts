/** Numbers as people read them: a unit always, and no more digits than mean something. */

const lengthUnits = [
  { nm: 1e6, name: 'mm' },
  { nm: 1e3, name: 'µm' },
  { nm: 1, name: 'nm' },
] as const;

/** A length in nanometres as `1.24 µm`. */
export function formatLength(nm: number): string {
  const unit = lengthUnits.find((u) => Math.abs(nm) >= u.nm) ?? lengthUnits[2];
  return `${formatNumber(nm / unit.nm)} ${unit.name}`;
}

/** The same of micrometres. */
export const formatUm = (um: number): string => formatLength(1000 * um);

/** A length of what has no unit of length, as `120 voxels`. */
export const formatVoxels = (voxels: number): string => `${formatNumber(voxels)} ${voxels === 1 ? 'voxel' : 'voxels'}`;

/** Three significant digits, thousands apart, no trailing zeros: 1.24, 36, 12 400. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return Math.round(value).toLocaleString('en-US').replaceAll(',', '\u2009');
  if (magnitude !== 0 && magnitude < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** A number that was formatted, with a minus in the place of its hyphen. */
export const withMinus = (text: string): string => text.replace('-', '−');

/** Residuals and shifts: a hundredth of a pixel is as fine as they mean anything. */
export const formatPixels = (px: number): string =>
  `${px > 0 && px < 0.01 ? '< 0.01' : px < 100 ? px.toFixed(2) : formatNumber(px)} px`;

/** A tile's name as people say it. */
export const withoutExtension = (name: string): string => name.replace(/\.[a-z0-9]{2,5}$/i, '');

export const formatCount = (value: number): string =>
  Math.round(value).toLocaleString('en-US').replaceAll(',', '\u2009');

/** `1 tile`, `96 tiles`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, as disks are sold; a dash where it is not known. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '–';
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), byteUnits.length - 1);
  return `${formatNumber(bytes / 1000 ** step)} ${byteUnits[step]}`;
}

/** `40 s`, `12 min`, `3 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

export const formatPercent = (fraction: number): string =>
  fraction > 0 && fraction < 1e-4 ? '< 0.01 %' : `${formatNumber(fraction * 100)} %`;

/** `just now`, `5 min ago`, `yesterday`, or the date. The exact time belongs in a `title`. */
export function formatAgo(iso: string, nowMs: number = Date.now()): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 172_800) return 'yesterday';
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

export const formatTime = (iso: string): string => new Date(iso).toLocaleString('en-GB');

/** `7.6 × 7.6 × 0.24 µm`: one unit for all three, that of the largest. */
export function formatExtent(nm: readonly number[]): string {
  const largest = Math.max(...nm.map(Math.abs));
  const unit = lengthUnits.find((u) => largest >= u.nm) ?? lengthUnits[2];
  return `${nm.map((value) => formatNumber(value / unit.nm)).join(' × ')} ${unit.name}`;
}

/** The extent of what may have no unit of length. */
export const formatExtentOf = (nm: readonly number[], unsized: boolean | undefined): string =>
  unsized ? 'not known' : formatExtent(nm);

export const formatSize = (size: readonly number[], unit: string): string =>
  `${size.map(formatCount).join(' × ')} ${unit}`;
