#!/usr/bin/env node
// The command line: `npm run -s lamella -- …` and `npx lamella …`. Plain JavaScript that any Node can start;
// it goes on under the pinned Node 24, builds what is missing or stale, and then runs the engine right here.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pinned = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (Number(process.versions.node.split('.')[0]) < 24 && existsSync(pinned)) goOnUnder(pinned);
else await goOnHere();

function goOnUnder(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => process.exit(signal ? 130 : (code ?? 70)));
}

async function goOnHere() {
  const { buildForCommandLine } = await import('./build.ts');
  if (await buildForCommandLine()) await import(pathToFileURL(join(root, 'dist', 'main', 'cli.cjs')).href);
  else process.exitCode = 70;
}
