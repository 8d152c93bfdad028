// npm run check: everything that can be said of the sources without running the product, in under half a minute.
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { at, run, runTool, say, toolEnv, ToolError } from './workspace.ts';

export interface Check {
  name: string;
  ok: boolean;
  seconds: number;
  output: string;
}

interface Step {
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
}

/** One compiler configuration a runtime, so that a global of another runtime does not compile. */
const PROJECTS = ['preload/contract', 'preload', 'native-workers', 'main/engine', 'main', 'renderer', 'test', 'tools'];

const crate = at('native-workers/crate');

const STEPS: readonly Step[] = [
  { name: 'layers', command: 'vitest', args: ['run', 'test/layers', '--reporter=dot'] },
  ...PROJECTS.filter((project) => globSync(`${project}/**/*.{ts,tsx}`, { cwd: at() }).length > 0).map((project) => ({
    name: `types of ${project}`,
    command: 'tsc',
    args: ['-p', project],
  })),
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings', '--format=unix', '--threads=2'] },
  { name: 'format', command: 'oxfmt', args: ['--check', '.'] },
];

const RUST_STEPS: readonly Step[] = [
  { name: 'Rust format', command: 'cargo', args: ['fmt', '--all', '--check'], cwd: crate },
  {
    name: 'Rust lint',
    command: 'cargo',
    args: ['clippy', '--workspace', '--all-targets', '--locked', '--quiet', '--', '-D', 'warnings'],
    cwd: crate,
  },
];

/** Runs every check, two at a time, and says how each went. `--no-rust` leaves cargo out. */
export async function check(withRust = true): Promise<Check[]> {
  const rust = withRust ? await availableRustSteps() : [];
  // Cargo's own steps wait for each other's lock, so they make one queue and the rest makes another.
  const [source, native] = await Promise.all([inTurn(STEPS), inTurn(rust)]);
  return [...source, ...native];
}

async function availableRustSteps(): Promise<readonly Step[]> {
  const missing = await Promise.all(
    ['fmt', 'clippy'].map(async (tool) => ((await cargo([tool, '--version'])).code === 0 ? '' : tool)),
  );
  const names = missing.filter((tool) => tool !== '');
  if (names.length > 0) {
    const components = names.map((name) => (name === 'fmt' ? 'rustfmt' : name)).join(' ');
    say(`Rust checks left out: rustup component add ${components}`);
  }
  return RUST_STEPS.filter(({ args }) => !names.includes(args[0] ?? ''));
}

const cargoEnv = (): NodeJS.ProcessEnv => toolEnv({ PATH: `${toolEnv()['PATH']}:${join(homedir(), '.cargo/bin')}` });

const cargo = (args: readonly string[]): ReturnType<typeof run> => run('cargo', args, { cwd: crate, env: cargoEnv() });

async function inTurn(steps: readonly Step[]): Promise<Check[]> {
  const done: Check[] = [];
  for (const { name, command, args, cwd } of steps) {
    const started = performance.now();
    const { code, output } = await run(command, args, { cwd: cwd ?? at(), env: cargoEnv() });
    const seconds = (performance.now() - started) / 1000;
    say(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
    if (code !== 0) say(output.trimEnd());
    done.push({ name, ok: code === 0, seconds, output });
  }
  return done;
}

if (import.meta.main) {
  await runTool(async () => {
    if (!existsSync(at('node_modules/.bin/oxlint'))) throw new ToolError('Dependencies are missing: npm ci');
    const checks = await check(!process.argv.includes('--no-rust'));
    const failed = checks.filter(({ ok }) => !ok).length;
    process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
    if (failed > 0) process.exitCode = 1;
  });
}
