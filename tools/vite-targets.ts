// What vite makes of the sources: CommonJS for Node and Electron, ES modules for the renderer.
import react from '@vitejs/plugin-react';
import { existsSync } from 'node:fs';
import type { InlineConfig } from 'vite';
import { at } from './workspace.ts';

/** Left to `require` at run time: what Electron brings, and native addons. */
const EXTERNAL = ['electron', 'better-sqlite3', /\.node$/];

const shared: InlineConfig = { configFile: false, root: at(), logLevel: 'warn', publicDir: false };

function nodeTarget(entries: Record<string, string>, outDir: string): InlineConfig {
  return {
    ...shared,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      // The oldest Node these files run in is the fallback Electron's 18.15.
      target: 'node18',
      outDir: at(outDir),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: entries,
        external: EXTERNAL,
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'shared/[name]-[hash].cjs' },
      },
    },
  };
}

/** Entry name to source file of everything that lands in dist/main; the thread entry lies beside its pool. */
export const MAIN_ENTRIES: Readonly<Record<string, string>> = {
  app: 'main/app.ts',
  'engine-process': 'main/engine-process.ts',
  cli: 'main/cli.ts',
  worker: 'native-workers/worker.ts',
};

export const missingEntries = (): string[] => Object.values(MAIN_ENTRIES).filter((file) => !existsSync(at(file)));

export function mainTarget(): InlineConfig {
  const present = Object.entries(MAIN_ENTRIES).filter(([, file]) => existsSync(at(file)));
  return nodeTarget(Object.fromEntries(present.map(([name, file]) => [name, at(file)])), 'dist/main');
}

/** A sandboxed preload cannot load files beside it, so it is one file. */
export const preloadTarget = (): InlineConfig => nodeTarget({ index: at('preload/index.ts') }, 'dist/preload');

export function rendererTarget(): InlineConfig {
  return {
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
}
