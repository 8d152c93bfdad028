// Starts the built app in the real Electron, with a profile of its own, and watches for anything that goes wrong.
import type { ElectronApplication, Page } from '@playwright/test';
import { test as base, _electron } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellOfClosing } from './closing.ts';

const root = join(import.meta.dirname, '..', '..');

export const SIZES = {
  laptop: { width: 1280, height: 800 },
  desktop: { width: 1920, height: 1080 },
} as const;

export interface LamellaWindow {
  app: ElectronApplication;
  page: Page;
  /** The app's userData folder. */
  profile: string;
  /** Errors on the console (what the content security policy refuses is among them) and uncaught exceptions. */
  problems: string[];
}

export interface StartOptions {
  /** Arguments after the app, such as `--library DIR`. */
  args?: readonly string[];
  /** An earlier window's profile, to start again where it ended. */
  profile?: string;
}

/** Starts a window and waits until its page has loaded. The caller closes it. */
export async function startLamella({ args = [], profile }: StartOptions = {}): Promise<LamellaWindow> {
  const own = profile ?? mkdtempSync(join(tmpdir(), 'lamella-window-'));
  const app = await _electron.launch({
    args: [root, `--user-data-dir=${own}`, ...args],
    env: { ...environment(), ...display(), DBUS_SESSION_BUS_ADDRESS: 'disabled:', LANG: 'en_US.UTF-8' },
  });
  tellOfClosing(app, own);
  const page = await app.firstWindow();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(`${error.name}: ${error.message}`));
  await page.waitForLoadState('load');
  return { app, page, profile: own, problems };
}

const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Of two tests at a time, the second has its windows on the other display. */
function display(): Record<string, string> {
  const { TEST_PARALLEL_INDEX, LAMELLA_OTHER_DISPLAY, LAMELLA_OTHER_XAUTHORITY } = process.env;
  if (TEST_PARALLEL_INDEX !== '1' || LAMELLA_OTHER_DISPLAY === undefined) return {};
  return { DISPLAY: LAMELLA_OTHER_DISPLAY, XAUTHORITY: LAMELLA_OTHER_XAUTHORITY ?? '' };
}

/** A test with a window of its own, closed and cleared away after it. */
export const test = base.extend<{ lamella: LamellaWindow }>({
  // Playwright reads the names of the fixtures needed from this pattern, so it must be there, and empty.
  // oxlint-disable-next-line no-empty-pattern
  lamella: async ({}, use) => {
    const lamella = await startLamella();
    await use(lamella);
    await lamella.app.close();
    rmSync(lamella.profile, { recursive: true, force: true });
  },
});

/** What is in view is drawn as it stays, or nothing is. Runs in the page. */
const isDrawn = (): boolean =>
  document.querySelector<HTMLElement>('[aria-label="Drawing"]')?.dataset['state'] !== 'drawing';

/**
 * Writes a screenshot of the window's content, `size` in CSS pixels: to docs/images with LAMELLA_SHOTS=docs
 * (`npm run shots`), otherwise beside the other test results, so that a test run leaves no file changed. Names that start with `check-`
 * are for the eye of who tests, never for the docs.
 */
export async function shoot(
  { app, page }: LamellaWindow,
  name: string,
  size: keyof typeof SIZES = 'laptop',
): Promise<void> {
  const isForDocs = process.env['LAMELLA_SHOTS'] === 'docs' && !name.startsWith('check-');
  const to: { width: number; height: number } = SIZES[size];
  const fits = ({ width, height }: typeof to): boolean => innerWidth === width && innerHeight === height;
  const fitted = await page.evaluate(fits, to);
  if (!fitted) {
    await app.evaluate(
      ({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
      to,
    );
    await page.waitForFunction(fits, to);
  }
  // The panes are drawn in a worker, a few frames after the window has its new size.
  if (isForDocs || !fitted) await page.waitForTimeout(400);
  if (isForDocs) await page.waitForFunction(isDrawn);
  const folder = join(root, isForDocs ? 'docs/images' : 'test-results/images');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
