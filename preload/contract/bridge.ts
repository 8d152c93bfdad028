import { z } from 'zod';

/**
 * What passes between the window and the shell, over Electron's ipc: dialogs, drops, the menu. Everything else goes
 * from the window to the engine through the port. Paths never reach the window: it gets a grant, an opaque id that
 * the shell has told the engine.
 */
export const grantSchema = z.object({
  id: z.string().regex(/^grant:[0-9a-f-]{36}$/),
  /** Last part of the path, to show. */
  name: z.string(),
  kind: z.enum(['file', 'folder', 'new-file']),
});
export type Grant = z.infer<typeof grantSchema>;

export const fileFilterSchema = z.object({
  name: z.string().max(80),
  extensions: z.array(z.string().regex(/^[a-z0-9.*]{1,16}$/i)).max(20),
});
export type FileFilter = z.infer<typeof fileFilterSchema>;

/** An action of the registry as the native menu shows it. The shortcut is in tinykeys' words (`$mod+Shift+P`). */
export const menuActionSchema = z.object({
  id: z.string().max(80),
  title: z.string().min(1).max(80),
  menu: z.enum(['File', 'Edit', 'View', 'Go', 'Tools', 'Help']),
  shortcut: z.string().max(40).optional(),
  enabled: z.boolean().default(true),
});
export type MenuAction = z.input<typeof menuActionSchema>;

/** What the shell wants of the window: an action of the menu, or a library to open (`--library DIR`). */
export interface Launch {
  readonly library: Grant | null;
}

/** A web server, as the URL standard writes its origin. */
export const originSchema = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/, 'an origin looks like http://localhost:8000');

export type EngineState = 'starting' | 'running' | 'failed';

/**
 * What ports to the engine are for, in the order in which they come: the window's own, for all calls, and one for the
 * thread that draws, which may ask for bricks alone.
 */
export const portPurposes = ['window', 'drawing'] as const;
export type PortPurpose = (typeof portPurposes)[number];

/** Window message that carries fresh ports to the engine; others follow whenever the engine was restarted. */
export const ENGINE_PORT_MESSAGE = 'lamella:engine-port';

/** `window.lamella`, made by the preload script. Each `on…` returns the function that stops listening. */
export interface Bridge {
  readonly version: string;
  /** As Node names it: linux, darwin, win32. */
  readonly platform: string;
  /** Asks for ports. They arrive as a window message `{type: ENGINE_PORT_MESSAGE}`, one for each of `portPurposes`. */
  connectEngine(): void;
  onEngineState(listener: (state: EngineState) => void): () => void;
  pickFolder(title?: string): Promise<Grant | null>;
  pickFile(filters?: readonly FileFilter[]): Promise<Grant | null>;
  saveFile(suggestedName: string, filters?: readonly FileFilter[]): Promise<Grant | null>;
  /** The folder in the app's own data where the sample library lives; it may not exist yet. */
  sampleFolder(): Promise<Grant>;
  /** Shows a granted file or folder in the system's file manager. */
  reveal(grantId: string): Promise<void>;
  /**
   * Asks the user whether Lamella may read from a server of this computer or a private network, in a native dialog that
   * the page cannot answer; the engine knows the answer when this resolves. `origin`: `http://localhost:8000`.
   */
  allowServer(origin: string): Promise<boolean>;
  /** Prints a page of HTML, without scripts, into the PDF that a grant of `saveFile` names; false where the grant is none. */
  printPdf(grantId: string, html: string): Promise<boolean>;
  /** Opens an https page of a known site in the user's browser; resolves to whether it was let through. */
  openExternal(url: string): Promise<boolean>;
  setMenu(actions: readonly MenuAction[]): Promise<void>;
  onAction(listener: (actionId: string) => void): () => void;
  /** Files and folders dropped anywhere on the window, with the point of the drop in CSS pixels. */
  onDrop(listener: (grants: readonly Grant[], at: { x: number; y: number }) => void): () => void;
  /** What the window was started for; a second start of the app tells the running window through `onLaunch`. */
  launch(): Promise<Launch>;
  onLaunch(listener: (launch: Launch) => void): () => void;
}
