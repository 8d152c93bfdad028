// What a registration shows is made once: the window finds the warped volume that is there, and no other.
import { expect, test } from 'vitest';
import { seenAlready } from '../../renderer/state/register/seen-already.ts';
import { bent, photograph } from './bent-brain.ts';
import { tempEngine } from './temp-engine.ts';

test('a warped volume is found by its registration, its way, what it shows and its grid', async () => {
  const { client, library, folder, result } = tempEngine();
  const add = async (source: string): Promise<string> =>
    (await result<{ volume: string }>(client.volume.add({ library, source }))).volume;
  const fixed = await add(photograph(folder, 'stays', (place) => place).image);
  const other = photograph(folder, 'moves', bent);
  const [moving, labels] = [await add(other.image), await add(other.labelFile)];
  const asked = { library, fixed, moving, orientations: 'as-is' as const };
  const { registration: start } = await result<{ registration: string }>(client.register.affine(asked));
  const bend = { library, start, smoothUm: 120, finestUm: 120, iterations: 3 };
  const { registration } = await result<{ registration: string }>(client.register.lddmm(bend));

  const find = async (id: string, onto: 'fixed' | 'moving', volume: string): Promise<string | undefined> => {
    const { value } = await client.register.get({ library, registration: id });
    const { warps } = (await client.warp.list({ library })).value;
    return seenAlready(warps, value.registration, onto, volume)?.volume;
  };
  for (const id of [start, registration]) {
    await client.register.apply({ library, registration: id, voxelSizeNm: [50_000, 50_000, 50_000] });
    expect(await find(id, 'fixed', moving)).toBeUndefined();
    const { volume } = await client.register.apply({ library, registration: id });
    expect(await find(id, 'fixed', moving)).toBe(volume.id);
    expect(await find(id, 'fixed', labels)).toBeUndefined();
    expect(await find(id, 'moving', fixed)).toBeUndefined();
    const back = await client.register.apply({ library, registration: id, onto: 'moving' });
    expect(await find(id, 'moving', fixed)).toBe(back.volume.id);
  }
  const shift = [1, 0, 0, 5000, 0, 1, 0, 0, 0, 0, 1, 0];
  await client.register.nudge({ library, registration: start, matrix: shift });
  expect(await find(start, 'fixed', moving)).toBeUndefined();
  await client.library.undo({ library });
  expect(await find(start, 'fixed', moving)).toBeDefined();
});
