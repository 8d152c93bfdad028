import { buildFor } from '../../tools/build.ts';
import { ensureElectron } from '../../tools/setup-electron.ts';

/** Runs once before the window tests, so that they also work when started by hand. */
export async function setUp(): Promise<void> {
  const runtime = await ensureElectron();
  await buildFor(runtime);
  // Playwright and the electron package take whatever runtime lies here.
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = runtime.dist;
}

// Playwright asks for the function as the module's default export.
// oxlint-disable-next-line import/no-default-export
export { setUp as default };
