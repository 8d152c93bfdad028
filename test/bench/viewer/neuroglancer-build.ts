// Neuroglancer as its npm package, built into a page by vite. Made once under .venv/, never shipped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export const neuroglancerVersion = '2.41.2';

const root = join(import.meta.dirname, '../../..');

/** Gives the folder of the built page, with `window.viewer` in it: the viewer without its panels, or anything shown. */
export async function ensureNeuroglancer(): Promise<string> {
  const folder = join(root, '.venv', `neuroglancer-${neuroglancerVersion}`);
  const built = join(folder, 'built');
  if (existsSync(join(built, 'index.html'))) return built;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  install(folder);
  writeFileSync(join(folder, 'index.html'), page);
  writeFileSync(join(folder, 'main.js'), script);
  await buildPage(folder, built);
  return built;
}

/** npm can't install the package itself: one of its dependencies, of icons, is fetched from a git host. */
function install(folder: string): void {
  run(folder, 'npm', ['pack', '--silent', `neuroglancer@${neuroglancerVersion}`]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  run(folder, 'tar', ['-xzf', tarball]);
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const fromRegistry = Object.entries(dependencies).filter(([, range]) => !range.includes(':'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run(folder, 'npm', [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    ...fromRegistry.map((entry) => entry.join('@')),
  ]);
  // After npm, which takes away what it did not put there.
  run(folder, 'mv', ['package', join('node_modules', 'neuroglancer')]);
}

async function buildPage(folder: string, outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: folder,
    base: './',
    logLevel: 'error',
    plugins: [adapted],
    worker: { format: 'es', plugins: () => [adapted] },
    build: { target: 'chrome114', outDir, assetsInlineLimit: 0, chunkSizeWarningLimit: 10_000 },
  });
}

/** What Neuroglancer takes for granted of a browser and the fallback's Chrome 114 lacks. */
const lacking = [
  'array/from-async',
  'iterator/index',
  'map/group-by',
  'object/group-by',
  'promise/try',
  'promise/with-resolvers',
  'set/index',
  'url/can-parse',
  'url/parse',
];

/** Its code is left as it is, but for icons that are not drawn, and what old browsers lack. */
const adapted: Plugin = {
  name: 'neuroglancer-page',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('ikonate/') ? `\0${id}` : null),
  load: (id) => (id.startsWith('\0ikonate/') ? 'export default "<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>"' : null),
  transform: (code, id) => {
    if (id.endsWith('/lib/util/polyfills.js'))
      return `${lacking.map((name) => `import 'core-js/actual/${name}.js';`).join('\n')}\n${code}`;
    // Vite does not see a worker behind this comment.
    return code.includes('webpackChunkName') ? code.replaceAll(/\/\* webpackChunkName[^*]*\*\//g, '') : null;
  },
};

const page = `<!doctype html>
<meta charset="utf-8">
<title>Neuroglancer</title>
<style>html, body { margin: 0; background: #000 }</style>
<div id="place" style="position: fixed; left: 0; top: 0; width: 100vw; height: 100vh">
  <div id="neuroglancer-container" style="width: 100%; height: 100%"></div>
</div>
<script type="module" src="./main.js"></script>
`;

const script = `import 'neuroglancer';
import { makeMinimalViewer } from 'neuroglancer/unstable/ui/minimal_viewer.js';
import { setDefaultInputEventBindings } from 'neuroglancer/unstable/ui/default_input_event_bindings.js';
window.viewer = makeMinimalViewer({ showLayerDialog: false, resetStateWhenEmpty: false, showUIControls: false, showPanelBorders: false });
setDefaultInputEventBindings(window.viewer.inputEventBindings);
`;

function run(cwd: string, command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` with code ${status}`}`);
}
