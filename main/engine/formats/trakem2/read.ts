import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { tileMapOf } from '../../transforms/tile/tile-map.ts';
import type { TileSpec } from '../render-fields.ts';
import { bentCorner, usualMeshNodes } from './bent-box.ts';

const maxDepth = 64;
const maxElements = 5_000_000;
const maxDataChars = 16 * 2 ** 20;

export interface Trakem2Project {
  /** Each patch as Render would say it. */
  readonly specs: readonly TileSpec[];
  readonly warnings: readonly Warning[];
}

export const looksLikeTrakem2 = (head: string): boolean => /<trakem2\b|<!DOCTYPE\s+trakem2/i.test(head);

/**
 * Reads the patches of a TrakEM2 project: picture, place, coordinate transform, grey levels, layer. What lies in other
 * files (`ct_id` alone, masks) becomes a warning. 'bad-layout' on what is no XML or holds no patch.
 */
export function parseTrakem2(text: string, fileName: string): Trakem2Project {
  const reader = new Reader(fileName);
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw damaged(fileName, error.message.slice(0, 200));
  });
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('closetag', (tag) => reader.close(tag.name));
  parser.write(text.replace(/^\uFEFF/, '')).close();
  if (reader.specs.length === 0) throw damaged(fileName, 'it holds no t2_patch');
  return { specs: reader.specs, warnings: reader.warnings };
}

function damaged(fileName: string, why: string): LamellaError {
  return new LamellaError('bad-layout', `${fileName} is no TrakEM2 project that can be read: ${why}.`, {
    hint: 'Save the project in TrakEM2 as XML (with its coordinate transforms) and give that file.',
    fields: { file: fileName },
  });
}

interface Patch {
  readonly attributes: Readonly<Record<string, string>>;
  /** From pixel to pixel, before the patch's own affine map. */
  readonly bent: TransformSpec[];
}

class Reader {
  readonly specs: TileSpec[] = [];
  readonly warnings: Warning[] = [];
  readonly #fileName: string;
  readonly #ids = new Set<string>();
  #depth = 0;
  #elements = 0;
  #section = 0;
  #patch: Patch | null = null;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  open({ name, attributes }: SaxesTagPlain): void {
    this.#depth += 1;
    this.#elements += 1;
    if (this.#depth > maxDepth) throw damaged(this.#fileName, `it nests deeper than ${maxDepth} levels`);
    if (this.#elements > maxElements) throw damaged(this.#fileName, `it has more than ${maxElements} elements`);
    if (name === 't2_layer') this.#section = Number(attributes['z'] ?? 0);
    else if (name === 't2_patch') this.#patch = { attributes, bent: [] };
    else if (name === 'ict_transform' || name === 'iict_transform') this.#addBend(attributes);
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name !== 't2_patch' || !this.#patch) return;
    this.#addPatch(this.#patch);
    this.#patch = null;
  }

  /** Lists of transforms are applied first to last, so nesting changes nothing. */
  #addBend({ class: className = '', data = '' }: Readonly<Record<string, string>>): void {
    this.#patch?.bent.push({ type: 'leaf', className, dataString: data.slice(0, maxDataChars) });
  }

  #addPatch({ attributes, bent }: Patch): void {
    const { title = '', oid = '', file_path = '' } = attributes;
    const tileId = this.#idOf(title === '' ? oid : title, oid);
    const place = placeOf(attributes);
    if (tileId === '' || !place) return this.#warn(tileId, 'has no usable place or size and is left out');
    if (attributes['ct_id'] !== undefined && bent.length === 0)
      this.#warn(tileId, 'is bent by a transform that lies in another file; only its affine map is used');
    // TrakEM2 counts masks from 1.
    if (![undefined, '0'].includes(attributes['alpha_mask_id']))
      this.#warn(tileId, 'has a mask that lies in another file; it is not read');
    const { sizePx, matrix } = place;
    const [x, y] = bent.length > 0 ? this.#cornerOf(tileId, bent, sizePx, attributes['mres']) : [0, 0];
    const [a, b, c, d, e, f] = matrix;
    const moved = [a, b, c, d, e - a * x - c * y, f - b * x - d * y];
    const affine = { type: 'leaf', className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: moved.join(' ') };
    this.specs.push({
      tileId,
      layout: { sectionId: String(this.#section) },
      z: this.#section,
      width: sizePx[0],
      height: sizePx[1],
      ...levelsOf(attributes),
      mipmapLevels: { '0': { imageUrl: imageUrlOf(file_path) } },
      transforms: { type: 'list', specList: [...bent, affine] },
      trakem2: attributes,
    });
  }

  #idOf(name: string, oid: string): string {
    const id = this.#ids.has(name) ? `${name} (${oid})` : name;
    this.#ids.add(id);
    return id;
  }

  #cornerOf(
    tileId: string,
    bent: readonly TransformSpec[],
    sizePx: readonly [number, number],
    meshNodes: string | undefined,
  ): readonly [number, number] {
    const { map, problems } = tileMapOf(bent, new Map(), sizePx);
    const nodes = Number(meshNodes ?? usualMeshNodes);
    const corner = bentCorner(map, sizePx, nodes >= 2 && nodes <= 1024 ? nodes : usualMeshNodes);
    if (problems.length === 0 && corner.every(Number.isFinite)) return corner;
    this.#warn(tileId, 'is bent by a transform that could not be read; it lies only roughly where it should');
    return [0, 0];
  }

  #warn(tileId: string, what: string): void {
    this.warnings.push({ subject: tileId, message: `${this.#fileName}: patch "${tileId}" ${what}.` });
  }
}

type Six = readonly [number, number, number, number, number, number];

function placeOf({ transform = '', o_width, o_height, width, height }: Readonly<Record<string, string>>): {
  readonly sizePx: readonly [number, number];
  readonly matrix: Six;
} | null {
  const numbers = /^\s*matrix\(([^)]*)\)\s*$/.exec(transform)?.[1]?.split(',').map(Number) ?? [];
  const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN] = numbers;
  const sizePx = [Number(o_width ?? width), Number(o_height ?? height)] as const;
  const isSound = [a, b, c, d, e, f].every(Number.isFinite) && sizePx.every((side) => side >= 1 && side <= 1e6);
  return isSound ? { sizePx, matrix: [a, b, c, d, e, f] } : null;
}

function levelsOf({ min, max }: Readonly<Record<string, string>>): TileSpec {
  const [minIntensity, maxIntensity] = [Number(min), Number(max)];
  return maxIntensity > minIntensity ? { minIntensity, maxIntensity } : {};
}

/** `path-----#slice=3` names a slice of a stack; only the file is kept. */
const imageUrlOf = (path: string): string => path.replace(/-----#slice=\d+$/, '');
