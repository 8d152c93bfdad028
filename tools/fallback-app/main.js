// The default app of the fallback runtime: what `electron DIR` needs, and no more.
// Written into resources/default_app.asar by tools/setup-electron.ts.
const { app } = require('electron');
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, resolve } = require('node:path');

function parse(argv) {
  const found = { file: undefined, modules: [], version: false };
  for (let i = 0; i < argv.length; i += 1) {
    const arg = argv[i];
    if (arg === '-v' || arg === '--version') found.version = true;
    else if (arg === '-r' || arg === '--require') found.modules.push(argv[(i += 1)]);
    else if (arg.startsWith('--app=')) found.file = arg.slice('--app='.length);
    else if (!arg.startsWith('-')) found.file = arg;
    if (found.file !== undefined || found.version) break;
  }
  return found;
}

function load(target) {
  const folder = resolve(target);
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name, productName, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (version) app.setVersion(version);
    if (productName ?? name) app.name = productName ?? name;
    app.setPath('userData', join(app.getPath('appData'), app.name));
    app.setAppPath(folder);
  }
  const file = Module._resolveFilename(folder, null, true);
  if (!existsSync(manifest)) app.setAppPath(dirname(file));
  Module._load(file, Module, true);
}

const request = parse(process.argv.slice(1));
if (request.version) {
  process.stdout.write(`v${process.versions.electron}\n`);
  process.exit(0);
}
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
if (request.modules.length > 0) Module._preloadModules(request.modules);
if (request.file === undefined) {
  process.stderr.write('Usage: electron [-r MODULE] DIR [arguments]\n');
  process.exit(1);
}
try {
  load(request.file);
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
