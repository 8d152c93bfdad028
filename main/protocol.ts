// The window's own scheme: app://lamella/ serves dist/renderer and nothing else, with the headers that
// make the page cross-origin isolated and keep it from loading or running anything from elsewhere.
import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

export const ORIGIN = 'app://lamella';
export const START_URL = `${ORIGIN}/index.html`;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

/** Serves the files of `folder`; a name that leads out of it, or to no file, is answered with 404. */
export function serveRenderer(folder: string): void {
  protocol.handle('app', async (request) => {
    const file = fileFor(request.url, folder);
    const type = file === undefined ? undefined : CONTENT_TYPES[extname(file)];
    if (request.method !== 'GET' || file === undefined || type === undefined) return refusal();
    try {
      return new Response(new Uint8Array(await readFile(file)), { headers: { ...HEADERS, 'Content-Type': type } });
    } catch {
      return refusal();
    }
  });
}

const refusal = (): Response => new Response('Not found', { status: 404, headers: HEADERS });

/** The file that a URL names inside `folder`, or undefined. */
export function fileFor(url: string, folder: string): string | undefined {
  const { host, pathname } = new URL(url);
  if (host !== 'lamella') return undefined;
  let name: string;
  try {
    name = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (name.includes('\0') || name.includes('\\')) return undefined;
  const file = normalize(join(folder, name));
  return file.startsWith(folder + sep) ? file : undefined;
}
