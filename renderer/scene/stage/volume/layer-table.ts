import type { DataTexture, RawShaderMaterial, Texture } from 'three';
import type { VolumeLayer } from '../../../state/layers.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { DrawnLayer } from '../scene-layers.ts';
import type { LayerTextures } from './layer-textures.ts';
import type { PageTable } from './page-table.ts';
import { mostPools } from './table-glsl.ts';

/** A layer of a volume, ready to be drawn in a 3-D pane. */
export interface RayLayer {
  readonly drawn: DrawnLayer;
  readonly layer: VolumeLayer;
  readonly table: PageTable;
  /** The texture that bricks of a level are in. */
  readonly poolOf: (level: number) => Texture | undefined;
  /** The colours of labels by their index; null for an image. */
  readonly labelColours: DataTexture | null;
}

/** The textures of the levels from the target on, and which of them each level has. */
export function poolsOf({ table, poolOf }: RayLayer): {
  readonly textures: readonly Texture[];
  readonly ofLevel: readonly number[];
} {
  const textures: Texture[] = [];
  const ofLevel = table.levels.map(({ level }) => {
    const pool = poolOf(level);
    if (!pool) return 0;
    if (!textures.includes(pool) && textures.length < mostPools) textures.push(pool);
    return Math.max(0, textures.indexOf(pool));
  });
  return { textures, ofLevel };
}

/** The uniforms of `tableUniforms` in table-glsl.ts but the textures. */
export function tableNumbers({ volume, target, from, cells, levels }: PageTable): Readonly<Record<string, unknown>> {
  const level = volume.levels[target];
  const [brick, size] = [level?.brick ?? ([1, 1, 1] as const), level?.size ?? ([1, 1, 1] as const)];
  return {
    uGrid: [...cells],
    uCell: [...brick],
    uEnd: [...map3((a) => Math.min(cells[a] * brick[a], size[a] - from[a] * brick[a]))],
    uScale: levels.flatMap(({ scale }) => [...scale]),
    uOffset: levels.flatMap(({ offset }) => [...offset]),
    uBrick: levels.flatMap((one) => [...one.brick]),
    uLevelEnd: levels.flatMap(({ end }) => [...end]),
  };
}

/** The textures of `tableUniforms`. */
export function tableTextures(
  { table }: RayLayer,
  pools: ReturnType<typeof poolsOf>,
  textures: LayerTextures,
): Readonly<Record<string, unknown>> {
  textures.takeTable(table);
  return {
    uCells: textures.cells,
    uInfo: textures.info,
    uPoolOf: pools.ofLevel,
    ...Object.fromEntries(pools.textures.map((texture, i) => [`uPool${i}`, texture])),
  };
}

/** Sets uniforms, and makes those that are not there yet. */
export function putUniforms(material: RawShaderMaterial, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const uniform = material.uniforms[name];
    if (uniform) uniform.value = value;
    else material.uniforms[name] = { value };
  }
}
