// The shell: one window, one engine beside it, native dialogs and menu. It holds no data and does no work.
import { app, BrowserWindow } from 'electron';
import { appendFileSync, mkdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Launch } from '../preload/contract/bridge.ts';
import { connectEngine, openChannels } from './channels.ts';
import { EngineHost } from './engine-host.ts';
import { Grants } from './grants.ts';
import { harden, WEB_PREFERENCES } from './hardening.ts';
import { showMenu } from './menu.ts';
import { registerScheme, serveRenderer, START_URL } from './protocol.ts';
import { quitInOrder } from './quit.ts';
import { MIN_SIZE, recallState, rememberState } from './window-state.ts';

const BACKGROUND = '#0e0e10';
const dist = join(import.meta.dirname, '..');

/** What a second start hands to the first. */
interface SecondStart {
  argv: string[];
  cwd: string;
}

let window: BrowserWindow | null = null;
let launch: Promise<Launch> = Promise.resolve({ library: null });

function main(): void {
  const profile = app.commandLine.getSwitchValue('user-data-dir');
  if (profile !== '') app.setPath('userData', profile);
  const start: SecondStart = { argv: process.argv, cwd: process.cwd() };
  if (!app.requestSingleInstanceLock(start)) {
    process.stderr.write('Lamella is already running: its window was brought to the front.\n');
    app.quit();
    return;
  }
  // Root cannot set up the sandbox and says so with --no-sandbox; enabling it then would kill every child.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerScheme();
  void app.whenReady().then(() => run(start));
}

function run(start: SecondStart): void {
  harden();
  serveRenderer(join(dist, 'renderer'));
  const log = logger();
  const engine = new EngineHost({
    entry: join(dist, 'main', 'engine-process.cjs'),
    folder: app.getPath('userData'),
    log,
    onState: (state) => {
      window?.webContents.send('engine:state', state);
      if (state === 'running' && window) connectEngine(engine, window);
    },
  });
  const grants = new Grants({
    path: (id, path) => engine.grant(id, path),
    server: (origin) => engine.allowServer(origin),
  });
  engine.start();
  openChannels({ window: () => window, engine, grants, launch: () => launch });
  showMenu([], () => undefined);
  app.on('second-instance', (_event, _argv, _cwd, data) => void onSecondStart(data as SecondStart, grants));
  app.on('activate', () => window ?? openWindow());
  app.on('window-all-closed', () => app.quit());
  quitInOrder(engine, log);
  launch = launchOf(start, grants);
  openWindow();
}

function openWindow(): void {
  const stateFile = join(app.getPath('userData'), 'window.json');
  const { maximized, ...bounds } = recallState(stateFile);
  const opened = new BrowserWindow({
    ...bounds,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    backgroundColor: BACKGROUND,
    title: 'Lamella',
    show: false,
    webPreferences: { ...WEB_PREFERENCES, preload: join(dist, 'preload', 'index.cjs') },
  });
  window = opened;
  if (maximized) opened.maximize();
  rememberState(opened, stateFile);
  opened.once('ready-to-show', () => opened.show());
  opened.on('closed', () => {
    window = null;
  });
  // A lost renderer loses no data: the page comes back and asks the engine for everything again.
  opened.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && !opened.isDestroyed()) opened.webContents.reload();
  });
  void opened.loadURL(START_URL);
}

async function onSecondStart(start: SecondStart, grants: Grants): Promise<void> {
  if (!window) return;
  if (window.isMinimized()) window.restore();
  window.focus();
  launch = launchOf(start, grants);
  const wanted = await launch;
  if (wanted.library) window.webContents.send('app:launched', wanted);
}

/** Reads `--library DIR` or `--library=DIR`; a relative folder is relative to where the user typed it. */
async function launchOf({ argv, cwd }: SecondStart, grants: Grants): Promise<Launch> {
  const folder = libraryArgument(argv);
  if (folder === undefined) return { library: null };
  return { library: await grants.grantLibrary(isAbsolute(folder) ? folder : resolve(cwd, folder)) };
}

function libraryArgument(argv: readonly string[]): string | undefined {
  const index = argv.findIndex((arg) => arg === '--library' || arg.startsWith('--library='));
  const found = argv[index];
  if (found === undefined) return undefined;
  const folder = found === '--library' ? argv[index + 1] : found.slice('--library='.length);
  return folder === undefined || folder === '' ? undefined : folder;
}

/** The engine's own words go to the log file, and to the terminal that started the app. */
function logger(): (line: string) => void {
  const folder = app.getPath('logs');
  mkdirSync(folder, { recursive: true });
  return (line) => {
    process.stderr.write(`${line}\n`);
    try {
      appendFileSync(join(folder, 'engine.log'), `${new Date().toISOString()} ${line}\n`);
    } catch {
      // A full disk must not take the window down with it.
    }
  };
}

main();
