// Every ipc channel between the window and the shell, in one table: what may come in, and what is done with it.
// A message from any frame but the window's own page, or of any other shape, is rejected before it is looked at.
import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { app, ipcMain } from 'electron';
import { join } from 'node:path';
import { z } from 'zod';
import type { Grant, Launch } from '../preload/contract/bridge.ts';
import {
  fileFilterSchema,
  grantSchema,
  menuActionSchema,
  originSchema,
  portPurposes,
} from '../preload/contract/bridge.ts';
import type { EngineHost } from './engine-host.ts';
import type { Grants } from './grants.ts';
import { isOurs, openOutside } from './hardening.ts';
import { showMenu } from './menu.ts';
import { printPdf } from './report-pdf.ts';

const MAX_DROPPED = 1000;
/** Characters of a page that is printed: a few hundred pictures. */
const MAX_REPORT = 64 * 2 ** 20;
const filtersSchema = z.array(fileFilterSchema).max(20);

export interface Shell {
  window: () => BrowserWindow | null;
  engine: EngineHost;
  grants: Grants;
  launch: () => Promise<Launch>;
}

/** Listens on every channel. Call once. */
export function openChannels(shell: Shell): void {
  for (const [name, channel] of Object.entries(channelsOf(shell))) {
    ipcMain.handle(name, (event, ...args: unknown[]) => {
      const window = shell.window();
      if (!window || !isFromPage(event, window)) throw new Error(`${name}: not for this sender.`);
      return channel(args, window);
    });
  }
}

type Channel = (args: unknown[], window: BrowserWindow) => unknown;

/** A channel whose arguments are parsed first; zod's message names what did not fit. */
const channel =
  <T extends z.ZodType>(schema: T, answer: (args: z.output<T>, window: BrowserWindow) => unknown): Channel =>
  (args, window) =>
    answer(schema.parse(args), window);

function channelsOf({ engine, grants, launch }: Shell): Readonly<Record<string, Channel>> {
  return {
    'engine:connect': channel(z.tuple([]), (_args, window) => connectEngine(engine, window)),
    'pick:folder': channel(z.tuple([z.string().max(200).optional()]), ([title], window) =>
      grants.pickFolder(window, title),
    ),
    'pick:file': channel(z.tuple([filtersSchema]), ([filters], window) => grants.pickFile(window, filters)),
    'pick:save': channel(z.tuple([z.string().min(1).max(255), filtersSchema]), ([name, filters], window) =>
      grants.saveFile(window, name, filters),
    ),
    'grant:dropped': channel(z.tuple([z.array(z.string().max(4096)).max(MAX_DROPPED)]), ([paths]) =>
      grantAll(grants, paths),
    ),
    'grant:sample': channel(z.tuple([]), () => grants.grantLibrary(join(app.getPath('userData'), 'Sample library'))),
    'grant:reveal': channel(z.tuple([grantSchema.shape.id]), ([id]) => grants.reveal(id)),
    'server:allow': channel(z.tuple([originSchema]), ([origin], window) => grants.allowServer(window, origin)),
    'report:pdf': channel(z.tuple([grantSchema.shape.id, z.string().max(MAX_REPORT)]), ([id, html]) =>
      printGranted(grants, id, html),
    ),
    'open:outside': channel(z.tuple([z.string().max(2048)]), ([url]) => openOutside(url)),
    'menu:set': channel(z.tuple([z.array(menuActionSchema).max(500)]), ([actions], window) =>
      showMenu(actions, (id) => window.webContents.send('menu:action', id)),
    ),
    'app:launch': channel(z.tuple([]), () => launch()),
  };
}

/** Hands the window fresh ports to the engine; also called after each restart of the engine. */
export function connectEngine(engine: EngineHost, window: BrowserWindow): void {
  window.webContents.send('engine:state', engine.state);
  const ports = portPurposes.flatMap((purpose) => engine.connect(purpose) ?? []);
  if (ports.length > 0) window.webContents.postMessage('engine:port', null, ports);
}

async function printGranted(grants: Grants, id: string, html: string): Promise<boolean> {
  const out = grants.newFile(id);
  if (out === null || !/\.pdf$/i.test(out)) return false;
  await printPdf(html, out);
  return true;
}

async function grantAll(grants: Grants, paths: readonly string[]): Promise<Grant[]> {
  const granted = await Promise.all(paths.map((path) => grants.grantExisting(path)));
  return granted.filter((grant) => grant !== null);
}

function isFromPage(event: IpcMainInvokeEvent | IpcMainEvent, window: BrowserWindow): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === window.webContents.mainFrame && isOurs(frame.url);
}
