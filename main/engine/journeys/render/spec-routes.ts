import { LamellaError } from '../../../../preload/contract/errors.ts';
import { sectionIdOf, type TileSpec } from '../../formats/render-fields.ts';
import { exportedText } from '../../stacks/export-stack.ts';
import { placedStack } from '../../stacks/placed-stack.ts';
import { sharedTransformsOf } from '../../stacks/stack-rows.ts';
import { requireState } from '../../stacks/stack-state.ts';
import { type Answer, json, text } from '../../loopback/http-answer.ts';
import { type NamedStack, namedStack, type RenderService } from './named-stack.ts';
import { type Names, numberOf, type Route } from '../../loopback/routes.ts';
import type { Request } from '../../loopback/serve.ts';

const stackPath = '/v1/owner/{owner}/project/{project}/stack/{stack}';

/** Tile specs: of a tile, a section or the stack, as lists, as resolved tiles, as render parameters, as a layout file. */
export const specRoutes: readonly Route<RenderService>[] = [
  { method: 'GET', path: `${stackPath}/tile/{tile}`, answer: (service, names) => json(specNamed(service, names)) },
  { method: 'GET', path: `${stackPath}/tile/{tile}/render-parameters`, answer: tileParameters },
  { method: 'GET', path: `${stackPath}/tile-specs`, answer: (service, names) => json(specsOf(service, names)) },
  { method: 'GET', path: `${stackPath}/z/{z}/tile-specs`, answer: (service, names) => json(specsOf(service, names)) },
  { method: 'GET', path: `${stackPath}/z/{z}/tileBounds`, answer: tileBounds },
  { method: 'PUT', path: `${stackPath}/tile-specs-with-ids`, answer: specsWithIds },
  { method: 'GET', path: `${stackPath}/tileIds`, answer: tileIds },
  { method: 'GET', path: `${stackPath}/resolvedTiles`, answer: resolvedTiles },
  { method: 'GET', path: `${stackPath}/z/{z}/resolvedTiles`, answer: resolvedTiles },
  { method: 'GET', path: `${stackPath}/z/{z}/render-parameters`, answer: sectionParameters },
  { method: 'GET', path: `${stackPath}/transform/{transform}`, answer: sharedTransform },
  { method: 'GET', path: `${stackPath}/layoutFile`, answer: layoutFile },
  { method: 'GET', path: `${stackPath}/z/{z}/layoutFile`, answer: layoutFile },
];

interface Specs {
  readonly specs: readonly TileSpec[];
  readonly shared: Readonly<Record<string, unknown>>;
}

/** Specs of stacks as they were last written: a stack version's are asked for in many parts. */
const written = new WeakMap<RenderService, { readonly key: string; readonly specs: Specs }>();

function allSpecs(service: RenderService, { id, dataset, named, version }: NamedStack): Specs {
  const { read } = service.library;
  requireState(read, id, 'read');
  const key = `${id} ${version}`;
  const before = written.get(service);
  if (before?.key === key) return before.specs;
  const source = { id, dataset, title: named, voxelSizeNm: [1, 1, 1] as const };
  const parsed = JSON.parse(exportedText(read, source, 'render').text) as
    | TileSpec[]
    | { transformIdToSpecMap: Record<string, unknown>; tileIdToSpecMap: Record<string, TileSpec> };
  const specs: Specs = Array.isArray(parsed)
    ? { specs: parsed, shared: {} }
    : { specs: Object.values(parsed.tileIdToSpecMap), shared: parsed.transformIdToSpecMap };
  written.set(service, { key, specs });
  return specs;
}

/** Of the section that the address names, or of all. */
export function specsOf(service: RenderService, names: Names): readonly TileSpec[] {
  const { specs } = allSpecs(service, namedStack(service, names));
  if (names['z'] === undefined) return specs;
  const section = numberOf(names, 'z');
  return specs.filter((spec) => Number(spec['z'] ?? 0) === section);
}

function specNamed(service: RenderService, names: Names): TileSpec {
  const stack = namedStack(service, names);
  const found = allSpecs(service, stack).specs.find((spec) => spec['tileId'] === names['tile']);
  if (found) return found;
  throw new LamellaError('not-found', `The stack "${stack.named}" has no tile "${names['tile']}".`, {
    hint: 'tileIds lists its tiles.',
    fields: { tile: names['tile'] ?? null },
  });
}

function resolvedTiles(service: RenderService, names: Names): Answer {
  const { shared } = allSpecs(service, namedStack(service, names));
  const specs = specsOf(service, names);
  return json({
    transformIdToSpecMap: shared,
    tileIdToSpecMap: Object.fromEntries(specs.map((spec) => [String(spec['tileId']), spec])),
    transformCount: Object.keys(shared).length,
    tileCount: specs.length,
  });
}

function tileIds(service: RenderService, names: Names): Answer {
  return json(specsOf(service, names).map((spec) => spec['tileId']));
}

function specsWithIds(service: RenderService, names: Names, { body }: Request): Answer {
  const wanted = new Set(jsonOf(body, isTexts, 'a list of tile ids'));
  return json(specsOf(service, names).filter((spec) => wanted.has(String(spec['tileId']))));
}

