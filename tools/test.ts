// npm test: everything, on a bare machine too. Ends with the one line that CI reads: `N passed, N failed`.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildFor } from './build.ts';
import { check } from './check.ts';
import { ensureElectron } from './setup-electron.ts';
import { ensureSystemLibraries } from './system-libraries.ts';
import { at, run, say, toolEnv, ToolError } from './workspace.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Suite {
  name: string;
  run: () => Promise<Tally>;
}

const RESULTS = at('test-results');

const SUITES: readonly Suite[] = [
  { name: 'setup', run: setUp },
  { name: 'check', run: checkSources },
  { name: 'rust', run: testCrate },
  { name: 'unit', run: testUnits },
  { name: 'window', run: testWindow },
];

async function setUp(): Promise<Tally> {
  await buildFor(ensureSystemLibraries().then(ensureElectron));
  return { passed: 0, failed: 0, skipped: 0 };
}

async function checkSources(): Promise<Tally> {
  const checks = await check();
  const failed = checks.filter(({ ok }) => !ok).length;
  return { passed: checks.length - failed, failed, skipped: 0 };
}

async function testCrate(): Promise<Tally> {
  const env = toolEnv({ PATH: `${toolEnv()['PATH']}:${join(homedir(), '.cargo/bin')}` });
  const options = { cwd: at('native-workers/crate'), env, output: 'tee' } as const;
  // The binding has no tests of its own, and much to compile to find none; nor have the docs of any crate.
  const tested = ['kernels', 'assembly', 'register'];
  const { code, output } = await run(
    'cargo',
    ['test', '--tests', ...tested.flatMap((name) => ['--package', name]), '--locked', '--quiet'],
    options,
  );
  const results = [...output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm)];
  const sum = (index: number): number => results.reduce((total, match) => total + Number(match[index]), 0);
  return withExit({ passed: sum(1), failed: sum(2), skipped: sum(3) }, code);
}

async function testUnits(): Promise<Tally> {
  const file = join(RESULTS, 'unit.json');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const { code } = await run('vitest', ['run', '--exclude', 'test/layers/**', ...reporters], {
    output: 'tee',
    env: toolEnv({ LAMELLA_BUILT: '1' }),
  });
  const report = readReport<{
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
  }>(file);
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return withExit({ passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0, skipped }, code);
}

/** Most windows wait more than they work: two at a time, on a display each. Then those whose timing counts, alone. */
async function testWindow(): Promise<Tally> {
  const hasDisplay = process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '';
  if (hasDisplay) return testWindows('window', [], []);
  const screen = (from: number): readonly string[] => [
    ...['xvfb-run', '-n', String(from), '-a', '-s', '-screen 0 1920x1080x24'],
  ];
  const remember = 'LAMELLA_OTHER_DISPLAY=$DISPLAY LAMELLA_OTHER_XAUTHORITY=$XAUTHORITY exec "$@"';
  const two = [...screen(100), 'sh', '-c', remember, 'sh', ...screen(200)];
  const together = await testWindows('window', two, ['--project', 'long', '--project', 'together']);
  return added([together, await testWindows('window-alone', screen(100), ['--project', 'alone'])]);
}

async function testWindows(part: string, screen: readonly string[], chosen: readonly string[]): Promise<Tally> {
  const [command = '', ...args] = [...screen, 'playwright', 'test', '-c', 'test/window', ...chosen];
  const env = toolEnv({ DBUS_SESSION_BUS_ADDRESS: 'disabled:', LAMELLA_WINDOW_PART: part });
  const { code } = await run(command, args, { output: 'tee', env });
  const stats = readReport<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>(
    join(RESULTS, `${part}.json`),
  )?.stats;
  const passed = (stats?.expected ?? 0) + (stats?.flaky ?? 0);
  return withExit({ passed, failed: stats?.unexpected ?? 0, skipped: stats?.skipped ?? 0 }, code);
}

function added(tallies: readonly Tally[]): Tally {
  const sum = (of: keyof Tally): number => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** A suite that failed without a failed test (it did not compile, or crashed) still counts as one failure. */
const withExit = (tally: Tally, code: number): Tally =>
  code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;

const readReport = <T>(file: string): T | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;

async function runSuite(suite: Suite): Promise<Tally> {
  const started = performance.now();
  say(`\n── ${suite.name} ──`);
  let tally: Tally;
  try {
    tally = await suite.run();
  } catch (error) {
    say(error instanceof ToolError ? error.message : String((error as Error).stack));
    tally = { passed: 0, failed: 1, skipped: 0 };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`── ${suite.name}: ${line(tally)} (${seconds} s) ──`);
  return tally;
}

const line = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** `--only check,unit` runs some; the setup always runs first, and when it fails nothing else can. */
function wantedSuites(): readonly Suite[] {
  const index = process.argv.indexOf('--only');
  const names = index < 0 ? [] : (process.argv[index + 1] ?? '').split(',');
  return SUITES.filter(({ name }) => names.length === 0 || name === 'setup' || names.includes(name));
}

/** What is checked needs nothing that the setup makes, which compiles on one core for much of its time. */
const isEarly = ({ name }: Suite): boolean => name === 'setup' || name === 'check';

async function runSuites(suites: readonly Suite[]): Promise<readonly Tally[]> {
  const early = await Promise.all(suites.filter(isEarly).map(runSuite));
  if ((early[0]?.failed ?? 0) > 0) return early;
  const tallies = [...early];
  for (const suite of suites.filter((one) => !isEarly(one))) tallies.push(await runSuite(suite));
  return tallies;
}

rmSync(RESULTS, { recursive: true, force: true });
const tallies = await runSuites(wantedSuites());
const total = added(tallies);
process.stdout.write(`\n${line(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
