// Every state of the room View, dark and light: axe, the size of targets, the scale of text.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, test } from './lamella-window.ts';
import { screensOf } from './rich-library.ts';
import { runCommand, screenNamed, showScreen, withRich } from './rich-window.ts';
import { cutText, seriousIn, smallTargets, unseenFocus } from './screen-checks.ts';

async function setTheme(page: Page, theme: 'dark' | 'light'): Promise<void> {
  if ((await page.locator('html').getAttribute('data-theme')) === theme) return;
  await runCommand(page, 'dark and light');
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

async function expectSound(window: LamellaWindow, name: string): Promise<void> {
  const { page } = window;
  await shoot(window, `check-${name}`);
  expect(await seriousIn(page), name).toEqual([]);
  expect(await smallTargets(page), name).toEqual([]);
  expect(await cutText(page), name).toEqual([]);
}

for (const theme of ['dark', 'light'] as const)
  test(`View with each kind of layer is sound to axe, ${theme}`, async () => {
    await withRich(async (window) => {
      for (const screen of screensOf(window.rich)) {
        await showScreen(window, screen);
        await setTheme(window.page, theme);
        await expectSound(window, `view-${screen.name}-${theme}`);
        if (theme === 'dark' && screen.name === 'shapes') await shoot(window, '26-shapes');
      }
    });
  });

/** Menus and dialogs of View: how each is opened. Escape closes it. */
const overlays: ReadonlyArray<readonly [name: string, open: (page: Page) => Promise<unknown>]> = [
  ['add-layer', (page) => page.getByRole('region', { name: 'Layers' }).getByRole('button', { name: 'Add' }).click()],
  [
    'layer-menu',
    (page) =>
      page
        .getByRole('list', { name: 'Layers' })
        .getByRole('button', { name: /: more$/ })
        .first()
        .click(),
  ],
  ['add-pane', (page) => page.getByRole('region', { name: 'Panes' }).getByRole('button', { name: 'Add' }).click()],
  ['pane-menu', (page) => page.getByRole('button', { name: 'XY: pane menu' }).click()],
  ['go-to', (page) => page.keyboard.press('Control+g')],
  ['figure', (page) => page.keyboard.press('Control+e')],
  ['movie', (page) => page.keyboard.press('Control+Shift+e')],
  ['link', (page) => runCommand(page, 'Open a Neuroglancer link')],
  ['palette', (page) => page.keyboard.press('Control+k')],
  ['shortcuts', (page) => page.keyboard.press('Shift+?')],
  ['key-editor', (page) => editKeys(page)],
  ['key-conflict', (page) => editKeys(page, 'm')],
];

/** Opens the editor of a command's keys, and presses keys in it. */
async function editKeys(page: Page, keys?: string): Promise<void> {
  await page.keyboard.press('Shift+?');
  await page.getByRole('searchbox', { name: 'Find a command' }).fill('invert');
  await page.getByRole('button', { name: /Invert grey levels/ }).click();
  if (keys === undefined) return;
  await page.keyboard.press(keys);
  await expect(page.getByText(/which would lose it/)).toBeVisible();
}

async function setTextSize(page: Page, percent: number): Promise<void> {
  await page.evaluate((size) => document.documentElement.style.setProperty('font-size', size), `${0.8125 * percent}%`);
}

/** With text of twice the size, nothing is cut off; then as it was. */
async function expectWholeTwice(window: LamellaWindow, name: string): Promise<void> {
  const { page } = window;
  await setTextSize(page, 200);
  await shoot(window, `check-view-${name}-200`);
  expect(await cutText(page), `${name}, text of 200 %`).toEqual([]);
  await setTextSize(page, 100);
}

const inspectorOf = (page: Page): Locator => page.getByRole('complementary', { name: /inspector/ });

async function unfold(page: Page, title: string): Promise<void> {
  const button = inspectorOf(page).getByRole('button', { name: title, exact: true });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
}

/** Parts of the panels that are folded until somebody asks for them. */
const panels: ReadonlyArray<readonly [name: string, screen: string, open: (page: Page) => Promise<unknown>]> = [
  [
    'place-and-clip',
    'image',
    async (page) => {
      for (const title of ['Checkerboard', 'Place', 'Clip in 3-D', 'Volume', 'Memory']) await unfold(page, title);
      await inspectorOf(page).getByRole('button', { name: 'Cut at the cross-hair' }).click();
      await inspectorOf(page).getByLabel('Shift x, nm').fill('120');
      await page.keyboard.press('Enter');
      await inspectorOf(page)
        .getByLabel(/^World from layer/)
        .fill('1 2 3');
    },
  ],
];

test('panels of View that are folded at first are sound to axe, and whole with large text', async () => {
  await withRich(async (window) => {
    const { page, rich } = window;
    for (const [name, screen, open] of panels) {
      await showScreen(window, screenNamed(rich, screen));
      await setTheme(page, 'dark');
      await open(page);
      await expectSound(window, `view-${name}-dark`);
      await expectWholeTwice(window, name);
    }
  });
});

test('every control of View shows that it has the focus, dark and light', async () => {
  await withRich(async (window) => {
    const { page, rich } = window;
    await showScreen(window, screenNamed(rich, 'labels'));
    for (const theme of ['dark', 'light'] as const) {
      await setTheme(page, theme);
      await page.locator('[data-pane="xy"]').focus();
      expect(await unseenFocus(page, 75), theme).toEqual([]);
    }
  });
});

for (const theme of ['dark', 'light'] as const)
  test(`menus and dialogs of View are sound to axe, ${theme}`, async () => {
    await withRich(async (window) => {
      const { page, rich } = window;
      await showScreen(window, screenNamed(rich, 'image'));
      await setTheme(page, theme);
      for (const [name, open] of overlays) {
        await page.locator('[data-pane="xy"]').focus();
        await open(page);
        await expectSound(window, `view-${name}-${theme}`);
        if (theme === 'dark') await expectWholeTwice(window, name);
        await page.keyboard.press('Escape');
        if (await page.locator('dialog[open]').isVisible()) await page.keyboard.press('Escape');
        await expect(page.locator('dialog[open], [role="menu"]')).toHaveCount(0);
      }
    });
  });

for (const scale of [1, 2] as const)
  test(`text of View at ${scale * 100} % is whole on a small and a large screen`, async () => {
    await withRich(async (window) => {
      const { page } = window;
      for (const screen of screensOf(window.rich)) {
        await showScreen(window, screen);
        await setTextSize(page, 100 * scale);
        for (const size of scale === 1 ? (['desktop'] as const) : (['laptop', 'desktop'] as const)) {
          await shoot(window, `check-view-${screen.name}-${scale * 100}-${size}`, size);
          expect(await cutText(page), `${screen.name} ${size}`).toEqual([]);
        }
      }
    });
  });
