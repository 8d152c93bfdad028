// An import that is killed (SIGKILL) while it copies a field: its copies are those of one that was not.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { itkScene } from './itk-registrations.ts';
import { cli, fromSources, run } from './kill-harness.ts';
import { tempEngine } from './temp-engine.ts';
import { writeNrrd } from './write-nrrd.ts';

const side = 128;

/** Over the fixed volume and around it: a wave of 30 µm, fine enough that copying it takes a while. */
function largeField(folder: string): string {
  const vectors = new Float32Array(3 * side ** 3);
  for (let i = 0; i < vectors.length; i++) vectors[i] = 0.03 * Math.sin((i % side) / 20);
  const place = [
    'space: left-posterior-superior',
    'space directions: (0.0169,0,0) (0,0.0169,0) (0,0,0.0169) none',
    'space origin: (2.9,-8.1,1.4)',
    'kinds: domain domain domain vector',
  ];
  return writeNrrd(join(folder, 'large.nrrd'), [side, side, side, 3], vectors, place);
}

const filesOf = (library: string): readonly string[] => {
  const folder = join(library, 'fields');
  const registrations = existsSync(folder) ? readdirSync(folder) : [];
  return registrations.flatMap((one) => readdirSync(join(folder, one)).map((name) => join(folder, one, name)));
};

test('an import that is killed mid-copy goes on to the same field', { timeout: 180_000 }, async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const { fixed, moving, transforms } = await itkScene(engine, 'ants');
  const [files, back] = [[largeField(folder), transforms[1]!], [transforms[1]!]];
  const input = { library, fixed, moving, transforms: files, back, invertBack: [true] };
  await engine.result(client.register.import(input));
  const [undisturbed] = filesOf(library);
  await client.library.close({ library });

  const given = ['--fixed', fixed, '--moving', moving, '--transforms', files.join(','), '--threads', '1'];
  const way = ['--back', back.join(','), '--invert-back', 'true'];
  const command = cli(['register', 'import', '--library', library, ...given, ...way, '--json'], fromSources);
  const isTime = (): boolean => filesOf(library).some((path) => path.endsWith('.partial'));
  expect((await run(command, { isTime })).signal).toBe('SIGKILL');
  expect(filesOf(library).filter((path) => path.endsWith('.nrrd'))).toEqual([undisturbed]);
  const last = await run(command);
  expect([last.code, last.stderr]).toEqual([0, expect.anything()]);
  const { registration } = JSON.parse(last.stdout) as { registration: string };
  const copy = join(library, 'fields', registration, 'there-a.nrrd');
  expect(new Set(filesOf(library))).toEqual(new Set([undisturbed, copy]));
  expect(readFileSync(copy).equals(readFileSync(undisturbed!))).toBe(true);
});
