// The labels of a layer: named by a table, found by name and by id, selected, alone, hidden and coloured, as the pane shows
// them.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerDialogs } from './dialogs.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { labelIds } from './known-volumes.ts';
import { shoot, test } from './lamella-window.ts';
import { pixelsIn } from './panes.ts';
import { screenNamed, showScreen, withRich } from './rich-window.ts';

const [left, right] = labelIds.map(String) as [string, string];
/** Of a volume of which nothing is drawn. */
const nothing = '#000000';

/** Colours of the left and the right half of the XY pane, beside the cross-hair. */
async function halves(page: Page): Promise<readonly string[]> {
  await waitUntilAllIsHere(page);
  const { width, height, rgba } = await pixelsIn(page, 'xy');
  return [-40, 40].map((by) => {
    const at = 4 * ((Math.floor(height / 2) - 20) * width + Math.floor(width / 2) + by);
    return `#${Buffer.from(rgba.subarray(at, at + 3)).toString('hex')}`;
  });
}

test('labels are named, found, selected, shown alone, coloured and let go', async () => {
  await withRich(async (window) => {
    const { app, page, rich, profile } = window;
    await showScreen(window, screenNamed(rich, 'labels'));
    const inspector = page.getByRole('complementary', { name: /inspector/ });
    const finds = inspector.getByRole('list', { name: 'Labels found' });
    const chosen = inspector.getByRole('list', { name: 'Selected labels' });
    const find = inspector.getByLabel('Find by id or name');

    const table = join(profile, 'names of the segments.csv');
    writeFileSync(table, `id,name,colour\n${left},Dorsal longitudinal tract,#e65344\n7,Giant fibre,#3fb6a8\n`);
    await answerDialogs(app, table);
    await inspector.getByRole('button', { name: 'Names from a table…' }).click();
    await expect(inspector.getByLabel('Names of labels')).toContainText('2 named by names of the segments.csv');
    await expect(chosen).toContainText('Dorsal longitudinal tract');
    await inspector.getByRole('button', { name: 'The table’s colours' }).click();
    await expect.poll(async () => (await halves(page))[0]).toBe('#e65344');

    await inspector.getByRole('button', { name: 'Clear 2' }).click();
    await expect(chosen).toHaveCount(0);
    await inspector.getByLabel('Only the selected ones').check();
    await expect.poll(() => halves(page)).toEqual([nothing, nothing]);
    await expect(inspector).toContainText('None is selected, so none is drawn.');

    // By a part of its name, with a click; by all digits of its id, with Enter.
    await find.fill('tract');
    await finds.getByRole('checkbox').check();
    await expect(chosen.getByRole('listitem')).toHaveCount(1);
    await expect.poll(() => halves(page)).toEqual(['#e65344', nothing]);
    await find.fill(right);
    await find.press('Enter');
    await expect(chosen.getByRole('listitem')).toHaveCount(2);
    await expect.poll(async () => (await halves(page))[1]).not.toBe(nothing);
    await find.fill('nothing of the kind');
    await expect(inspector).toContainText('No label is called that.');
    await find.fill('');
    await shoot(window, 'check-labels-section');

    const own = (await halves(page))[1];
    await inspector.getByLabel(`Colour of label ${right}`, { exact: true }).fill('#20c040');
    await expect.poll(() => halves(page)).toEqual(['#e65344', '#20c040']);
    await inspector.getByRole('button', { name: `Colour of label ${right} by its id again` }).click();
    await expect.poll(async () => (await halves(page))[1]).toBe(own);

    await inspector.getByRole('button', { name: `Deselect ${left}` }).click();
    await expect.poll(() => halves(page)).toEqual([nothing, own]);
    await page.keyboard.press('Control+Alt+z');
    await expect.poll(() => halves(page)).toEqual(['#e65344', own]);
    await inspector.getByRole('button', { name: 'Take names off' }).click();
    await expect(chosen).not.toContainText('Dorsal');
  });
});
