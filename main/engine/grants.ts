import { randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { LamellaError } from '../../preload/contract/errors.ts';
import type { CallerKind } from './journeys/call.ts';

const GRANT = /^(grant:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(.*))?$/s;
/** The kernel's own file systems: nothing in them is a user's data. */
const SYSTEM_ROOTS = ['/proc', '/dev', '/sys'];

/**
 * Which paths a caller may name. The window names `grant:<uuid>`, or something inside it; trusted callers name paths.
 * Grants live as long as the engine.
 */
export class Grants {
  readonly #paths = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #origins = new Set<string>();

  /** Lets `id` stand for an absolute path. */
  grant(id: string, path: string): void {
    if (!GRANT.test(id) || path.includes('\0')) throw forbidden(id, 'is no grant');
    this.#paths.set(id, resolve(path));
    this.#ids.set(resolve(path), id);
  }

  /** The user was asked, and lets Lamella read from this server, also on this computer or a private network. */
  allowOrigin(origin: string): void {
    this.#origins.add(originOf(origin));
  }

  /** Throws 'forbidden' where this caller may not ask for a server of this computer or a private network. */
  checkServer(address: string, caller: CallerKind): void {
    if (caller === 'trusted' || this.#origins.has(originOf(address))) return;
    throw new LamellaError(
      'forbidden',
      `You have not allowed the server of ${JSON.stringify(address.slice(0, 200))}.`,
      {
        hint: 'Confirm the server in the dialog, or leave the box for servers of this computer empty.',
        fields: { address: address.slice(0, 200) },
      },
    );
  }

  /** The absolute path that a reference stands for. Throws 'forbidden' where this caller may not name it. */
  resolve(ref: string, caller: CallerKind): string {
    if (ref.includes('\0')) throw forbidden(ref, 'holds a zero byte');
    const match = GRANT.exec(ref);
    if (match) return this.#inside(ref, match[1] ?? '', match[2]);
    if (caller === 'window') throw forbidden(ref, 'is no grant');
    return resolve(ref);
  }

  /** A reference that this caller may use for a path. */
  refer(path: string, caller: CallerKind): string {
    if (caller === 'trusted') return path;
    const known = this.#ids.get(resolve(path));
    if (known) return known;
    const id = `grant:${randomUUID()}`;
    this.grant(id, path);
    return id;
  }

  #inside(ref: string, id: string, inner: string | undefined): string {
    const root = this.#paths.get(id);
    if (root === undefined) throw forbidden(ref, 'is not known, or the engine was restarted since it was given');
    const parts = inner === undefined ? [] : inner.split('/');
    if (
      parts.some(
        (part) =>
          part === '' || part === '.' || part === '..' || part.includes('\\') || (sep === '\\' && part.includes(':')),
      )
    ) {
      throw forbidden(ref, 'leads out of what was granted');
    }
    const path = join(root, ...parts);
    const real = realOrPlanned(path);
    if (parts.length > 0 && !isInside(realOrPlanned(root), real)) throw forbidden(ref, 'leads out of what was granted');
    refuseSpecial(ref, real);
    return path;
  }
}

/** `http://localhost:8080`; the whole text where it is no address. */
function originOf(address: string): string {
  try {
    const { protocol, host } = new URL(address);
    return `${protocol}//${host}`.toLowerCase();
  } catch {
    return address;
  }
}

/** The path with its links resolved, as far as it exists. */
function realOrPlanned(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realOrPlanned(parent), basename(path));
  }
}

export const isInside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Only files and folders: a device, a pipe or a socket could block or do something when it is opened. */
function refuseSpecial(ref: string, real: string): void {
  if (SYSTEM_ROOTS.some((root) => isInside(root, real))) throw forbidden(ref, 'belongs to the system');
  const found = statSync(real, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isDirectory()) throw forbidden(ref, 'is neither a file nor a folder');
}

function forbidden(ref: string, why: string): LamellaError {
  const shown = ref.replaceAll('\0', '\\0').slice(0, 200);
  return new LamellaError('forbidden', `${JSON.stringify(shown)} ${why}.`, {
    hint: 'Choose the file or folder again in the dialog.',
    fields: { reference: shown },
  });
}
