import type { Rgb } from './colour-maps.ts';

/** How colours look to readers with a deficiency of colour vision. Pure. */

export const deficiencies = ['protanopia', 'deuteranopia', 'tritanopia'] as const;
export type Deficiency = (typeof deficiencies)[number];

/** Row-major 3 x 3 over linear red, green, blue: Machado, Oliveira & Fernandes 2009, table 1, severity 1. */
export const visionMatrix: Readonly<Record<Deficiency, readonly number[]>> = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

const toLinear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const toByte = (linear: number): number => {
  const c = Math.max(0, Math.min(1, linear));
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
};

/** A colour as it is seen with a deficiency. */
export function seenWith(deficiency: Deficiency, [r, g, b]: Rgb): Rgb {
  const m = visionMatrix[deficiency];
  const linear = [r, g, b].map(toLinear);
  const row = (i: number): number =>
    toByte([0, 1, 2].reduce((sum, k) => sum + (m[3 * i + k] ?? 0) * (linear[k] ?? 0), 0));
  return [row(0), row(1), row(2)];
}

/** CIE 1976 L*, a*, b* under D65. */
export function labOf([r, g, b]: Rgb): Rgb {
  const [lr = 0, lg = 0, lb = 0] = [r, g, b].map(toLinear);
  const f = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124564 * lr + 0.3575761 * lg + 0.1804375 * lb) / 0.95047);
  const y = f(0.2126729 * lr + 0.7151522 * lg + 0.072175 * lb);
  const z = f((0.0193339 * lr + 0.119192 * lg + 0.9503041 * lb) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIE76 difference: about 2.3 is just noticed, 10 told apart at a glance. */
export const difference = (a: Rgb, b: Rgb): number => {
  const [p, q] = [labOf(a), labOf(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
};
