// Solving again in the room Assemble: a sweep with its corner, a pin, a new version, undo.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyFusedLibrary, lamella } from './fused-library.ts';
import { seriousIn } from './screen-checks.ts';
import { type LamellaWindow, shoot, startLamella, test } from './lamella-window.ts';

interface Placement {
  readonly tile: number;
  readonly fixed?: boolean;
  readonly stackFromTile: readonly number[];
}

/** Placements by version: the library is locked while a window has it open. */
function placementsIn(library: string): readonly Map<number, Placement>[] {
  const stacks = lamella('library', 'info', '--library', library)['stacks'] as { id: string; version: number }[];
  return stacks
    .toSorted((a, b) => a.version - b.version)
    .map(({ id }) => lamella('stitch', 'placements', '--library', library, '--stack', id)['placements'] as Placement[])
    .map((placements) => new Map(placements.map((one) => [one.tile, one])));
}

/** The chart of sections is as wide as its pane; keys take its choice, its words and the focus along, and stop at the end. */
async function stepThroughSections(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.getByRole('tab', { name: 'Sections', exact: true }).click();
  const chart = page.getByRole('listbox', { name: 'How well the links of each section fit, along z' });
  const free = (svg: Element): number => svg.parentElement!.clientWidth - svg.clientWidth;
  await expect.poll(() => chart.evaluate(free)).toBe(0);
  const option = (section: number) => chart.getByRole('option', { name: `Section ${section}:` });
  await option(0).click();
  for (const [key, section] of [
    ['ArrowRight', 1],
    ['End', 3],
    ['ArrowRight', 3],
    ['ArrowLeft', 2],
  ] as const) {
    await page.keyboard.press(key);
    await expect(option(section)).toBeFocused();
    const words = page.locator('.align-words');
    await expect(words).toContainText(`Section ${section}: `);
    await expect(words).toBeInViewport({ ratio: 1 });
  }
  await shoot(window, 'check-section-fits');
  await page.getByRole('tab', { name: 'Links, worst first' }).click();
}

test('a version is solved again after a sweep and with a pinned tile, which stays where it is', async () => {
  const made = copyFusedLibrary(mkdtempSync(join(tmpdir(), 'lamella-solve-')));
  const window = await startLamella({ args: ['--library', made.folder] });
  const { page } = window;
  const curve = page.getByRole('group', { name: /Residual against deformation/ });
  const version = (name: string): ReturnType<typeof page.getByRole> =>
    page.getByRole('heading', { name: `Version ${name}`, exact: true });
  try {
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
    await page.getByRole('radiogroup', { name: 'Step' }).getByRole('radio', { name: 'Solve' }).click();

    await page.getByRole('button', { name: 'Sweep lambda' }).click();
    await expect(curve.getByRole('button')).toHaveCount(17, { timeout: 30_000 });
    const chosen = curve.getByRole('button', { pressed: true });
    await expect(chosen).toHaveCount(1);
    const corner = (await chosen.getAttribute('aria-label')) ?? '';
    // Firmer holds leave links open and tiles nearer to the stage.
    const points = await curve
      .getByRole('button')
      .evaluateAll((dots) =>
        dots.map((dot) => (dot.getAttribute('aria-label') ?? '').match(/[\d.e+-]+(?= px)/g)?.map(Number) ?? []),
      );
    expect(points.at(-1)?.[0]).toBeGreaterThan(points[0]?.[0] ?? Infinity);
    expect(points.at(-1)?.[1]).toBeLessThan(points[0]?.[1] ?? 0);
    await curve.getByRole('button').last().press('Enter');
    await expect(page.getByRole('slider', { name: 'Lambda' })).toHaveAttribute('aria-valuenow', '4');
    await curve.getByRole('button', { name: corner }).click();
    await expect(chosen).toHaveAccessibleName(corner);
    await shoot(window, 'solve');
    await stepThroughSections(window);

    await page.getByRole('listbox', { name: 'Links, worst first' }).getByRole('option').first().click();
    const link = page.getByRole('listbox', { name: 'Links, worst first' }).getByRole('option', { selected: true });
    const pin = page.getByRole('button', { name: /^Pin / }).first();
    const tileName = (await pin.getAttribute('aria-label'))?.replace('Pin ', '') ?? '';
    await pin.click();
    await expect(page.getByText('1 tile pinned')).toBeVisible();
    await expect(version('2, translation')).toBeVisible();
    await expect(link).toHaveCount(1);
    await expect(curve).toBeHidden();

    await page.getByRole('button', { name: 'Solve again' }).click();
    await expect(version('3, affine')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('button', { name: `Let go ${tileName}` })).toBeVisible();
    await shoot(window, 'check-solve');

    await page.getByRole('button', { name: `Let go ${tileName}` }).click();
    await expect(version('4, affine')).toBeVisible();
    await expect(page.getByText('1 tile pinned')).toBeHidden();
    await page.keyboard.press('Control+z');
    await expect(version('3, affine')).toBeVisible();

    // By hand: 1 px by an arrow, 10 with Shift, and by the mouse; kept in a version, taken back by undo.
    await page.keyboard.press('m');
    const hand = page.getByRole('toolbar', { name: 'Move tiles by hand' });
    await page.keyboard.press('n');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowUp');
    await expect(hand).toContainText('1.00 px right, 10.00 px up');
    await expect(hand).toContainText(/its \d links? miss(es)? by (< )?0\.\d\d px, here by (9|10)\.\d\d px/);
    expect(await seriousIn(page)).toEqual([]);
    await shoot(window, 'solve-by-hand');
    await page.keyboard.press('l');
    await expect(hand).toContainText(/here by (< )?0\.\d\d px/);
    await page.keyboard.press('Escape');
    await expect(hand).toContainText('where the version has it');
    const map = await page.getByRole('img', { name: /^Link map/ }).boundingBox();
    if (!map) throw new Error('the map is there');
    const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 24, y, { steps: 3 });
    await page.mouse.up();
    await expect(hand).toContainText(/s\d+_r01_c01 \d+\.\d\d px right/);
    await hand.getByRole('button', { name: 'Pin here' }).click();
    await expect(version('5, affine')).toBeVisible();
    await expect(page.getByText('2 tiles pinned')).toBeVisible();
    await expect(hand).toContainText('where the version has it');
    await page.keyboard.press('Control+z');
    await expect(version('3, affine')).toBeVisible();
    await expect(page.getByText('1 tile pinned')).toBeVisible();
    expect(window.problems).toEqual([]);
    await window.app.close();

    const none = new Map<number, Placement>();
    const [stitched = none, held = none, solved = none] = placementsIn(made.folder);
    const pinnedIn = (placements: Map<number, Placement>): readonly Pick<Placement, 'tile' | 'stackFromTile'>[] =>
      [...placements.values()].flatMap(({ tile, fixed, stackFromTile }) => (fixed ? [{ tile, stackFromTile }] : []));
    const [pinned] = pinnedIn(held);
    expect(pinnedIn(solved)).toEqual([pinned]);
    const moved = [...stitched.values()].filter(
      ({ tile, stackFromTile }) => String(solved.get(tile)?.stackFromTile) !== String(stackFromTile),
    );
    expect(moved.length).toBeGreaterThan(stitched.size / 2);
    expect(moved.map(({ tile }) => tile)).not.toContain(pinned?.tile);
  } finally {
    await window.app.close();
    for (const left of [dirname(made.folder), window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
