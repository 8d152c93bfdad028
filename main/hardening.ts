// What no page of ours ever needs is refused here, for every web contents and session there is.
import { app, session, shell } from 'electron';
import type { Session, WebContents } from 'electron';
import { ORIGIN } from './protocol.ts';

/** Sites that a link in the window may open in the user's browser. */
const OUTSIDE_SITES = [
  'doi.org',
  'orcid.org',
  'github.com',
  'creativecommons.org',
  'spdx.org',
  'zenodo.org',
  'bossdb.org',
  'dandiarchive.org',
];

/** Switches that every web contents gets; asserted one by one in the window tests. */
export const WEB_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const;

export const isOurs = (url: string): boolean => url === ORIGIN || url.startsWith(`${ORIGIN}/`);

/** Call once, before the first window. */
export function harden(): void {
  app.on('web-contents-created', (_event, contents) => refuseToLeave(contents));
  app.on('session-created', refuseRequests);
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault();
    callback(false);
  });
  refuseRequests(session.defaultSession);
}

function refuseToLeave(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    void openOutside(url);
    return { action: 'deny' };
  });
}

/** No permission but copying text to the clipboard, and no request that is not for our own files. */
function refuseRequests(target: Session): void {
  const mayCopy = (permission: string, origin: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOurs(origin);
  target.setPermissionRequestHandler((contents, permission, answer) => answer(mayCopy(permission, contents.getURL())));
  target.setPermissionCheckHandler((_contents, permission, origin) => mayCopy(permission, origin));
  target.setDevicePermissionHandler(() => false);
  target.webRequest.onBeforeRequest((request, answer) => {
    answer({ cancel: !/^(app|blob|data|devtools|chrome-devtools):/.test(request.url) });
  });
  target.on('will-download', (event) => event.preventDefault());
}

/** Opens an https page of a known site in the user's browser; false when it is not one. */
export async function openOutside(url: string): Promise<boolean> {
  if (!isKnownSite(url)) return false;
  await shell.openExternal(url);
  return true;
}

function isKnownSite(url: string): boolean {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return false;
  }
  const { protocol, hostname, username } = parsed;
  const known = OUTSIDE_SITES.some((site) => hostname === site || hostname.endsWith(`.${site}`));
  return protocol === 'https:' && username === '' && known;
}
