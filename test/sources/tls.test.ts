import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: there is no openssl to make a certificate, so reading over TLS is not tested.');

const sources = join(import.meta.dirname, '..', '..', 'main', 'engine', 'sources');

/** Certificates are believed from the start of a process on: each case is one of its own. */
async function readInProcess(url: string, authority: string | undefined): Promise<string> {
  const script = `
    import { openNetwork } from ${JSON.stringify(join(sources, 'network.ts'))};
    import { openHttpSource } from ${JSON.stringify(join(sources, 'http.ts'))};
    const network = openNetwork();
    const source = openHttpSource({ url: ${JSON.stringify(url)}, network, allowPrivate: true });
    const show = (bytes) => bytes && Buffer.from(bytes).toString();
    try {
      const [whole, again] = [await source.get('x'), await source.get('x')];
      console.log(show(whole) === show(again) ? show(whole) : 'differs');
    } catch (error) { console.log(error.tag, error.message); }
    network.close();`;
  const { NODE_EXTRA_CA_CERTS: _own, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...env, ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: authority }) },
    encoding: 'utf8',
    timeout: 50_000,
  });
  return stdout.trim();
}

describe.skipIf(!hasOpenssl)('a server with a certificate', () => {
  let home = '';
  let port = 0;
  let served = 0;
  let certificate = '';
  let close = (): void => undefined;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'lamella-tls-'));
    certificate = join(home, 'cert.pem');
    const key = join(home, 'key.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        certificate,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_request, response) => {
      served++;
      response.end('over TLS');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    close = () => server.close().closeAllConnections();
  });
  afterAll(() => {
    close();
    rmSync(home, { recursive: true, force: true });
  });

  it('that vouches for itself is not believed', async () => {
    expect(await readInProcess(`https://localhost:${port}/`, undefined)).toMatch(
      /^unreachable .*certificate is self-signed\.$/,
    );
    expect(served).toBe(0);
  });

  it('that someone trusted vouches for is read', async () => {
    expect(await readInProcess(`https://localhost:${port}/`, certificate)).toBe('over TLS');
  });

  it('for another host is not believed', async () => {
    expect(await readInProcess(`https://127.0.0.1:${port}/`, certificate)).toMatch(
      /^unreachable .*certificate is for another host\.$/,
    );
  });
});