function tileBounds(service: RenderService, names: Names): Answer {
  const bounds = specsOf(service, names).map((spec) => {
    const { tileId, z, minX, minY, maxX, maxY } = spec as Readonly<Record<string, unknown>>;
    return { tileId, sectionId: sectionIdOf(spec), z, minX, minY, maxX, maxY };
  });
  return json(bounds);
}

function sharedTransform(service: RenderService, names: Names): Answer {
  const id = names['transform'] ?? '';
  const found = sharedTransformsOf(service.library.read, namedStack(service, names).id).get(id);
  if (found) return json({ id, ...found });
  throw new LamellaError('not-found', `The stack has no shared transform "${id}".`, {
    hint: 'resolvedTiles has them all.',
    fields: { transform: id },
  });
}

/** What Render draws a box from. Shared transforms are put in their places, so that the text stands for itself. */
export function renderParameters(service: RenderService, names: Names): Answer {
  const [x, y, width, height, scale] = ['x', 'y', 'width', 'height', 'scale'].map((name) => numberOf(names, name));
  const stack = namedStack(service, names);
  const { specs, shared } = allSpecs(service, stack);
  const placed = placedStack(service.library, { dataset: stack.dataset, stack: stack.id, channel: '' });
  const numbers = placed.touching(numberOf(names, 'z'), { minX: x!, minY: y!, maxX: x! + width!, maxY: y! + height! });
  const inBox = new Set(placed.tilesAt(numbers).map(({ name }) => name));
  const tileSpecs = specs.filter((spec) => inBox.has(String(spec['tileId']))).map((spec) => resolved(spec, shared));
  return json({ x, y, width, height, scale, tileSpecs });
}

function sectionParameters(service: RenderService, names: Names, { query }: Request): Answer {
  const { shared } = allSpecs(service, namedStack(service, names));
  return json(parametersOf(specsOf(service, names), shared, query));
}

function tileParameters(service: RenderService, names: Names, { query }: Request): Answer {
  const { shared } = allSpecs(service, namedStack(service, names));
  return json(parametersOf([specNamed(service, names)], shared, query));
}

function parametersOf(specs: readonly TileSpec[], shared: Specs['shared'], query: URLSearchParams): unknown {
  const edge = (name: string, pick: (...values: number[]) => number): number =>
    specs.reduce((most, spec) => pick(most, Number(spec[name])), pick());
  const [x, y] = [Math.floor(edge('minX', Math.min)), Math.floor(edge('minY', Math.min))];
  const [width, height] = [Math.ceil(edge('maxX', Math.max)) - x, Math.ceil(edge('maxY', Math.max)) - y];
  const scale = numberOf({ scale: query.get('scale') ?? '1' }, 'scale');
  return { x, y, width, height, scale, tileSpecs: specs.map((spec) => resolved(spec, shared)) };
}

/** A spec with the shared transforms that it refers to in its list. */
function resolved(spec: TileSpec, shared: Specs['shared']): TileSpec {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const { type, refId } = value as { readonly type?: unknown; readonly refId?: unknown };
    if (type === 'ref' && typeof refId === 'string' && shared[refId]) return walk(shared[refId]);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner)]));
  };
  return { ...spec, transforms: walk(spec['transforms']) };
}

const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : 'null';

/** A line a tile, as `?format=KARSH` of Render. */
function layoutFile(service: RenderService, names: Names): Answer {
  const stack = namedStack(service, names);
  const at = `${service.address()}/v1/owner/${stack.owner}/project/${stack.project}/stack/${stack.named}`;
  const placed = placedStack(service.library, { dataset: stack.dataset, stack: stack.id, channel: '' });
  const tiles = new Map(placed.tilesAt(Uint32Array.from(placed.table.ids.keys())).map((tile) => [tile.name, tile]));
  const lines = specsOf(service, names).map((spec) => {
    const layout = (spec['layout'] ?? {}) as Readonly<Record<string, unknown>>;
    const tile = tiles.get(String(spec['tileId']));
    const [a, b, c, d, e, f] = tile?.stackFromTile ?? [1, 0, 0, 1, 0, 0];
    const { sectionId, imageCol, imageRow, camera, temca, rotation } = layout;
    const said = [imageCol, imageRow, camera, tile?.path, temca, rotation].map(wordOf);
    const uri = `${at}/tile/${encodeURIComponent(String(spec['tileId']))}/render-parameters`;
    return [sectionId ?? spec['z'], spec['tileId'], a, c, e, b, d, f, ...said, spec['z'], uri].join('\t');
  });
  return text(lines.map((line) => `${line}\n`).join(''));
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** A body of JSON; 'invalid-input' for one that is not `what`. */
export function jsonOf<T>(body: Uint8Array, isOne: (value: unknown) => value is T, what: string): T {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (isOne(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new LamellaError('invalid-input', `The body should be ${what}, as JSON.`, {
    hint: 'docs/render-service.md says what each address takes.',
  });
}
