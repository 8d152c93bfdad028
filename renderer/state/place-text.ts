import type { Vec3 } from '../../preload/contract/space.ts';
import { map3 } from './volume-geometry.ts';

/** Positions as people write and read them. Pure. */

/** `voxels`: of what nobody says the size of, whose nanometres count voxels (unsized.ts). */
export const nmIn = { nm: 1, µm: 1e3, mm: 1e6, voxels: 1 } as const;
export type LengthUnit = keyof typeof nmIn;
export const lengthUnits = ['nm', 'µm', 'mm'] as const satisfies readonly LengthUnit[];

/** The unit in which coordinates of something so large keep few digits. */
export function unitFor(largestNm: number): LengthUnit {
  if (largestNm < 1e6) return 'nm';
  return largestNm < 1e9 ? 'µm' : 'mm';
}

/** `x 12 400  y 860  z 60 nm`, as exact as a pixel is. */
export function formatPlace(positionNm: Vec3, unit: LengthUnit, nmPerPx: number): string {
  const decimals = Math.max(0, Math.min(6, Math.ceil(-Math.log10(nmPerPx / nmIn[unit]))));
  const written = (nm: number): string =>
    (nm / nmIn[unit])
      .toLocaleString('en-US', {
        minimumFractionDigits: unit === 'nm' ? 0 : decimals,
        maximumFractionDigits: unit === 'nm' ? 0 : decimals,
      })
      .replaceAll(',', '\u2009')
      .replace(/^-(?=[0.]*$)/, '');
  return `${(['x', 'y', 'z'] as const).map((name, a) => `${name} ${written(positionNm[a] ?? 0)}`).join('  ')} ${unit}`;
}

export type Place = { readonly positionNm: Vec3 } | { readonly problem: string };

const unitWords: ReadonlyMap<string, number | 'voxel'> = new Map<string, number | 'voxel'>([
  ...['nm', 'nanometre', 'nanometres', 'nanometer', 'nanometers'].map((word) => [word, 1] as const),
  ...['µm', 'μm', 'um', 'micron', 'microns', 'micrometre', 'micrometres'].map((word) => [word, 1e3] as const),
  ...['mm', 'millimetre', 'millimetres', 'millimeter', 'millimeters'].map((word) => [word, 1e6] as const),
  ...['voxel', 'voxels', 'vx', 'px'].map((word) => [word, 'voxel'] as const),
]);

/** A coordinate as exact as a pixel is, without marks between digits. */
export function writeLength(nm: number, unit: LengthUnit, nmPerPx: number): string {
  const decimals = Math.max(0, Math.min(9, Math.ceil(-Math.log10(nmPerPx / nmIn[unit]))));
  return String(Number((nm / nmIn[unit]).toFixed(unit === 'nm' ? 0 : decimals)));
}

/** `2500`, `2.5 µm`, `1e3nm` in nm; without a unit it is of `unit`. Null for what is no length. */
export function parseLength(text: string, unit: LengthUnit): number | null {
  const bare = text.replaceAll(/[\u2009\u00a0\u202f ](?=\d{3})/g, '').trim();
  const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*([a-zµμ]*)$/i.exec(bare);
  const factor = found?.[2] ? unitWords.get(found[2].toLowerCase()) : nmIn[unit];
  const counted = unit === 'voxels' && factor === 'voxel' ? 1 : factor;
  const nm = typeof counted === 'number' ? Number(found?.[1]) * counted : Number.NaN;
  return Number.isFinite(nm) ? nm : null;
}

const example = 'Write three numbers and a unit: 12400 860 60 nm';

/** Where the middle of a voxel lies; null where there is none to count. */
export type OfVoxel = (voxel: Vec3) => Vec3 | null;

/**
 * `1.2, 3.4, 5 µm`, `x 12 y 3 z 4 mm`, `100 200 3 voxels`, `12400 860 60`: without a unit it is nm. A voxel means its
 * middle. Numbers have a point, never a comma, for their decimals.
 */
export function parsePlace(text: string, ofVoxel: OfVoxel): Place {
  const bare = text
    .replaceAll(/[\u2009\u00a0\u202f](?=\d{3})/g, '')
    .replaceAll(/[[\](){};,=:]/g, ' ')
    .replaceAll(/\b[xyz]\b/gi, ' ');
  const numbers = [...bare.matchAll(/[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi)].map(([found]) => Number(found));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite))
    return { problem: `That has ${numbers.length} numbers. ${example}.` };
  const words = new Set(bare.toLowerCase().match(/[a-zµμ]{2,}/g));
  if (words.size > 1) return { problem: `One unit for all three, please. ${example}.` };
  const [word = 'nm'] = words;
  const unit = unitWords.get(word);
  const [x = 0, y = 0, z = 0] = numbers;
  if (unit === undefined) return { problem: `“${word}” is no unit that is known here: nm, µm, mm or voxels.` };
  if (unit !== 'voxel') return { positionNm: map3((a) => ([x, y, z][a] ?? 0) * unit) };
  const positionNm = ofVoxel(map3((a) => Math.floor([x, y, z][a] ?? 0)));
  return positionNm ? { positionNm } : { problem: 'Voxels are of a volume, and none is shown. Write nm, µm or mm.' };
}
