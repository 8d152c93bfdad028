// A deformation by processes that are killed (SIGKILL) in the midst of a level: its fields are those of one that was not.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ChunkAt, checkpointsIn, isBefore } from '../../main/engine/registrations/checkpoint.ts';
import { bent, photograph } from './bent-brain.ts';
import { added } from './made-up-brain.ts';
import { cli, fromSources, run } from './kill-harness.ts';
import { tempEngine } from './temp-engine.ts';

const fieldsOf = (library: string, registration: string): Readonly<Record<string, string>> => {
  const folder = join(library, 'fields', registration);
  const names = readdirSync(folder).filter((name) => name.endsWith('.nrrd'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
};

/** Where a registration other than `done` is worked on. */
function otherThan(library: string, done: string): string | undefined {
  const folder = join(library, 'fields');
  const [other] = existsSync(folder) ? readdirSync(folder).filter((name) => name !== done) : [];
  return other && join(folder, other);
}

/** Its last checkpoint. */
function lastOf(library: string, done: string): ChunkAt | undefined {
  const other = otherThan(library, done);
  return other === undefined ? undefined : checkpointsIn(other).at(-1);
}

test(
  'a deformation that is killed mid-level goes on at its checkpoint, to the same fields',
  { timeout: 180_000 },
  async () => {
    const engine = tempEngine();
    const { client, library, folder, result } = engine;
    const [stays, wavy] = [photograph(folder, 'atlas', (place) => place), photograph(folder, 'brain', bent)];
    const [fixed, moving] = [await added(engine, stays.image), await added(engine, wavy.image)];
    const asked = { library, fixed, moving, smoothUm: 120, iterations: 40 };
    const whole = await result<{ registration: string }>(client.register.lddmm(asked));
    const undisturbed = fieldsOf(library, whole.registration);
    expect(Object.keys(undisturbed)).toHaveLength(2);
    await client.library.close({ library });

    const given = ['--fixed', fixed, '--moving', moving, '--smooth-um', '120', '--iterations', '40', '--threads', '1'];
    const command = cli(['register', 'lddmm', '--library', library, ...given, '--json'], fromSources);
    const reached: ChunkAt[] = [];
    for (const wanted of [
      { level: 0, chunk: 1 },
      { level: 1, chunk: 0 },
    ]) {
      const isTime = (): boolean => {
        const last = lastOf(library, whole.registration);
        return last !== undefined && !isBefore(last, wanted);
      };
      expect((await run(command, { isTime })).signal).toBe('SIGKILL');
      reached.push(lastOf(library, whole.registration)!);
      // As a kill within a write leaves it.
      writeFileSync(join(otherThan(library, whole.registration)!, `.lamella-part-${reached.length}`), 'half');
    }
    expect(isBefore(reached[0]!, { level: 1, chunk: 0 })).toBe(true);
    const last = await run(command);
    expect([last.code, last.stderr]).toEqual([0, expect.anything()]);
    const { registration } = JSON.parse(last.stdout) as { registration: string };
    expect(fieldsOf(library, registration)).toEqual(undisturbed);
    const left = readdirSync(join(library, 'fields', registration)).filter((name) => name.startsWith('.'));
    expect(left).toEqual([]);
    const { registrations } = (await client.register.list({ library })).value;
    expect(registrations.flatMap(({ id, kind }) => (kind === 'deformable' ? id : []))).toEqual([
      registration,
      whole.registration,
    ]);
  },
);
