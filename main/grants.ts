// The window never sees a path. What the user picks in a native dialog or drops becomes a grant: an opaque id
// that the engine is told the path of, and only that path.
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import { dialog, shell } from 'electron';
import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { FileFilter, Grant } from '../preload/contract/bridge.ts';

/** Tells the engine what the user has allowed; each resolves when the engine knows it. */
export interface TellEngine {
  readonly path: (id: string, path: string) => Promise<void>;
  readonly server: (origin: string) => Promise<void>;
}

export class Grants {
  readonly #paths = new Map<string, string>();
  readonly #idOfPath = new Map<string, string>();
  readonly #servers = new Set<string>();
  readonly #newFiles = new Set<string>();
  readonly #tellEngine: TellEngine;

  constructor(tellEngine: TellEngine) {
    this.#tellEngine = tellEngine;
  }

  async pickFolder(window: BrowserWindow, title?: string): Promise<Grant | null> {
    return this.#pick(window, { title: title ?? 'Choose a folder', properties: ['openDirectory', 'createDirectory'] });
  }

  async pickFile(window: BrowserWindow, filters: readonly FileFilter[]): Promise<Grant | null> {
    return this.#pick(window, { title: 'Choose a file', properties: ['openFile'], filters: withMutable(filters) });
  }

  async saveFile(window: BrowserWindow, name: string, filters: readonly FileFilter[]): Promise<Grant | null> {
    const { filePath } = await dialog.showSaveDialog(window, {
      defaultPath: basename(name),
      filters: withMutable(filters),
    });
    if (filePath === undefined || filePath === '') return null;
    // The file may not exist yet: its folder does, and links in it are resolved.
    return this.#issue(join(await realpath(dirname(filePath)), basename(filePath)), 'new-file');
  }

  /** Grants an existing file or folder; null for anything else (a device, a pipe, nothing at all). */
  async grantExisting(path: string): Promise<Grant | null> {
    if (!isAbsolute(path) || path.includes('\0')) return null;
    try {
      const real = await realpath(path);
      const found = await stat(real);
      if (found.isDirectory()) return await this.#issue(real, 'folder');
      return found.isFile() ? await this.#issue(real, 'file') : null;
    } catch {
      return null;
    }
  }

  /** Grants a folder that may not exist yet: a library named on the command line is made where none is. */
  async grantLibrary(path: string): Promise<Grant> {
    return (await this.grantExisting(path)) ?? (await this.#issue(path, 'folder'));
  }

  /** Asks whether Lamella may read from a server of this computer or a private network; once a server and start. */
  async allowServer(window: BrowserWindow, origin: string): Promise<boolean> {
    if (this.#servers.has(origin)) return true;
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      title: 'Allow a server',
      message: `Let Lamella read from ${origin}?`,
      detail:
        'It is on this computer or a private network. Allow it only if you know the server: what it answers is read as image data. It is asked again after the next start.',
      buttons: ['Allow', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response !== 0) return false;
    await this.#tellEngine.server(origin);
    this.#servers.add(origin);
    return true;
  }

  /** Where the user said that a new file goes; null for any other grant. */
  newFile(id: string): string | null {
    return (this.#newFiles.has(id) && this.#paths.get(id)) || null;
  }

  reveal(id: string): void {
    const path = this.#paths.get(id);
    if (path !== undefined) shell.showItemInFolder(path);
  }

  async #pick(window: BrowserWindow, options: OpenDialogOptions): Promise<Grant | null> {
    const { filePaths } = await dialog.showOpenDialog(window, options);
    return filePaths[0] === undefined ? null : this.grantExisting(filePaths[0]);
  }

  async #issue(path: string, kind: Grant['kind']): Promise<Grant> {
    const id = this.#idOfPath.get(path) ?? `grant:${randomUUID()}`;
    if (!this.#paths.has(id)) {
      this.#paths.set(id, path);
      this.#idOfPath.set(path, id);
      await this.#tellEngine.path(id, path);
    }
    if (kind === 'new-file') this.#newFiles.add(id);
    return { id, name: basename(path), kind };
  }
}

const withMutable = (filters: readonly FileFilter[]): FileFilter[] => filters.map((filter) => ({ ...filter }));
