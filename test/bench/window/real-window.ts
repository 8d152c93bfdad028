// The built app in a window of its own, started from the bench, on a screen of its own where there is none.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { buildFor } from '../../../tools/build.ts';
import { ensureElectron } from '../../../tools/setup-electron.ts';
import type { LamellaWindow } from '../../window/lamella-window.ts';

/** Starts the window on a library, and closes it and clears its profile away in the end. */
export async function withWindow<T>(library: string, use: (window: LamellaWindow) => Promise<T>): Promise<T> {
  const runtime = await ensureElectron();
  await buildFor(runtime);
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = runtime.dist;
  const screen = await startScreen();
  try {
    // Loaded here: the bench is quick to start where no window is asked for.
    const { startLamella } = await import('../../window/lamella-window.ts');
    const window = await startLamella({ args: ['--library', library] });
    try {
      return await use(window);
    } finally {
      await window.app.close();
      rmSync(window.profile, { recursive: true, force: true });
    }
  } finally {
    screen?.kill();
  }
}

/** A screen in memory, where Linux has none; DISPLAY names it from then on. */
async function startScreen(): Promise<ChildProcess | null> {
  if (process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '') return null;
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1920x1080x24'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const number = await new Promise<string>((resolve, reject) => {
    screen.once('error', reject);
    screen.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim()));
  });
  process.env['DISPLAY'] = `:${number}`;
  screen.once('exit', () => delete process.env['DISPLAY']);
  return screen;
}
