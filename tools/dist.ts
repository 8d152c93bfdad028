// npm run dist: packages the app. The unpacked folder and its tar.gz need nothing from the network; `--all` also
// makes the installers that electron-builder.yml configures for this system (their tools are fetched).
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFor } from './build.ts';
import { thirdPartyLicences } from './licences.ts';
import { startPackaged } from './packaged-start.ts';
import type { ElectronRuntime } from './setup-electron.ts';
import { ensureElectron } from './setup-electron.ts';
import { at, mustRun, runTool, say, ToolError } from './workspace.ts';

const release = at('release');

async function packageApp(runtime: ElectronRuntime, targets: readonly string[]): Promise<void> {
  await mustRun('electron-builder', [
    ...targets,
    '--publish=never',
    `-c.electronVersion=${runtime.version}`,
    `-c.electronDist=${runtime.dist}`,
  ]);
}

/** electron-builder's own tar.gz needs a 7-zip that it fetches; tar is on every system that wants a tar.gz. */
async function archive(folder: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };
  const name = `lamella-${version}-${process.platform}-${process.arch}`;
  const file = join(release, `${name}.tar.gz`);
  rmSync(file, { force: true });
  await mustRun('tar', ['-czf', file, '-C', release, `--transform=s,^${folder},${name},`, folder]);
  return file;
}

await runTool(async () => {
  const runtime = await ensureElectron();
  await buildFor(runtime);
  writeFileSync(at('dist/third-party-licences.txt'), await thirdPartyLicences());
  rmSync(release, { recursive: true, force: true });
  if (process.argv.includes('--all')) await packageApp(runtime, []);
  else await packageApp(runtime, ['--dir']);
  const folder = globSync('*-unpacked', { cwd: release })[0] ?? globSync('mac*', { cwd: release })[0];
  if (folder === undefined || !existsSync(join(release, folder)))
    throw new ToolError(`electron-builder left nothing in ${release}.`);
  say(`Packaged ${join('release', folder)} with Electron ${runtime.version}.`);
  if (process.platform !== 'linux') return;
  say(await startPackaged(join(release, folder, 'lamella')));
  say(`Archived ${await archive(folder)}.`);
});
