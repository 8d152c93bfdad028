// The bridge between the page and the shell. It passes messages on and holds nothing; what they may say is
// declared in contract/bridge.ts and checked on the other side.
import type { IpcRendererEvent } from 'electron';
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge, Grant } from './contract/bridge.ts';

// Spelt out, not imported: a sandboxed preload is one small file, and the contract brings zod with it.
const ENGINE_PORT_MESSAGE: typeof import('./contract/bridge.ts').ENGINE_PORT_MESSAGE = 'lamella:engine-port';

const dropListeners = new Set<Parameters<Bridge['onDrop']>[0]>();

function on<T>(channel: string, listener: (value: T) => void): () => void {
  const receive = (_event: IpcRendererEvent, value: T): void => listener(value);
  ipcRenderer.on(channel, receive);
  return () => ipcRenderer.off(channel, receive);
}

const bridge: Bridge = {
  version: __APP_VERSION__,
  platform: process.platform,
  connectEngine: () => void ipcRenderer.invoke('engine:connect'),
  onEngineState: (listener) => on('engine:state', listener),
  pickFolder: (title) => ipcRenderer.invoke('pick:folder', title),
  pickFile: (filters = []) => ipcRenderer.invoke('pick:file', filters),
  saveFile: (suggestedName, filters = []) => ipcRenderer.invoke('pick:save', suggestedName, filters),
  sampleFolder: () => ipcRenderer.invoke('grant:sample'),
  reveal: (grantId) => ipcRenderer.invoke('grant:reveal', grantId),
  allowServer: (origin) => ipcRenderer.invoke('server:allow', origin),
  printPdf: (grantId, html) => ipcRenderer.invoke('report:pdf', grantId, html),
  openExternal: (url) => ipcRenderer.invoke('open:outside', url),
  setMenu: (actions) => ipcRenderer.invoke('menu:set', actions),
  onAction: (listener) => on('menu:action', listener),
  onDrop: (listener) => {
    dropListeners.add(listener);
    return () => dropListeners.delete(listener);
  },
  launch: () => ipcRenderer.invoke('app:launch'),
  onLaunch: (listener) => on('app:launched', listener),
};

contextBridge.exposeInMainWorld('lamella', bridge);

ipcRenderer.on('engine:port', (event) => {
  window.postMessage({ type: ENGINE_PORT_MESSAGE }, location.origin, event.ports);
});

/** Electron before 32 puts the path on the File itself. */
const pathOf = (file: File): string => webUtils?.getPathForFile(file) ?? (file as File & { path: string }).path;

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

window.addEventListener('dragover', (event) => {
  if (hasFiles(event)) event.preventDefault();
});

// Only the user's own drop is trusted: a page cannot forge one, so it cannot name a file.
window.addEventListener('drop', (event) => {
  if (!event.isTrusted || !event.dataTransfer || !hasFiles(event)) return;
  event.preventDefault();
  const paths = [...event.dataTransfer.files].map(pathOf);
  const at = { x: event.clientX, y: event.clientY };
  void ipcRenderer.invoke('grant:dropped', paths).then((grants: Grant[]) => {
    for (const listener of dropListeners) listener(grants, at);
  });
});
