// Quitting in order: the window closes, the engine closes its databases, and nothing of Lamella stays behind, also where
// a page or a graphics driver hangs. Everything acknowledged is on disk either way.
import { app, BrowserWindow } from 'electron';
import type { EngineHost } from './engine-host.ts';

/** What does not end by then is left behind. */
const PATIENCE_MS = 8000;

/** Call once. `log` is told of what did not end by itself. */
export function quitInOrder(engine: EngineHost, log: (line: string) => void): void {
  let stopped = false;
  let drawing: readonly number[] = [];
  app.once('before-quit', () => {
    drawing = drawingProcesses();
    setTimeout(() => {
      const windows = BrowserWindow.getAllWindows().length;
      log(`Quitting took ${PATIENCE_MS / 1000} s: ${windows} windows open, engine ${stopped ? 'stopped' : 'running'}.`);
      void engine.stop().finally(() => app.exit(0));
    }, PATIENCE_MS);
  });
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void engine.stop().then(() => {
      stopped = true;
      app.quit();
    });
  });
  app.once('quit', () => drawing.forEach(end));
}

/** Pages and the graphics process: these hold nothing that is not kept, and may hang with the driver. */
const drawingProcesses = (): readonly number[] =>
  app
    .getAppMetrics()
    .filter(({ type }) => type === 'Tab' || type === 'GPU')
    .map(({ pid }) => pid);

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, as it should.
  }
}
