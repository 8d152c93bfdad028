import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type Affine, applyAffine } from '../../preload/contract/space.ts';
import { fourTiles, polynomial, stackOf, texture } from './placed-tiles.ts';
import { decodePng } from './png.ts';
import { type TempEngine, tempEngine } from './temp-engine.ts';

interface Served {
  readonly address: string;
  readonly token: string;
  get(path: string, init?: RequestInit): Promise<Response>;
  put(path: string, body: unknown): Promise<Response>;
  stop(): Promise<void>;
}

async function serve({ client, library }: TempEngine, more: object = {}): Promise<Served> {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const said = await new Promise<{ address: string; token: string }>((resolve, reject) => {
    running = client.render.serve({ library, ...more }, { signal: stopping.signal, onValue: resolve });
    running.catch(reject);
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running.catch(() => undefined);
  };
  onTestFinished(stop);
  const headers = { authorization: `Bearer ${said.token}` };
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${said.address}${path}`, { ...init, headers: { ...headers, ...(init.headers as object) } });
  const put = (path: string, body: unknown): Promise<Response> =>
    get(path, { method: 'PUT', body: JSON.stringify(body) });
  return { ...said, get, put, stop };
}

/** Render's TileCoordinates. */
interface Place {
  readonly tileId?: string;
  readonly tileIds?: readonly string[];
  readonly world?: readonly number[];
  readonly visible?: boolean;
  readonly error?: string;
}

/** Where the one stack of the one dataset of a library is. */
async function pathOf(served: Served): Promise<string> {
  const [owner] = (await (await served.get('/v1/owners')).json()) as string[];
  const [id] = (await (await served.get(`/v1/owner/${owner}/stackIds`)).json()) as Record<string, string>[];
  return `/v1/owner/${owner}/project/${encodeURIComponent(id!['project']!)}/stack/${encodeURIComponent(id!['stack']!)}`;
}

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

/** fetch sets these headers by itself. */
function statusFor(address: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: '/render-ws/v1/owners', method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.once('error', reject);
    asked.end();
  });
}

test('only who has the token gets an answer, by a name of this computer, while it is served', async () => {
  const at = tempEngine();
  await stackOf(at, fourTiles);
  const served = await serve(at);
  const { address, token } = served;
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/render-ws$/);
  const owners = `${address}/v1/owners`;
  expect((await fetch(owners)).status).toBe(401);
  expect((await fetch(`${owners}?token=${token.slice(1)}`)).status).toBe(401);
  const allowed = await fetch(`${owners}?token=${token}`);
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  expect((await served.get('/v1/owners', { method: 'DELETE' })).status).toBe(405);
  expect((await served.get('/v1/nothing')).status).toBe(404);
  const authorization = `Bearer ${token}`;
  const { host } = new URL(address);
  expect(await statusFor(address, { host, authorization })).toBe(200);
  expect(await statusFor(address, { host: 'evil.example', authorization })).toBe(421);
  expect(await statusFor(address, { host, authorization, 'x-long': 'x'.repeat(40_000) })).toBe(431);
  await served.stop();
  await expect(fetch(owners)).rejects.toThrow();
});

test('a page reads from it only where its origin was named', async () => {
  const at = tempEngine();
  await stackOf(at, fourTiles);
  const { address } = await serve(at, { origin: 'http://localhost:8000' });
  const asked = await fetch(`${address}/v1/owners`, { method: 'OPTIONS' });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:8000']);
});

test('boxes, tiles and tiles of CATMAID are pictures, the same as Lamella makes', async () => {
  const at = tempEngine();
  const { stack } = await stackOf(at, fourTiles);
  const served = await serve(at);
  const path = await pathOf(served);
  const png = await served.get(`${path}/z/0/box/40,30,210,180,1/png-image`);
  expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
  const { library, client } = at;
  const box = { library, stack, section: 0, x: 40, y: 30, width: 210, height: 180 };
  const ours = await client.render.box({ ...box, blend: 'top', format: 'raw' });
  expect(decodePng(Buffer.from(await bytesOf(png))).pixels).toEqual(Uint8Array.from(ours.bytes ?? []));
  const feather = await served.get(`${path}/z/0/box/40,30,210,180,1/raw-image?blend=feather`);
  expect(await bytesOf(feather)).toEqual(
    Uint8Array.from((await client.render.box({ ...box, format: 'raw' })).bytes ?? []),
  );
  const jpeg = await bytesOf(await served.get(`${path}/z/0/box/40,30,210,180,0.5/jpeg-image`));
  expect([...jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  const tiff = await bytesOf(await served.get(`${path}/z/0/box/40,30,210,180,0.5/tiff-image`));
  expect(tiff.byteLength).toBe(105 * 90 + 122);
  const large = await served.get(`${path}/largeDataTileSource/64/64/1/0/0/1.png`);
  const same = await served.get(`${path}/z/0/box/128,0,128,128,0.5/png-image`);
  expect(await bytesOf(large)).toEqual(await bytesOf(same));
  const tile = await served.get(`${path}/tile/t0/source/png-image`);
  expect(decodePng(Buffer.from(await bytesOf(tile))).pixels).toEqual(fourTiles[0]?.picture.pixels);
  for (const part of ['', '/withNeighbors'])
    expect((await served.get(`${path}/tile/t0${part}/png-image`)).status).toBe(200);
  const section = decodePng(Buffer.from(await bytesOf(await served.get(`${path}/z/0/png-image?scale=0.5`))));
  expect(section.width).toBeGreaterThan(130);
  expect(await (await served.get(`${path}/z/0/box/0,0,500,500/tile-count`)).json()).toBe(4);
  const refused = async (rest: string): Promise<number> => (await served.get(`${path}${rest}`)).status;
  expect(await refused('/z/0/box/0,0,1e6,1e6,1/png-image')).toBe(413);
  expect(await refused('/z/0/box/0,0,-5,10,1/png-image')).toBe(400);
  expect(await refused('/z/x/box/0,0,5,10,1/png-image')).toBe(400);
  expect(await refused('/z/0/box/0,0,5,10,0/png-image')).toBe(400);
  expect(await refused('/z/0/box/0,0,5,10,1/jpeg-image?quality=85')).toBe(400);
  expect(await refused('/tile/t0/png-image?normalizeForMatching=true')).toBe(400);
  expect(await refused('/z/0/png-image?scale=0.5&filter=false')).toBe(200);
  expect(await refused('/tile/none/png-image')).toBe(404);
  expect(await refused('/tile/t0/mask/png-image')).toBe(404);
});

test('specs, bounds, sections and layout are as Render gives them', async () => {
  const at = tempEngine();
  await stackOf(at, fourTiles);
  const served = await serve(at);
  const path = await pathOf(served);
  const json = async <T>(rest: string): Promise<T> => (await served.get(`${path}${rest}`)).json() as Promise<T>;
  expect(await json('/zValues')).toEqual([0]);
  // As render-python asks.
  expect(await json('/zValues/')).toEqual([0]);
  expect(await json('/sectionData')).toMatchObject([{ sectionId: '0', z: 0, tileCount: 4 }]);
  expect(await json('/section/0/z')).toBe(0);
  expect(await json('/tileIds')).toEqual(['t0', 't1', 't2', 't3']);
  const bounds = await json<Record<string, number>>('/bounds');
  expect([bounds['minX'], bounds['minZ'], bounds['maxZ']]).toEqual([expect.closeTo(-0.03 * 120, 9), 0, 0]);
  expect((await json<readonly { tileId: string }[]>('/z/0/tile-specs')).map(({ tileId }) => tileId)).toEqual([
    't0',
    't1',
    't2',
    't3',
  ]);
  const resolved = await json<{ tileCount: number; tileIdToSpecMap: object }>('/resolvedTiles');
  expect([resolved.tileCount, Object.keys(resolved.tileIdToSpecMap)]).toEqual([4, ['t0', 't1', 't2', 't3']]);
  const parameters = await json<{ width: number; scale: number; tileSpecs: readonly unknown[] }>(
    '/z/0/box/0,0,20,20,0.5/render-parameters',
  );
  expect([parameters.width, parameters.scale, parameters.tileSpecs.length]).toEqual([20, 0.5, 1]);
  const about = await json<{ state: string; stats: { tileCount: number }; stackId: { owner: string } }>('');
  expect([about.state, about.stats.tileCount, about.stackId.owner]).toEqual(['COMPLETE', 4, 'library']);
  const layout = (await (await served.get(`${path}/layoutFile`)).text()).trim().split('\n');
  expect(layout).toHaveLength(4);
  expect(layout[1]?.split('\t').slice(1, 3)).toEqual(['t1', '1.01']);
});

test('points go to tiles and back, in batches and one by one, and each error stands with its point', async () => {
  const at = tempEngine();
  const bend = polynomial('0 1 0 0 0 0.0006 0 0 1 0 0 0');
  const affine: Affine = [1, 0, 0, 1, 100, 50];
  const bent = { tileId: 'bent', picture: texture(200, 160, 5), affine, more: [bend] };
  await stackOf(at, [...fourTiles, bent]);
  const served = await serve(at);
  const path = await pathOf(served);
  const read = async <T>(answer: Promise<Response>): Promise<T> => (await answer).json() as Promise<T>;
  const world = [...Array(20).keys()].map((i) => ({ world: [10 + 13 * i, 20 + 9 * i] }));
  const local = await read<readonly (readonly Place[])[]>(
    served.put(`${path}/z/0/world-to-local-coordinates`, [...world, { world: [-900, 0] }, { x: 1 }]),
  );
  expect(local[20]?.[0]?.error).toContain('no tile');
  expect(local[21]?.[0]?.error).toContain('world values');
  for (const places of local.slice(0, 20)) expect(places.filter(({ visible }) => visible)).toHaveLength(1);
  const back = await read<readonly Place[]>(served.put(`${path}/z/0/local-to-world-coordinates`, local));
  for (const [i, { world: point }] of world.entries()) {
    expect(back[i]?.world?.[0]).toBeCloseTo(point[0]!, 5);
    expect(back[i]?.world?.[1]).toBeCloseTo(point[1]!, 5);
  }
  const one = await read<Place>(served.get(`${path}/tile/t2/local-to-world-coordinates/10,20`));
  const [x, y] = applyAffine(fourTiles[2]!.affine, 10, 20);
  expect(one).toEqual({ tileId: 't2', world: [expect.closeTo(x, 9), expect.closeTo(y, 9), 0] });
  const single = await read<readonly Place[]>(served.get(`${path}/z/0/world-to-local-coordinates/150,90`));
  expect(single.map(({ tileId }) => tileId)).toContain('bent');
  expect((await served.get(`${path}/z/0/world-to-local-coordinates/-900,0`)).status).toBe(400);
  const ids = await read<readonly Place[]>(
    served.put(`${path}/tileIdsForCoordinates`, [{ world: [10, 20, 0] }, { world: [10, 20] }]),
  );
  expect([ids[0]?.tileIds, typeof ids[1]?.error]).toEqual([['t0'], 'string']);
  expect((await served.get(`${path}/z/0/world-to-local-coordinates`, { method: 'PUT', body: 'no json' })).status).toBe(
    400,
  );
});

test('states change as in Render and tiles become new versions, where that was allowed', async () => {
  const at = tempEngine();
  await stackOf(at, fourTiles);
  const reader = await serve(at);
  const path = await pathOf(reader);
  expect((await reader.put(`${path}/state/READ_ONLY`, null)).status).toBe(403);
  await reader.stop();

  const served = await serve(at, { writable: true });
  const resolved = await (await served.get(`${path}/resolvedTiles`)).json();
  const other = path.replace(/[^/]+$/, 'moved');
  const put = await served.put(`${other}/resolvedTiles`, resolved);
  expect(put.status).toBe(201);
  expect((await served.put(`${other}/resolvedTiles`, resolved)).status).toBe(409);
  expect((await served.put(`${path}-b/resolvedTiles`, { nonsense: true })).status).toBe(400);
  expect(await (await served.get(`${other}/tileIds`)).json()).toEqual(['t0', 't1', 't2', 't3']);
  const states = ['READ_ONLY', 'OFFLINE', 'LOADING', 'COMPLETE', 'LOADING', 'READ_ONLY', 'COMPLETE', 'FINISHED'];
  const answers: number[] = [];
  for (const state of states) answers.push((await served.put(`${other}/state/${state}`, null)).status);
  expect(answers).toEqual([201, 201, 409, 201, 201, 409, 201, 400]);
  await served.put(`${other}/state/OFFLINE`, null);
  expect((await served.get(`${other}/z/0/box/0,0,50,50,1/png-image`)).status).toBe(409);
});
