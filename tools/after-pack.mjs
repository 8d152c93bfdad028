// Runs on each packaged folder: closes the doors that Electron leaves open for development, and removes what
// only an unpackaged runtime needs.
import { flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const WANTED = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
};

/** @param {{ appOutDir: string, electronPlatformName: string, packager: { executableName?: string, appInfo: { productFilename: string } } }} context */
export async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const names = {
    darwin: `${packager.appInfo.productFilename}.app`,
    win32: `${packager.appInfo.productFilename}.exe`,
    linux: packager.executableName ?? packager.appInfo.productFilename,
  };
  const target = join(appOutDir, names[electronPlatformName]);
  const resources =
    electronPlatformName === 'darwin' ? join(target, 'Contents/Resources') : join(appOutDir, 'resources');
  for (const left of [join(resources, 'default_app.asar'), join(appOutDir, '.verified')]) rmSync(left, { force: true });
  await flipFuses(target, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: electronPlatformName === 'darwin',
    ...(await known(target)),
  });
}

/** The wanted fuses that this Electron has: the fallback runtime (25) is older than the last of them. */
async function known(target) {
  const wire = await getCurrentFuseWire(target);
  return Object.fromEntries(Object.entries(WANTED).filter(([fuse]) => wire[fuse] !== undefined));
}
