import { Data3DTexture, NearestFilter, RedIntegerFormat, UnsignedByteType, UnsignedShortType } from 'three';
import type { WebGLRenderer } from 'three';
import type { Dtype, Vec3 } from '../../../preload/contract/space.ts';

/** An integer 3-D texture without data, that is filled part by part. */
export function emptyTexture(dtype: Dtype, size: Vec3): Data3DTexture {
  const texture = new Data3DTexture(null, size[0], size[1], size[2]);
  texture.format = RedIntegerFormat;
  texture.type = dtype === 'uint8' ? UnsignedByteType : UnsignedShortType;
  texture.internalFormat = dtype === 'uint8' ? 'R8UI' : 'R16UI';
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.generateMipmaps = false;
  texture.unpackAlignment = 1;
  // Storage is allocated, nothing is uploaded.
  texture.source.dataReady = false;
  texture.needsUpdate = true;
  return texture;
}

/** Writes a box of voxels into a texture that the renderer knows. */
export function uploadBox(
  renderer: WebGLRenderer,
  texture: Data3DTexture,
  at: Vec3,
  size: readonly [number, number, number],
  voxels: Uint8Array | Uint16Array,
): void {
  const gl = renderer.getContext() as WebGL2RenderingContext;
  renderer.initTexture(texture);
  const known = renderer.properties.get(texture) as { __webglTexture?: WebGLTexture };
  if (!known.__webglTexture) return;
  renderer.state.activeTexture(gl.TEXTURE0);
  renderer.state.bindTexture(gl.TEXTURE_3D, known.__webglTexture);
  renderer.state.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  renderer.state.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  const type = voxels instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.UNSIGNED_SHORT;
  gl.texSubImage3D(gl.TEXTURE_3D, 0, at[0], at[1], at[2], size[0], size[1], size[2], gl.RED_INTEGER, type, voxels);
}
