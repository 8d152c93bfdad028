/** Units of NGFF axes (UDUNITS-2 names), and the short names that writers use instead. */
const metres: ReadonlyMap<string, number> = new Map([
  ['yoctometer', 1e-24],
  ['zeptometer', 1e-21],
  ['attometer', 1e-18],
  ['femtometer', 1e-15],
  ['picometer', 1e-12],
  ['angstrom', 1e-10],
  ['nanometer', 1e-9],
  ['micrometer', 1e-6],
  ['millimeter', 1e-3],
  ['centimeter', 1e-2],
  ['decimeter', 1e-1],
  ['meter', 1],
  ['hectometer', 1e2],
  ['kilometer', 1e3],
  ['inch', 0.0254],
  ['foot', 0.3048],
  ['yard', 0.9144],
  ['mile', 1609.344],
  ['pm', 1e-12],
  ['å', 1e-10],
  ['nm', 1e-9],
  ['um', 1e-6],
  ['µm', 1e-6],
  ['μm', 1e-6],
  ['micron', 1e-6],
  ['microns', 1e-6],
  ['mm', 1e-3],
  ['cm', 1e-2],
  ['m', 1],
]);

const seconds: ReadonlyMap<string, number> = new Map([
  ['femtosecond', 1e-15],
  ['picosecond', 1e-12],
  ['nanosecond', 1e-9],
  ['microsecond', 1e-6],
  ['millisecond', 1e-3],
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['sec', 1],
  ['min', 60],
  ['h', 3600],
]);

/** Nanometres of a unit of length; undefined where it is none that is known. Also "nanometers" and "nanometres". */
export function nmPerUnit(unit: string): number | undefined {
  const found = metres.get(unit) ?? metres.get(plainName(unit));
  // 1e-9 and 1e-6 are not exact: dividing gives whole numbers where multiplying by 1e9 does not.
  return found === undefined ? undefined : Number((found / 1e-9).toPrecision(15));
}

export const secondsPerUnit = (unit: string): number | undefined => seconds.get(unit) ?? seconds.get(plainName(unit));

const plainName = (unit: string): string =>
  unit
    .toLowerCase()
    .replace(/metre/, 'meter')
    .replace(/(meter|second|minute|hour|day)s$/, '$1');
