// The command line in processes of its own: as it is built in npm test, from its sources otherwise.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acquireTiles } from '../engine/acquisition.ts';
import { cli, fromSources, run } from '../engine/kill-harness.ts';
import type { Ran } from '../engine/kill-harness.ts';
import { tempFolder, tempLibrary } from '../engine/temp-library.ts';

const lamella = (...args: string[]): Promise<Ran> => run(cli(args, fromSources));

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const errorOf = ({ stderr }: Pick<Ran, 'stderr'>): { tag: string; message: string; hint: string } =>
  lines(stderr).at(-1)?.['error'] as { tag: string; message: string; hint: string };

describe('without a library', () => {
  test('help and version go to stdout with exit code 0', async () => {
    const [help, verb, version] = await Promise.all([
      lamella('--help'),
      lamella('stitch', 'start', '--help'),
      lamella('--version'),
    ]);
    expect([help.code, verb.code, version.code]).toEqual([0, 0, 0]);
    expect(help.stdout).toContain('ingest start');
    expect(verb.stdout).toContain('--model translation|rigid|similarity|affine|polynomial');
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('what cannot be understood leaves stdout empty and tells the next step', async () => {
    const [plain, json] = await Promise.all([lamella('ingest', 'strt'), lamella('ingest', 'strt', '--json')]);
    expect([plain.code, plain.stdout, json.code, json.stdout]).toEqual([2, '', 2, '']);
    expect(plain.stderr).toContain('Did you mean lamella ingest start?');
    expect(errorOf(json)).toMatchObject({ tag: 'invalid-input', hint: 'Did you mean lamella ingest start?' });
  });

  test('with --json, help that nobody asked for is an error, not a text on stdout', async () => {
    const [none, verbless] = await Promise.all([lamella('--json'), lamella('stitch', '--json')]);
    expect([none.code, none.stdout, verbless.code, verbless.stdout]).toEqual([2, '', 2, '']);
    expect(errorOf(none).tag).toBe('invalid-input');
    expect(errorOf(verbless).hint).toMatch(/start, .*fuse/);
  });
});

describe('with a library', () => {
  test('is made where none is; a query makes none', async () => {
    const folder = join(tempFolder(), 'new');
    const none = await lamella('library', 'info', '--library', folder, '--json');
    expect([none.code, errorOf(none).tag, existsSync(folder)]).toEqual([3, 'not-found', false]);
    const opened = await lamella('library', 'open', '--library', folder, '--json');
    expect(opened.code).toBe(0);
    expect(lines(opened.stdout)).toMatchObject([{ name: 'new', datasets: [], readOnly: false }]);
  });

  test('a library that is open elsewhere is an error of its own', async () => {
    const folder = tempFolder();
    tempLibrary(folder);
    const ran = await lamella('library', 'info', '--library', folder, '--json');
    expect([ran.code, errorOf(ran).tag]).toEqual([10, 'library-locked']);
    expect(errorOf(ran).message).toContain(String(process.pid));
  });

  test('a job tells its progress line by line, and its result in one', async () => {
    const folder = tempFolder();
    acquireTiles(join(folder, 'tiles'), { rows: 2, cols: 2 });
    const ran = await lamella(
      'ingest',
      'start',
      '--library',
      join(folder, 'library'),
      '--source',
      join(folder, 'tiles'),
      '--layout',
      'tiles:TileConfiguration.txt',
      '--json',
    );
    expect(ran.code).toBe(0);
    const [result] = lines(ran.stdout);
    expect(result).toMatchObject({ tiles: 4, warnings: [] });
    expect(Object.keys(result ?? {})).toEqual(['dataset', 'tiles', 'warnings']);
    const progress = lines(ran.stderr);
    expect(progress.at(-1)).toMatchObject({ kind: 'ingest.start', state: 'done', done: 4, total: 4, unit: 'tiles' });
    for (const line of progress)
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining(['job', 'stage', 'done', 'total', 'unit', 'ratePerSec', 'etaSecs', 'warnings']),
      );
  });

  test('a mistyped library is an error and is not made', async () => {
    const folder = join(tempFolder(), 'typo');
    const ran = await lamella('stitch', 'start', '--library', folder, '--dataset', 'dataset-000000000000', '--json');
    expect([ran.code, ran.stdout, existsSync(folder)]).toEqual([3, '', false]);
  });

  test('a check that finds something tells so by its exit code', async () => {
    const folder = tempFolder();
    const [tiles, library] = [join(folder, 'tiles'), join(folder, 'library')];
    acquireTiles(tiles, { rows: 2, cols: 2 });
    const json = async (...words: string[]): Promise<Record<string, unknown>> =>
      lines((await lamella(...words, '--library', library, '--json')).stdout)[0] ?? {};
    const layout = 'tiles:TileConfiguration.txt';
    const { dataset } = await json('ingest', 'start', '--source', tiles, '--layout', layout);
    const { stack } = await json('stitch', 'start', '--dataset', String(dataset));
    const { volume } = await json('stitch', 'fuse', '--stack', String(stack));
    expect((await lamella('library', 'check', '--library', library)).code).toBe(0);
    rmSync(join(library, 'volumes', String(volume)), { recursive: true });
    const ran = await lamella('library', 'check', '--library', library, '--json');
    expect([ran.code, lines(ran.stdout)[0]?.['ok']]).toEqual([12, false]);
  });

  test('a job that fails exits with the code of its error', async () => {
    const folder = tempFolder();
    const ran = await lamella(
      'ingest',
      'start',
      '--library',
      join(folder, 'library'),
      '--source',
      folder,
      '--layout',
      'tiles:none.txt',
      '--json',
    );
    expect([ran.code, ran.stdout, errorOf(ran).tag]).toEqual([5, '', 'bad-layout']);
  });

  test('SIGINT cancels, keeps what is done, and exits with 130', async () => {
    const folder = tempFolder();
    const [command = '', ...args] = cli(
      ['sample', 'make', '--library', folder, '--sections', '64', '--json'],
      fromSources,
    );
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stderr, isInterrupted] = ['', false];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!isInterrupted && /"done":[1-9]/.test(text)) isInterrupted = child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    expect(errorOf({ stderr }).tag).toBe('cancelled');
    const { stdout } = await lamella('job', 'list', '--library', folder, '--json');
    expect(lines(stdout)).toMatchObject([{ jobs: [{ kind: 'sample.make', state: 'cancelled' }] }]);
  });

  test('work goes on when nobody reads its progress any more', async () => {
    const folder = tempFolder();
    acquireTiles(join(folder, 'tiles'), { rows: 2, cols: 2 });
    const words = ['ingest', 'start', '--library', join(folder, 'library'), '--source', join(folder, 'tiles')];
    const [command = '', ...args] = cli([...words, '--layout', 'tiles:TileConfiguration.txt', '--json'], fromSources);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.destroy();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(lines(stdout)).toMatchObject([{ tiles: 4 }]);
  });

  test.runIf(existsSync('/dev/full'))('a result that cannot be written is a failure', async () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    const [command = '', ...args] = cli(['library', 'info', '--library', folder, '--json'], fromSources);
    const full = openSync('/dev/full', 'w');
    const child = spawn(command, args, { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(14);
    closeSync(full);
    expect(errorOf({ stderr })).toMatchObject({ tag: 'disk-full' });
  });

  test('under npm, paths are meant from where the user stands', async () => {
    const folder = tempFolder();
    tempLibrary(join(folder, 'mine')).close();
    const [command = '', ...args] = cli(['library', 'info', '--library', './mine', '--json'], fromSources);
    const env = { ...process.env, INIT_CWD: folder, npm_lifecycle_event: 'lamella' };
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(lines(stdout)).toMatchObject([{ name: 'mine' }]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends the work, says so and exits with %i', async (signal, exit) => {
    const folder = tempFolder();
    const [command = '', ...args] = cli(
      ['sample', 'make', '--library', folder, '--sections', '64', '--json'],
      fromSources,
    );
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stderr, isEnded] = ['', false];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!isEnded && /"done":[1-9]/.test(text)) isEnded = child.kill(signal);
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(exit);
    expect(lines(stderr)).toContainEqual({ error: expect.objectContaining({ tag: 'cancelled' }) as unknown });
  });

  test('a stream is printed as it comes, until it is stopped', async () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    const [command = '', ...args] = cli(['job', 'watch', '--library', folder, '--json'], fromSources);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    // Nothing is printed while nothing runs: a start on a busy machine must be over by then.
    setTimeout(() => child.kill('SIGINT'), 4000);
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
  });
});
