/** Lengths that are easy to read, for scale bars. */
export interface Bar {
  readonly lengthNm: number;
  /** Whole pixels: wrong by half of one at most. */
  readonly widthPx: number;
  readonly label: string;
}

/** The longest round length of at most `mostPx`, in voxels where `unsized`; null where a pixel is no length. */
export function roundBar(nmPerPx: number, mostPx: number, unsized = false): Bar | null {
  const most = nmPerPx * mostPx;
  if (!(most > 0) || !Number.isFinite(most)) return null;
  const power = 10 ** Math.floor(Math.log10(most) + 1e-12);
  const step = [5, 2, 1].find((s) => s * power <= most * (1 + 1e-12)) ?? 1;
  const lengthNm = step * power;
  const label = unsized
    ? `${Number(lengthNm.toPrecision(6))} voxel${lengthNm === 1 ? '' : 's'}`
    : lengthLabel(lengthNm);
  return { lengthNm, widthPx: Math.round(lengthNm / nmPerPx), label };
}

const units = [
  [1e9, 'm'],
  [1e6, 'mm'],
  [1e3, 'µm'],
  [1, 'nm'],
  [1e-3, 'pm'],
] as const;

export function lengthLabel(nm: number): string {
  const [size, unit] = units.find(([one]) => nm >= one * (1 - 1e-9)) ?? [1e-3, 'pm'];
  return `${Number((nm / size).toPrecision(6))} ${unit}`;
}
