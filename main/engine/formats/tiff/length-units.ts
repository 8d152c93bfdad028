import { nmPerUnit, secondsPerUnit } from '../ome-units.ts';

/** Nanometres to a unit of length, as ImageJ, OME and microscopes write it; undefined for pixels and other unknowns. */
export const nmOfUnit = (unit: string): number | undefined => nmPerUnit(unit.trim().replace('\\u00B5', 'µ'));

export const secondsOfUnit = (unit: string): number | undefined =>
  unit === 'd' ? 86_400 : unit === 'h' ? 3600 : secondsPerUnit(unit.trim());

/** A voxel's side that may be believed: above zero, up to a metre. */
export const isLength = (nm: number | undefined): nm is number => nm !== undefined && nm > 1e-6 && nm <= 1e9;
