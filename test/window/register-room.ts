// The room Register: the way there, its steps, and what each of its screens is held to.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { cutText, seriousIn, smallTargets } from './screen-checks.ts';

export const goToRegister = (page: Page): Promise<void> =>
  page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Register' }).click();

export const step = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Register', exact: true }).getByRole('button', { name: new RegExp(name) });

export async function chooseBoth(page: Page, fixed: string, moving: string): Promise<void> {
  await page.getByLabel('Stays as it is (fixed)').selectOption({ label: fixed });
  await page.getByLabel('Is laid over it (moving)').selectOption({ label: moving });
}

export async function checkScreen(page: Page): Promise<void> {
  expect(await seriousIn(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  expect(await cutText(page)).toEqual([]);
}
