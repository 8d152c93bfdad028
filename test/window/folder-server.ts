// A web server for a folder, that goes away and comes back.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

/** Serves a folder; `down` cuts every connection and answers nobody. */
export class FolderServer {
  readonly #folder: string;
  #server: Server | null = null;
  #port = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async up(): Promise<string> {
    const server = createServer((request, response) => {
      const file = normalize(join(this.#folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)));
      if (!file.startsWith(this.#folder) || !existsSync(file) || !statSync(file).isFile())
        return void response.writeHead(404).end();
      const { size } = statSync(file);
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
      const [start, end] = range
        ? [Number(range[1]), range[2] ? Math.min(Number(range[2]), size - 1) : size - 1]
        : [0, size - 1];
      response.writeHead(range ? 206 : 200, {
        'Content-Length': Math.max(0, end - start + 1),
        'Accept-Ranges': 'bytes',
        ETag: `"${size}"`,
        ...(range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
      });
      if (request.method === 'HEAD' || size === 0) return void response.end();
      createReadStream(file, { start, end }).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.#port}`;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  }
}
