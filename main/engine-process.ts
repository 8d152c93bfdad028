// Entry of the engine's own process. The shell sends ports and grants over the parent port; everything else
// goes straight between the window and the engine.
import type { MessageEvent, MessagePortMain } from 'electron';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Port } from '../preload/contract/rpc.ts';
import type { FromEngine, ToEngine } from './engine-host.ts';
import { createEngine } from './engine/index.ts';
import { s3Environment } from './engine/s3-environment.ts';

/** The build puts native files beside this one; a packaged app keeps them outside its archive, where they can load. */
const nativeFile = (name: string): string =>
  join(import.meta.dirname, name).replace(`app.asar${sep}`, `app.asar.unpacked${sep}`);

const engine = createEngine({
  folder: process.argv[2] ?? '',
  workerFile: join(import.meta.dirname, 'worker.cjs'),
  kernelsFile: nativeFile('lamella-kernels.node'),
  credentials: s3Environment(process.env),
  log: (line) => process.stderr.write(`${line}\n`),
  ...nativeBinding(),
});

/** better-sqlite3's own binary needs Node-API 10; older runtimes get the recompiled one that the build left here. */
function nativeBinding(): { nativeBinding?: string } {
  if (Number(process.versions['napi']) >= 10) return {};
  const file = process.env['LAMELLA_SQLITE_BINDING'] ?? nativeFile('better_sqlite3-napi8.node');
  if (!existsSync(file)) throw new Error(`This Electron needs ${file}, which is missing: run npm run build.`);
  return { nativeBinding: file };
}

function asPort(port: MessagePortMain): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  };
}

process.parentPort.on('message', (event: MessageEvent) => {
  const message = event.data as ToEngine;
  const [port] = event.ports;
  if (message.type === 'port' && port)
    engine.connect(asPort(port), 'window', message.for === 'drawing' ? ['view.bricks'] : undefined);
  if (message.type === 'grant' || message.type === 'server') {
    if (message.type === 'grant') engine.grant(message.id, message.path);
    else engine.allowOrigin(message.id);
    process.parentPort.postMessage({ type: 'granted', id: message.id } satisfies FromEngine);
  }
  if (message.type === 'close') void engine.close().finally(() => process.exit(0));
});
