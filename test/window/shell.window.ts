// The shell's own promises: the page is isolated, locked in, and cannot reach Node, the network or the disk.
import { expect } from '@playwright/test';
import { rmSync } from 'node:fs';
import type { Bridge } from '../../preload/contract/bridge.ts';
import { processesOf } from './closing.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

declare global {
  interface Window {
    lamella: Bridge;
  }
}

test('opens an isolated page with the bridge and nothing of Node', async ({ lamella: { page, problems } }) => {
  const found = await page.evaluate(() => ({
    url: location.href,
    isolated: crossOriginIsolated,
    shared: typeof SharedArrayBuffer,
    bridge: Object.keys(window.lamella).toSorted(),
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window),
  }));
  expect(found.url).toBe('app://lamella/index.html');
  expect(found.isolated).toBe(true);
  expect(found.shared).toBe('function');
  expect(found.bridge).toContain('connectEngine');
  expect(found.bridge).not.toContain('ipcRenderer');
  expect(found.node).toEqual([]);
  expect(problems).toEqual([]);
});

test('runs sandboxed with safe preferences', async ({ lamella: { app } }) => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    // Not in the public types: what Electron itself tells its security warnings.
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
});

test('sends the security headers with every answer, refusals too', async ({ lamella: { page } }) => {
  const answers = await page.evaluate(async () => {
    const names = ['index.html', 'missing.js', '..%2f..%2fpackage.json', 'a%5c..%5cb.js', 'package.json'];
    const responses = await Promise.all(names.map((name) => fetch(`app://lamella/${name}`)));
    return responses.map((response) => ({
      status: response.status,
      policy: response.headers.get('content-security-policy'),
    }));
  });
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 404, 404]);
  for (const { policy } of answers) expect(policy).toContain("default-src 'none'");
});

test('runs no inline script and loads nothing from the network', async ({ lamella: { page, problems } }) => {
  const found = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const reached = await fetch('https://example.org/').then(
      () => true,
      () => false,
    );
    return { injected: 'injected' in window, reached };
  });
  expect(found).toEqual({ injected: false, reached: false });
  expect(problems.filter((problem) => problem.includes('Content Security Policy'))).not.toEqual([]);
});

test('stays on its page: no navigation, no second window', async ({ lamella: { app, page } }) => {
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://example.org/';
    document.body.append(link);
    link.click();
  });
  const opened = await page.evaluate(() => window.open('https://example.org/') === null);
  expect(opened).toBe(true);
  expect(page.url()).toBe('app://lamella/index.html');
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('opens no page outside but those of known sites over https', async ({ lamella: { app, page } }) => {
  await app.evaluate(({ shell }) => {
    shell.openExternal = () => Promise.resolve();
  });
  const urls = [
    'http://doi.org/10.1',
    'https://doi.org.evil.example/',
    'file:///etc/passwd',
    'javascript:1',
    'https://a@doi.org/',
    'nonsense',
  ];
  const refused = await page.evaluate((all) => Promise.all(all.map((url) => window.lamella.openExternal(url))), urls);
  expect(refused).toEqual(urls.map(() => false));
  expect(await page.evaluate(() => window.lamella.openExternal('https://doi.org/10.1000/182'))).toBe(true);
});

test('denies every permission but copying text', async ({ lamella: { page } }) => {
  const states = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'];
    const answers = await Promise.all(
      names.map((name) => navigator.permissions.query({ name: name as PermissionName })),
    );
    return { states: answers.map(({ state }) => state), notification: await Notification.requestPermission() };
  });
  expect(states.states).toEqual(states.states.map(() => 'denied'));
  expect(states.notification).toBe('denied');
});

test('rejects junk on every channel and goes on', async ({ lamella: { page } }) => {
  const rejected = await page.evaluate(async () => {
    const junk: unknown[] = [{ a: 1 }, 'x'.repeat(100_000), ['/etc/passwd'], 42, [null], { __proto__: { length: 3 } }];
    const calls = junk.flatMap((value) => [
      window.lamella.pickFile(value as never),
      window.lamella.saveFile(value as never, value as never),
      window.lamella.reveal(value as never),
      window.lamella.openExternal(value as never),
      window.lamella.setMenu(value as never),
    ]);
    const settled = await Promise.allSettled(calls);
    const accepted = settled.filter((result) => result.status === 'fulfilled' && result.value !== false);
    return { accepted: accepted.length, launch: await window.lamella.launch() };
  });
  expect(rejected).toEqual({ accepted: 0, launch: { library: null } });
});

test('a drop that the page forges grants nothing', async ({ lamella: { page } }) => {
  const grants = await page.evaluate(async () => {
    const heard: unknown[] = [];
    window.lamella.onDrop((dropped) => heard.push(dropped));
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], '/etc/passwd'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
    await window.lamella.launch();
    return heard;
  });
  expect(grants).toEqual([]);
});

test('shows the registered actions in the native menu, and a click reaches the page', async ({ lamella }) => {
  const { app, page, problems } = lamella;
  await page.evaluate(() =>
    window.lamella.setMenu([{ id: 'test.hello', title: 'Say hello', menu: 'Tools', shortcut: '$mod+Shift+H' }]),
  );
  const accelerator = await app.evaluate(({ Menu }) => {
    const tools = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'Tools');
    const item = tools?.submenu?.items.find(({ label }) => label === 'Say hello');
    item?.click();
    return item?.accelerator;
  });
  expect(accelerator).toBe('CommandOrControl+Shift+H');
  // The page has no such action, and says so: that is how we know that the click arrived.
  await expect.poll(() => problems.join()).toContain('test.hello');
});

test('fits its window at both sizes', async ({ lamella }) => {
  await shoot(lamella, 'check-start-1280x800', 'laptop');
  await shoot(lamella, 'check-start-1920x1080', 'desktop');
});

test('ends though its page and its graphics hang, and leaves nothing running', async () => {
  const { app, profile } = await startLamella();
  const hung = await app.evaluate(({ app: shell }) =>
    shell.getAppMetrics().flatMap(({ type, pid }) => (type === 'GPU' || type === 'Tab' ? [pid] : [])),
  );
  expect(hung.length).toBeGreaterThan(1);
  for (const pid of hung) process.kill(pid, 'SIGSTOP');
  await app.close();
  expect(processesOf(profile)).toEqual([]);
  rmSync(profile, { recursive: true, force: true });
});
