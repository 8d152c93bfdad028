import { isLength, nmOfUnit, secondsOfUnit } from './length-units.ts';

/**
 * What the ImageDescription of a plain TIFF may say of its pages: ImageJ's lines of key=value, or the JSON that
 * tifffile writes. Axes fastest first.
 */
export interface PageLayout {
  readonly sizeZ: number;
  readonly sizeC: number;
  readonly sizeT: number;
  /** Of pages, fastest first. */
  readonly order: string;
  /** Nanometres of a unit of XResolution; undefined where it does not say. */
  readonly unitNm: number | undefined;
  readonly depthNm: number | undefined;
  readonly secondsPerTime: number | null;
  readonly window: readonly [number, number] | null;
  readonly isImageJ: boolean;
}

export function pageLayout(description: string): PageLayout | undefined {
  if (description.startsWith('ImageJ=')) return imageJ(description);
  if (description.startsWith('{')) return shaped(description);
  return undefined;
}

function imageJ(description: string): PageLayout {
  const values = new Map<string, string>();
  for (const line of description.slice(0, 65_536).split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const number = (key: string): number | undefined => {
    const value = Number(values.get(key));
    return values.has(key) && Number.isFinite(value) ? value : undefined;
  };
  const count = (key: string): number => {
    const value = number(key) ?? 1;
    return Number.isInteger(value) && value >= 1 ? value : 1;
  };
  const [sizeC, sizeT] = [count('channels'), count('frames')];
  const sizeZ = values.has('slices') || sizeC * sizeT > 1 ? count('slices') : count('images');
  const unitNm = nmOfUnit(values.get('unit') ?? '');
  const depthNm = (number('spacing') ?? Number.NaN) * (nmOfUnit(values.get('zunit') ?? '') ?? unitNm ?? Number.NaN);
  const [min, max] = [number('min'), number('max')];
  return {
    ...{ sizeC, sizeT, sizeZ, order: 'czt', unitNm, isImageJ: true },
    depthNm: isLength(Math.abs(depthNm)) ? Math.abs(depthNm) : undefined,
    secondsPerTime: positive((number('finterval') ?? 0) * (secondsOfUnit(values.get('tunit') ?? 's') ?? 1)),
    window: min !== undefined && max !== undefined && max > min ? [min, max] : null,
  };
}

const positive = (value: number): number | null => (Number.isFinite(value) && value > 0 ? value : null);

/** {"shape": [3, 2, 64, 64], "axes": "ZCYX"}: slowest first. */
function shaped(description: string): PageLayout | undefined {
  const parsed = parseShape(description);
  if (!parsed) return undefined;
  const pageAxes = parsed.axes.replace(/S$/, '').replace(/YX$/, '');
  const size = (name: RegExp): number =>
    [...pageAxes].reduce((product, axis, i) => (name.test(axis) ? product * (parsed.shape[i] ?? 1) : product), 1);
  const [sizeC, sizeT] = [size(/C/), size(/T/)];
  const order = [...pageAxes].reverse().map((axis) => (axis === 'C' ? 'c' : axis === 'T' ? 't' : 'z'));
  return {
    ...{ sizeC, sizeT, sizeZ: size(/[^CT]/), order: [...new Set([...order, 'c', 'z', 't'])].join('') },
    ...{ unitNm: undefined, depthNm: undefined, secondsPerTime: null, window: null, isImageJ: false },
  };
}

function parseShape(description: string): { readonly shape: readonly number[]; readonly axes: string } | undefined {
  try {
    const { shape, axes } = JSON.parse(description.slice(0, 65_536)) as { shape?: unknown; axes?: unknown };
    if (!Array.isArray(shape) || typeof axes !== 'string' || shape.length !== axes.length || shape.length > 16)
      return undefined;
    const whole = shape.every((n) => Number.isSafeInteger(n) && n >= 1);
    return whole && /^[A-Z]*YXS?$/.test(axes) ? { shape: shape as number[], axes } : undefined;
  } catch {
    return undefined;
  }
}

/** Resolutions that programs write when they know none, in dots per inch. */
const printResolutions = [
  72, 75, 90, 96, 100, 120, 144, 150, 180, 200, 240, 250, 254, 300, 350, 400, 600, 720, 1200, 2400,
];

/**
 * Nanometres of a pixel from XResolution (pixels to a unit) and ResolutionUnit (2 inch, 3 centimetre); undefined where
 * it does not say, where the value is one that printers use, and above a tenth of a millimetre.
 */
export function pixelNmOfResolution(resolution: number, unit: number): number | undefined {
  const unitNm = unit === 2 ? 2.54e7 : unit === 3 ? 1e7 : undefined;
  if (unitNm === undefined || !(resolution > 0)) return undefined;
  const dotsPerInch = (resolution * 2.54e7) / unitNm;
  if (printResolutions.some((dpi) => Math.abs(dotsPerInch - dpi) < 0.02 * dpi)) return undefined;
  const nm = unitNm / resolution;
  return nm >= 0.01 && nm <= 1e5 ? nm : undefined;
}
