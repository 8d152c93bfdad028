/** Nanometres to a unit of length, as ImageJ, OME and microscopes write it; undefined for pixels and other unknowns. */
export function nmOfUnit(unit: string): number | undefined {
  return units.get(unit.trim().replace('\\u00B5', 'µ').replace('\u03BC', 'µ').replace(/s$/i, '').toLowerCase());
}

const units: ReadonlyMap<string, number> = new Map([
  ['pm', 1e-3],
  ['å', 0.1],
  ['angstrom', 0.1],
  ['ångström', 0.1],
  ['nm', 1],
  ['nanometer', 1],
  ['nanometre', 1],
  ['µm', 1e3],
  ['um', 1e3],
  ['micron', 1e3],
  ['micrometer', 1e3],
  ['micrometre', 1e3],
  ['micro', 1e3],
  ['mm', 1e6],
  ['millimeter', 1e6],
  ['millimetre', 1e6],
  ['cm', 1e7],
  ['centimeter', 1e7],
  ['centimetre', 1e7],
  ['m', 1e9],
  ['meter', 1e9],
  ['metre', 1e9],
  ['in', 2.54e7],
  ['inch', 2.54e7],
]);

const secondsByUnit: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['µs', 1e-6],
  ['us', 1e-6],
  ['ms', 1e-3],
  ['msec', 1e-3],
  ['s', 1],
  ['sec', 1],
  ['second', 1],
  ['seconds', 1],
  ['min', 60],
  ['h', 3600],
  ['hour', 3600],
  ['d', 86_400],
]);

export const secondsOfUnit = (unit: string): number | undefined =>
  secondsByUnit.get(unit.trim().replace('\u03BC', 'µ').toLowerCase());

/** A voxel's side that may be believed: above zero, below a metre. */
export const isLength = (nm: number | undefined): nm is number => nm !== undefined && nm > 1e-6 && nm <= 1e9;
