/** nm of the units of length that files name; undefined for others. */
const unitsNm: Readonly<Record<string, number>> = {
  angstrom: 0.1,
  nanometer: 1,
  nm: 1,
  micrometer: 1000,
  micron: 1000,
  um: 1000,
  µm: 1000,
  millimeter: 1e6,
  mm: 1e6,
  centimeter: 1e7,
  cm: 1e7,
  meter: 1e9,
  m: 1e9,
};

export const lengthUnitNm = (name: string): number | undefined => {
  const plain = name.toLowerCase().replace(/metre/, 'meter').replace(/s$/, '');
  return Object.hasOwn(unitsNm, plain) ? unitsNm[plain] : undefined;
};
