// What every screen is held to: names and roles, contrast, the size of targets, and text that is not cut off.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe finds at its level of serious and above, in words that name the element. */
export async function seriousIn(page: Page): Promise<string[]> {
  await waitUntilStill(page);
  // Electron has no blank page for axe to work in, so it runs in the page itself.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
}

/** What fades in has its own colours only once it is there. What spins for ever is not waited for. */
const waitUntilStill = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/** Targets smaller than 24 by 24 CSS pixels, unless they stand in running text (WCAG 2.2, 2.5.8). */
export const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        'button, input, select, textarea, summary, [role="slider"], [role="menuitem"], [role="menuitemcheckbox"], [role="tab"], a[href]',
      ),
    ]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 23.5 || box.height < 23.5))
      // A radio button or check box is pressed through its label.
      .filter(({ element }) => !element.closest('.choice, .check'))
      .map(
        ({ element, box }) =>
          `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent} ${box.width}x${box.height}`,
      ),
  );

/** Controls that Tab reaches, of the next `stops`, that do not show that they have the focus. */
export async function unseenFocus(page: Page, stops: number): Promise<string[]> {
  const unseen = new Set<string>();
  for (let stop = 0; stop < stops; stop++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const { activeElement: at } = document;
      if (!at || at === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      const seen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      return seen ? null : `${at.tagName}.${at.className} ${at.getAttribute('aria-label') ?? at.textContent ?? ''}`;
    });
    if (found !== null) unseen.add(found);
  }
  return [...unseen];
}

/** Words that run out of what holds them, or that another word or control lies over. */
export const cutText = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const held = 'button, label, h1, h2, h3, .badge, .menu-item, .hint, .section > header, .row, td, th, dd, dt';
    return [...document.querySelectorAll<HTMLElement>(held)]
      .filter((element) => element.offsetParent !== null)
      .filter((element) => {
        const { textOverflow, display } = getComputedStyle(element);
        return textOverflow !== 'ellipsis' && display !== 'inline' && element.scrollWidth > element.clientWidth + 2;
      })
      .map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 60)}`);
  });
