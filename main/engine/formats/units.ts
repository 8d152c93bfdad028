/** Units of length and time as datasets write them: symbols, and the names of UDUNITS-2. */
const nanometres: ReadonlyMap<string, number> = new Map([
  ...named(['m', 'meter', 'meters', 'metre', 'metres'], 1e9),
  ...named(['cm', 'centimeter', 'centimeters', 'centimetre', 'centimetres'], 1e7),
  ...named(['mm', 'millimeter', 'millimeters', 'millimetre', 'millimetres'], 1e6),
  ...named(['um', 'µm', 'μm', 'micron', 'microns', 'micrometer', 'micrometers', 'micrometre', 'micrometres'], 1e3),
  ...named(['nm', 'nanometer', 'nanometers', 'nanometre', 'nanometres'], 1),
  ...named(['a', 'å', 'angstrom', 'angstroms', 'ångström'], 0.1),
  ...named(['pm', 'picometer', 'picometers', 'picometre', 'picometres'], 1e-3),
]);
const seconds: ReadonlyMap<string, number> = new Map([
  ...named(['s', 'sec', 'second', 'seconds'], 1),
  ...named(['ms', 'millisecond', 'milliseconds'], 1e-3),
  ...named(['us', 'µs', 'μs', 'microsecond', 'microseconds'], 1e-6),
  ...named(['ns', 'nanosecond', 'nanoseconds'], 1e-9),
  ...named(['min', 'minute', 'minutes'], 60),
  ...named(['h', 'hr', 'hour', 'hours'], 3600),
]);

function named(names: readonly string[], value: number): (readonly [string, number])[] {
  return names.map((name) => [name, value]);
}

/** Nanometres in one of a unit of length; undefined where it is none. */
export const nmPer = (unit: string): number | undefined => nanometres.get(unit.trim().toLowerCase());

/** Seconds in one of a unit of time; undefined where it is none. */
export const secondsPer = (unit: string): number | undefined => seconds.get(unit.trim().toLowerCase());
