// What vite makes of the sources: CommonJS for Node and Electron, ES modules for the renderer.
import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import type { InlineConfig, Plugin } from 'vite';
import { at } from './workspace.ts';

/** Left to `require` at run time: what Electron brings, and native addons. */
const EXTERNAL = ['electron', 'better-sqlite3', /\.node$/];

const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };

const shared: InlineConfig = {
  configFile: false,
  root: at(),
  logLevel: 'warn',
  publicDir: false,
  define: { __APP_VERSION__: JSON.stringify(version) },
};

/** The Draco decoder's code lies inside the built files, which are read from an archive and know no node_modules. */
const dracoInside: Plugin = {
  name: 'draco-inside',
  load(id) {
    if (!id.endsWith('/native-workers/shapes/draco-wasm.ts')) return null;
    const wasm = readFileSync(at('node_modules/draco3d/draco_decoder.wasm')).toString('base64');
    return `export const dracoWasm = () => Buffer.from('${wasm}', 'base64');`;
  },
};

function nodeTarget(entries: Record<string, string>, outDir: string): InlineConfig {
  return {
    ...shared,
    plugins: [dracoInside],
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      // The oldest Node these files run in is the fallback Electron's 18.15.
      target: 'node18',
      outDir: at(outDir),
      // Native files lie there too: tools/build.ts clears away what vite made last time.
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        input: entries,
        external: EXTERNAL,
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
      },
    },
  };
}

/** Everything that lands in dist/main; the thread entry lies beside the pool that starts it. */
const main = nodeTarget(
  {
    app: at('main/app.ts'),
    'engine-process': at('main/engine-process.ts'),
    cli: at('main/cli.ts'),
    worker: at('native-workers/worker.ts'),
  },
  'dist/main',
);

/** A sandboxed preload cannot load files beside it, so it is one file. */
const preload = nodeTarget({ index: at('preload/index.ts') }, 'dist/preload');

const renderer: InlineConfig = {
  ...shared,
  root: at('renderer'),
  // Relative, so that the app's own scheme and nothing else decides where assets come from.
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    target: 'chrome114',
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    // Every asset is a file of its own: the content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096,
  },
};

export const viteTargets = { main, preload, renderer };
