import { Camera, Matrix4, Vector4 } from 'three';
import type { IUniform } from 'three';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import { dot } from '../../../state/rotation.ts';
import { clipRegion } from './region.ts';
import type { ViewFrame } from './view-frame.ts';

/** Cameras and places as three has them. Matrices are made in double precision and are small when they reach the shader. */

/** Looks as a frame does: depth is linear from `nearNm` to `farNm`. */
export class ShapeCamera extends Camera {
  constructor() {
    super();
    this.matrixAutoUpdate = false;
    this.matrixWorldAutoUpdate = false;
  }

  follow({ right: r, down: d, forward: f, centreNm: c, nmPerPx, size, nearNm, farNm }: ViewFrame): void {
    this.matrixWorldInverse.set(
      r[0],
      r[1],
      r[2],
      -dot(r, c),
      -d[0],
      -d[1],
      -d[2],
      dot(d, c),
      f[0],
      f[1],
      f[2],
      -dot(f, c),
      0,
      0,
      0,
      1,
    );
    this.matrixWorld.copy(this.matrixWorldInverse).invert();
    const depth = 2 / (farNm - nearNm);
    this.projectionMatrix.set(
      2 / (size.width * nmPerPx),
      0,
      0,
      0,
      0,
      2 / (size.height * nmPerPx),
      0,
      0,
      0,
      0,
      depth,
      -1 - nearNm * depth,
      0,
      0,
      0,
      1,
    );
    this.projectionMatrixInverse.copy(this.projectionMatrix).invert();
  }
}

/** The world as numbers see it that are relative to an origin in a layer. */
export function worldFromOrigin(worldFromLayer: Matrix34 | null, [x, y, z]: Vec3): Matrix4 {
  const [a = 1, b = 0, c = 0, p = 0, d = 0, e = 1, f = 0, q = 0, g = 0, h = 0, i = 1, r = 0] = worldFromLayer ?? [];
  return new Matrix4().set(
    a,
    b,
    c,
    a * x + b * y + c * z + p,
    d,
    e,
    f,
    d * x + e * y + f * z + q,
    g,
    h,
    i,
    g * x + h * y + i * z + r,
    0,
    0,
    0,
    1,
  );
}

export const clipUniforms = (): Record<'uClips' | 'uClipCount', IUniform> => ({
  uClips: { value: Array.from({ length: 7 }, () => new Vector4()) },
  uClipCount: { value: 0 },
});

/** Sets what is not drawn, as view space has it. */
export function setClips(
  uniforms: Readonly<Record<string, IUniform>>,
  clip: Clip | null,
  { right, down, forward, centreNm }: ViewFrame,
): void {
  const region = clip ? clipRegion(clip) : [];
  const { uClips, uClipCount } = uniforms;
  if (!uClips || !uClipCount) return;
  region.forEach(({ normal, most }, i) =>
    (uClips.value as Vector4[])[i]?.set(
      dot(normal, right),
      -dot(normal, down),
      dot(normal, forward),
      most - dot(normal, centreNm),
    ),
  );
  uClipCount.value = region.length;
}
