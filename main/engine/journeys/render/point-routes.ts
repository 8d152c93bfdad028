import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type Answer, json } from '../../loopback/http-answer.ts';
import { namedStack, type RenderService } from './named-stack.ts';
import { type Names, numberOf, type Route } from '../../loopback/routes.ts';
import type { Request } from '../../loopback/serve.ts';
import { jsonOf } from './spec-routes.ts';

const stackPath = '/v1/owner/{owner}/project/{project}/stack/{stack}';

/** Points between tiles and the stack, one by one and in batches, as Render's TileCoordinates. */
export const pointRoutes: readonly Route<RenderService>[] = [
  { method: 'GET', path: `${stackPath}/z/{z}/world-to-local-coordinates/{x},{y}`, answer: localOfOne },
  { method: 'PUT', path: `${stackPath}/z/{z}/world-to-local-coordinates`, answer: localOfMany },
  { method: 'PUT', path: `${stackPath}/world-to-local-coordinates`, answer: localOfMany },
  { method: 'GET', path: `${stackPath}/tile/{tile}/local-to-world-coordinates/{x},{y}`, answer: worldOfOne },
  { method: 'PUT', path: `${stackPath}/z/{z}/local-to-world-coordinates`, answer: worldOfMany },
  { method: 'PUT', path: `${stackPath}/local-to-world-coordinates`, answer: worldOfMany },
  { method: 'PUT', path: `${stackPath}/z/{z}/tileIdsForCoordinates`, answer: tilesOfMany },
  { method: 'PUT', path: `${stackPath}/tileIdsForCoordinates`, answer: tilesOfMany },
];

/** Render's TileCoordinates; what is not asked for may be missing. */
interface Coordinates {
  readonly tileId?: string;
  readonly visible?: boolean;
  readonly local?: readonly number[];
  readonly world?: readonly number[];
  readonly error?: string;
}

/** Points of one call. */
const mostPoints = 200_000;

const isCoordinates = (value: unknown): value is readonly Coordinates[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);

function coordinatesOf(body: Uint8Array): readonly Coordinates[] {
  const given = jsonOf(body, isCoordinates, 'a list of coordinates such as [{"world": [x, y]}]');
  if (given.length <= mostPoints) return given;
  throw new LamellaError('over-budget', `${given.length} points are more than the ${mostPoints} of one call.`, {
    hint: 'Send them in parts.',
    fields: { points: given.length, budget: mostPoints },
  });
}

const isPoint = (values: readonly number[] | undefined, length: number): values is readonly number[] =>
  Array.isArray(values) && values.length >= length && values.every(Number.isFinite);

async function localOfOne(service: RenderService, names: Names): Promise<Answer> {
  const section = numberOf(names, 'z');
  const world = [numberOf(names, 'x'), numberOf(names, 'y'), section];
  const [found = []] = await locals(service, names, [{ world }]);
  if (found[0]?.error === undefined) return json(found);
  throw new LamellaError('invalid-input', `There is no place in a tile for ${world.join(', ')}: ${found[0].error}.`, {
    hint: 'Ask for a point that a tile shows.',
    fields: { x: world[0] ?? 0, y: world[1] ?? 0, section },
  });
}

async function localOfMany(service: RenderService, names: Names, { body }: Request): Promise<Answer> {
  return json(await locals(service, names, coordinatesOf(body)));
}

/** For each point the places in the tiles that show it, the one on top marked; or the point with what is wrong with it. */
async function locals(
  service: RenderService,
  names: Names,
  given: readonly Coordinates[],
): Promise<readonly (readonly Coordinates[])[]> {
  const { id: stack } = namedStack(service, names);
  const section = names['z'] === undefined ? null : numberOf(names, 'z');
  const sound = given.map(({ world }) => (isPoint(world, section === null ? 3 : 2) ? world : null));
  const points = sound.flatMap((world) =>
    world ? [{ x: world[0]!, y: world[1]!, section: section ?? world[2]! }] : [],
  );
  const { library } = service;
  const led =
    points.length === 0
      ? []
      : (await service.client.stack.worldToLocal({ library: library.folder, stack, points })).value.points;
  let next = 0;
  return given.map((one, i) => {
    if (!sound[i])
      return [{ ...one, error: `world values must include x${section === null ? ', y and z' : ' and y'}` }];
    const { z } = { z: points[next]!.section };
    const { tiles, reason } = led[next++] ?? { tiles: [] };
    if (tiles.length === 0) return [{ ...one, error: reason ?? 'no tile lies there' }];
    return tiles.map(({ name, x, y, visible }) => ({ tileId: name, ...(visible && { visible }), local: [x, y, z] }));
  });
}

async function worldOfOne(service: RenderService, names: Names): Promise<Answer> {
  const tileId = names['tile'] ?? '';
  const [led] = await worlds(service, names, [{ tileId, local: [numberOf(names, 'x'), numberOf(names, 'y')] }]);
  if (led?.error === undefined) return json(led);
  throw new LamellaError('not-found', `The point of tile "${tileId}" has no place: ${led.error}.`, {
    hint: 'tileIds lists the tiles of the stack.',
    fields: { tile: tileId },
  });
}

/** Also takes, for each point, the list of places that `world-to-local-coordinates` gives: then the one on top counts. */
async function worldOfMany(service: RenderService, names: Names, { body }: Request): Promise<Answer> {
  const given = coordinatesOf(body).map((one) =>
    isCoordinates(one) ? (one.find(({ visible }) => visible) ?? one[0] ?? {}) : one,
  );
  return json(await worlds(service, names, given));
}

async function worlds(
  service: RenderService,
  names: Names,
  given: readonly Coordinates[],
): Promise<readonly Coordinates[]> {
  const { id: stack } = namedStack(service, names);
  const sound = given.map(({ tileId, local }) => typeof tileId === 'string' && isPoint(local, 2));
  const points = given.flatMap(({ tileId = '', local = [] }, i) =>
    sound[i] ? [{ name: tileId, x: local[0]!, y: local[1]! }] : [],
  );
  const { library } = service;
  const led =
    points.length === 0
      ? []
      : (await service.client.stack.localToWorld({ library: library.folder, stack, points })).value.points;
  let next = 0;
  return given.map((one, i) => {
    if (!sound[i]) return { ...one, error: one.error ?? 'tileId and local values of x and y are needed' };
    const { place, reason } = led[next++] ?? { place: null };
    return place
      ? { tileId: one.tileId!, world: [place.x, place.y, place.section] }
      : { ...one, error: reason ?? 'it leads nowhere' };
  });
}

/** The points again, each with the ids of the tiles that show it. */
async function tilesOfMany(service: RenderService, names: Names, { body }: Request): Promise<Answer> {
  const given = coordinatesOf(body);
  const found = await locals(service, names, given);
  return json(
    given.map((one, i) => {
      const places = found[i] ?? [];
      const { error } = places[0] ?? {};
      return error === undefined ? { ...one, tileIds: places.map(({ tileId }) => tileId) } : { ...one, error };
    }),
  );
}
