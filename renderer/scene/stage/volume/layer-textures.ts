import {
  DataTexture,
  FloatType,
  IntType,
  NearestFilter,
  RedFormat,
  RedIntegerFormat,
  RGBAFormat,
  RGBAIntegerFormat,
  UnsignedShortType,
} from 'three';
import type { PixelFormat, TextureDataType } from 'three';
import type { LayerOf } from '../../../../preload/contract/view-state.ts';
import type { PageTable } from './page-table.ts';
import { infoInts } from './page-table.ts';
import { cellsAcross, infosAcross } from './table-glsl.ts';
import { lutSteps, transferLut } from './transfer-lut.ts';

/** What a layer has on the GPU beside its bricks: its page table and its look. */
export class LayerTextures {
  readonly lut = plain(new Float32Array(4 * lutSteps), lutSteps, 1, RGBAFormat, FloatType, 'RGBA32F');
  /** Sums of what is not see-through, up to each step. */
  readonly opaqueBefore = plain(new Float32Array(lutSteps + 1), lutSteps + 1, 1, RedFormat, FloatType, 'R32F');
  cells = plain(new Uint16Array(cellsAcross), cellsAcross, 1, RedIntegerFormat, UnsignedShortType, 'R16UI');
  info = plain(new Int32Array(infosAcross * infoInts), infosAcross * 2, 1, RGBAIntegerFormat, IntType, 'RGBA32I');
  #table: PageTable | null = null;
  #look: LayerOf<'image'> | null = null;

  takeTable(table: PageTable): void {
    if (table === this.#table) return;
    this.#table = table;
    this.cells = filled(this.cells, table.index, cellsAcross);
    this.info = filled(this.info, table.info, infosAcross * infoInts);
  }

  takeLook(layer: LayerOf<'image'>): void {
    if (layer === this.#look) return;
    this.#look = layer;
    const lut = transferLut(layer);
    (this.lut.image.data as Float32Array).set(lut);
    const sums = this.opaqueBefore.image.data as Float32Array;
    for (let i = 0; i < lutSteps; i++) sums[i + 1] = (sums[i] ?? 0) + Number((lut[4 * i + 3] ?? 0) < 0);
    this.lut.needsUpdate = this.opaqueBefore.needsUpdate = true;
  }

  dispose(): void {
    for (const texture of [this.lut, this.opaqueBefore, this.cells, this.info]) texture.dispose();
  }
}

/** The textures of layers, by their ids. */
export class LayerShelf {
  readonly #textures = new Map<string, LayerTextures>();

  of(id: string): LayerTextures {
    const known = this.#textures.get(id) ?? new LayerTextures();
    this.#textures.set(id, known);
    return known;
  }

  /** Forgets what layers had that are no more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, textures] of this.#textures) {
      if (ids.has(id)) continue;
      textures.dispose();
      this.#textures.delete(id);
    }
  }
}

/** The texture with the data at its start; another one where they do not fit. */
function filled(texture: DataTexture, data: Uint16Array | Int32Array, perRow: number): DataTexture {
  const held = texture.image.data as Uint16Array | Int32Array;
  if (data.length <= held.length) {
    held.set(data);
    texture.needsUpdate = true;
    return texture;
  }
  const rows = 2 ** Math.ceil(Math.log2(data.length / perRow));
  const wider = data instanceof Uint16Array ? new Uint16Array(rows * perRow) : new Int32Array(rows * perRow);
  wider.set(data);
  texture.dispose();
  const { width } = texture.image;
  return plain(wider, width ?? 1, rows, texture.format, texture.type, texture.internalFormat);
}

function plain(
  data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
  width: number,
  height: number,
  format: PixelFormat | DataTexture['format'],
  type: TextureDataType,
  internalFormat: DataTexture['internalFormat'],
): DataTexture {
  const texture = new DataTexture(data, width, height, format as PixelFormat, type);
  texture.internalFormat = internalFormat;
  texture.minFilter = texture.magFilter = NearestFilter;
  texture.generateMipmaps = false;
  texture.unpackAlignment = 1;
  texture.needsUpdate = true;
  return texture;
}
