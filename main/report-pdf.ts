// A report as PDF: its page is drawn in a hidden window of its own, without scripts, network or storage, and printed.
import { BrowserWindow } from 'electron';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { WEB_PREFERENCES } from './hardening.ts';

const PRINT_TIMEOUT_MS = 60_000;

/** Prints a page to `out`, whole or not at all. Throws where it can't be drawn within a minute, or not be written. */
export async function printPdf(html: string, out: string): Promise<void> {
  // From a file: an address of `data:` may not be longer than two megabytes.
  const folder = await mkdtemp(join(tmpdir(), 'lamella-report-'));
  const page = new BrowserWindow({
    show: false,
    webPreferences: { ...WEB_PREFERENCES, javascript: false, partition: `report-${randomUUID()}` },
  });
  try {
    const file = join(folder, 'report.html');
    await writeFile(file, html);
    page.webContents.session.webRequest.onBeforeRequest((request, answer) =>
      answer({ cancel: !/^(file|data):/.test(request.url) }),
    );
    await within(PRINT_TIMEOUT_MS, page.loadFile(file));
    const pdf = await within(PRINT_TIMEOUT_MS, page.webContents.printToPDF({ pageSize: 'A4', printBackground: true }));
    const partial = join(dirname(out), `.${randomUUID()}.partial`);
    await writeFile(partial, pdf);
    await rename(partial, out);
  } finally {
    page.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The report took too long to draw.')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
