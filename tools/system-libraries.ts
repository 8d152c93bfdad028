// The libraries that Electron and a screenless display need on Debian and its kin.
import { existsSync } from 'node:fs';
import { isRoot, mustRun, run, say, ToolError } from './workspace.ts';

const DEBIAN_PACKAGES = [
  ...['xvfb', 'xauth', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libdrm2', 'libatk-bridge2.0-0'],
  ...['libcups2', 'libxkbcommon0', 'libxdamage1', 'libxrandr2', 'libxcomposite1', 'libxfixes3', 'libpango-1.0-0'],
  ...['libcairo2', 'libatspi2.0-0', 'libgl1-mesa-dri', 'fonts-dejavu-core'],
];

/** Installs what is missing when that is possible; otherwise fails with the command to run. */
export async function ensureSystemLibraries(): Promise<void> {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) return;
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot())
    throw new ToolError(`The window tests need system libraries. Run:\n  sudo apt-get update && sudo ${install}`);
  say(`Installing system libraries: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await mustRun('apt-get', ['update', '-qq'], { env });
  await mustRun('apt-get', [...install.split(' ').slice(1), '-qq'], { env });
}

/** Debian renames some libraries (libgtk-3-0t64); a package that provides the name counts. */
async function missingPackages(): Promise<string[]> {
  const { output } = await run('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package} ${Provides}\\n']);
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .flatMap((line) => line.slice('installed '.length).split(/[\s,]+/)),
  );
  return DEBIAN_PACKAGES.filter((name) => !installed.has(name));
}
