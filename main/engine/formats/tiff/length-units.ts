import { nmPer, secondsPer } from '../units.ts';

/** Nanometres to a unit of length, as ImageJ, OME and microscopes write it; undefined for pixels and other unknowns. */
export function nmOfUnit(unit: string): number | undefined {
  const plain = unit.trim().replace('\\u00B5', 'µ').toLowerCase();
  return plain === 'in' || plain === 'inch' ? 2.54e7 : nmPer(plain);
}

export const secondsOfUnit = (unit: string): number | undefined => (unit === 'd' ? 86_400 : secondsPer(unit));

/** A voxel's side that may be believed: above zero, up to a metre. */
export const isLength = (nm: number | undefined): nm is number => nm !== undefined && nm > 1e-6 && nm <= 1e9;
