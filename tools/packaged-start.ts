// Starts the packaged app, looks whether its page came up and its engine answers, and closes it again.
// Through Chromium's debugging port: the fuses of a packaged app keep Node's inspector, and so Playwright's
// own way in, shut.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot, run, toolEnv, ToolError } from './workspace.ts';

const START_TIMEOUT_MS = 60_000;

/** Says in a sentence how the start went; a ToolError when the app does not come up. */
export async function startPackaged(executable: string): Promise<string> {
  const hasDisplay = (process.env['DISPLAY'] ?? '') !== '';
  if (!hasDisplay && (await run('xvfb-run', ['--help'])).code !== 0) {
    return 'Not started: there is no display, and no xvfb-run (apt-get install -y xvfb xauth).';
  }
  const profile = mkdtempSync(join(tmpdir(), 'lamella-packaged-'));
  const flags = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, '--library', join(profile, 'library')];
  const app = [executable, ...(isRoot() ? ['--no-sandbox'] : []), ...flags];
  const [command = '', ...args] = hasDisplay ? app : ['xvfb-run', '-a', ...app];
  const env = toolEnv({ DBUS_SESSION_BUS_ADDRESS: 'disabled:' });
  // A group of its own, so that whatever happens the whole tree of processes goes with it.
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  try {
    const port = await until(
      () => /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(words)?.[1],
      () => words,
    );
    return await lookAt(await pageTarget(port, () => words));
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    if (child.exitCode === null) await new Promise((resolve) => child.once('close', resolve));
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

interface Target {
  type: string;
  url: string;
  webSocketDebuggerUrl: string;
}

async function pageTarget(port: string, explain: () => string): Promise<Target> {
  return until(async () => {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Target[];
    return targets.find(({ type, url }) => type === 'page' && url.startsWith('app://lamella/'));
  }, explain);
}

/**
 * Has the engine, through the page, make a small sample acquisition in the library it was started with: that needs the
 * port, SQLite, a worker thread and the kernels, all out of the package.
 */
const TRY_ENGINE = `(async () => {
  // The page closes ports that it did not need; this one is ours.
  MessagePort.prototype.close = () => undefined;
  const port = await new Promise((resolve) => {
    addEventListener('message', ({ ports }) => ports[0] && resolve(ports[0]));
    lamella.connectEngine();
  });
  const call = (id, path, input, isLast) => new Promise((resolve) => {
    const listen = ({ data }) => {
      if (data.id !== id) return;
      if (data.t === 'fail') resolve(data.error.tag + ': ' + data.error.message);
      else if (isLast(data)) resolve(data.value);
    };
    port.addEventListener('message', listen);
    port.start();
    port.postMessage({ t: 'call', id, path, input });
  });
  const answered = ({ t }) => t === 'ok';
  const { library: grant } = await lamella.launch();
  const { library } = await call(1e6, 'library.open', { library: grant.id }, answered);
  const size = { sections: 1, rows: 2, cols: 2, tilePx: 128 };
  const { job } = await call(1e6 + 1, 'sample.make', { library, ...size }, answered);
  const ended = ({ t, value }) => t === 'event' && value.id === job && /^(done|failed|cancelled)/.test(value.state);
  const last = await call(1e6 + 2, 'job.watch', { library }, ended);
  return typeof last === 'string' ? last : last.state;
})()`;

async function lookAt(target: Target): Promise<string> {
  const isReady = async (): Promise<true | undefined> =>
    (await evaluate(target.webSocketDebuggerUrl, 'document.readyState')) === 'complete' ? true : undefined;
  await until(isReady, () => `${target.url} does not load.`);
  const answer = await evaluate(target.webSocketDebuggerUrl, TRY_ENGINE);
  if (!String(answer).startsWith('done'))
    throw new ToolError(`The packaged app came up, but its engine ended with: ${answer}.`);
  return `Started it: ${target.url} loads, and its engine made a sample acquisition.`;
}

function evaluate(endpoint: string, expression: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint);
    const timer = setTimeout(() => reject(new ToolError('The packaged app gave no answer.')), START_TIMEOUT_MS);
    const params = { expression, awaitPromise: true };
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      clearTimeout(timer);
      socket.close();
      const answer = JSON.parse(data) as { result?: { result: { value?: string } } };
      resolve(answer.result?.result.value ?? data);
    };
    socket.onerror = () => reject(new ToolError('The packaged app closed its debugging port.'));
  });
}

type MaybePromise<T> = T | Promise<T>;

async function until<T>(look: () => MaybePromise<T | undefined>, explain: () => string): Promise<T> {
  const end = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new ToolError(`The packaged app did not start within ${START_TIMEOUT_MS / 1000} s.\n${explain()}`);
}
