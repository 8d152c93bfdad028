// 100,000 selected labels: the window draws them, keeps them, and brings them back.
import { expect, test } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewDocumentSchema } from '../../preload/contract/view-state.ts';
import { segmentationLayer } from '../../renderer/state/layers.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { writeLabels } from './known-volumes.ts';
import { startLamella } from './lamella-window.ts';
import { longestTaskMs, watchTasks } from './long-tasks.ts';
import { paneOf } from './panes.ts';
import { documentOf, middleOf } from './rich-library.ts';
import { runCommand } from './rich-window.ts';
import { libraryOf, openDocument } from './view-library.ts';

const many = 100_000;

test('100,000 selected labels are drawn, changed, kept and brought back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-many-labels-'));
  mkdirSync(join(folder, 'labels'));
  const { library, volumes } = await libraryOf(folder, [writeLabels(join(folder, 'labels'))]);
  const [volume] = volumes;
  if (!volume) throw new Error('there is no volume');
  const lamella = await startLamella({ args: ['--library', library] });
  try {
    const { page } = lamella;
    // Ids as long as ids are: none of them is in the volume but the last.
    const selected = Array.from({ length: many - 1 }, (_, i) => String(2n ** 64n - 1n - BigInt(many - 2 - i)));
    const layer = { ...segmentationLayer(volume, volume.id), selected };
    await openDocument(page, volume.id, documentOf([layer], middleOf(volume)));
    await waitUntilAllIsHere(page);
    const kept = async (): Promise<readonly string[]> => {
      const text = await page.evaluate((id) => localStorage.getItem(`lamella.view.4.${id}`), volume.id);
      const { document } = JSON.parse(text ?? '{}') as { document: unknown };
      return viewDocumentSchema
        .parse(document)
        .layers.flatMap((one) => (one.type === 'segmentation' ? one.selected : []));
    };
    const clear = page.getByRole('button', { name: /^Clear / });
    await expect(clear).toHaveText(/^Clear 99\s999$/);

    await watchTasks(page);
    const took: Record<string, number> = {};
    const longestIn = async (what: string, act: () => Promise<unknown>): Promise<void> => {
      await page.evaluate(() => void (window.longTasks = []));
      await act();
      await page.waitForTimeout(600);
      took[what] = Math.round(await longestTaskMs(page));
    };
    const find = page.getByLabel('Find by id or name');
    await longestIn('one more', async () => {
      await find.fill('77');
      await find.press('Enter');
      await expect.poll(async () => (await kept()).at(-1)).toBe('77');
    });
    expect(await kept()).toEqual([...selected, '77']);
    await find.fill('78');
    await find.press('Enter');
    await expect(page.getByText('One label does not fit in the selection')).toBeVisible();
    expect(await kept()).toHaveLength(many);
    await longestIn('other colours', () => runCommand(page, 'give the labels other colours'));
    await longestIn('alone', () => page.getByLabel('Only the selected ones').click());
    await longestIn('panning', async () => {
      await paneOf(page, 'xy').hover();
      for (let i = 0; i < 20; i++) await page.mouse.wheel(0, i % 2 ? 120 : -120);
    });
    await longestIn('none', () => clear.click());
    expect(await kept()).toEqual([]);
    await longestIn('undo', () => runCommand(page, 'undo the view change'));
    // Told, not asserted: it is a matter of the machine.
    console.log(`longest tasks with ${many} selected labels, ms: ${JSON.stringify(took)}`);
    await expect.poll(async () => (await kept()).length).toBe(many);
    expect(await kept()).toEqual([...selected, '77']);
    expect(lamella.problems).toEqual([]);
  } finally {
    await lamella.app.close();
    for (const left of [folder, lamella.profile]) rmSync(left, { recursive: true, force: true });
  }
});
