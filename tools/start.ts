// npm start: builds what is stale, finds a runtime and opens the window. Arguments go to the app.
import { spawn } from 'node:child_process';
import { buildFor } from './build.ts';
import { ensureElectron } from './setup-electron.ts';
import { isRoot, root, runTool, toolEnv } from './workspace.ts';

await runTool(async () => {
  const runtime = await ensureElectron();
  await buildFor(runtime);
  // The sandbox cannot be set up by root; everyone else keeps it.
  const flags = process.platform === 'linux' && isRoot() ? ['--no-sandbox'] : [];
  const child = spawn(runtime.executable, [...flags, root, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: toolEnv(),
  });
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
  process.exitCode = code;
});
