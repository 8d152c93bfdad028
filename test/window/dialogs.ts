// Native dialogs can't be driven: the test answers them in the shell, where the user would.
import type { ElectronApplication } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { extname } from 'node:path';

/** From now on every open and save dialog answers with `path`; a folder is made where none is. */
export async function answerDialogs(app: ElectronApplication, path: string): Promise<void> {
  if (extname(path) === '') mkdirSync(path, { recursive: true });
  await app.evaluate(({ dialog }, answer) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [answer] });
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: answer });
  }, path);
}
