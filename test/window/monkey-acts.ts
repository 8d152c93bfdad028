// What a monkey does to a window: one random act at a time, told in words.
import type { Page } from '@playwright/test';
import { keyPresets } from '../../renderer/state/actions/key-presets.ts';

type Random = () => number;

/** What begins long work, leaves the library, or takes from it what the monkey is measured by: an undo might undo the volume. */
const tabooWords =
  /sample|close the library|sweep|remove|delete|take out|publish|convert|stitch|fuse|import|forget|quit|reload|rename|update|clear the cache|allow|restart the graphics|undo|redo/i;

const pick = <T>(from: readonly T[], random: Random): T | undefined => from[Math.floor(random() * from.length)];

/** Every key with every modifier: those that are registered are among them; and the presets' own, which are pressed more often. */
const plain = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789,.;'[]/-=+?<> ",
  ...['Arrow', 'Page'].flatMap((stem) => ['Up', 'Down'].map((way) => stem + way)),
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
  'Delete',
  'F2',
];
const taboo = new Set([
  'Control+w',
  'Control+q',
  'Control+r',
  'Control+z',
  'Control+y',
  ...['W', 'Q', 'R', 'Z', 'w', 'q', 'r', 'z'].map((key) => `Control+Shift+${key}`),
  ...['z', 'y'].map((key) => `Control+Alt+${key}`),
]);
const keys = [
  ...['', '', '', 'Shift+', 'Control+', 'Alt+', 'Control+Shift+', 'Control+Alt+'].flatMap((held) =>
    plain.map((key) => held + key),
  ),
  ...Object.values(keyPresets).flatMap((preset) => Object.values(preset).flat()),
]
  .map((words) => words.replaceAll('$mod', 'Control'))
  .filter((words) => !taboo.has(words))
  .map((words) => words.split(/(?<=\S) (?=\S)/));

const others = [
  'Tab',
  'Shift+Tab',
  'Enter',
  'Space',
  'Escape',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'PageDown',
  'Home',
  'End',
  'Backspace',
  'F1',
];
const modifiers = ['Shift', 'Control', 'Alt'] as const;

async function pressKey(page: Page, random: Random): Promise<string> {
  const words = random() < 0.7 ? (pick(keys, random) ?? []) : [pick(others, random) ?? 'Tab'];
  const times = random() < 0.2 ? 12 : 1;
  for (let i = 0; i < times; i++) for (const word of words) await page.keyboard.press(word);
  return `press ${words.join(' ')} x${times}`;
}

/** Mostly inside a pane, else anywhere. */
async function somewhere(page: Page, random: Random): Promise<readonly [number, number]> {
  const panes = random() < 0.8 ? await page.locator('[data-pane]').all() : [];
  const box =
    (await pick(panes, random)
      ?.boundingBox({ timeout: 1000 })
      .catch(() => null)) ?? null;
  const { width, height } =
    page.viewportSize() ?? (await page.evaluate(() => ({ width: innerWidth, height: innerHeight })));
  const [x, y, w, h] = box ? [box.x, box.y, box.width, box.height] : [0, 0, width, height];
  return [Math.round(x + random() * w), Math.round(y + random() * h)];
}

async function held(page: Page, random: Random, act: () => Promise<void>): Promise<string> {
  const down = modifiers.filter(() => random() < 0.2);
  for (const key of down) await page.keyboard.down(key);
  await act();
  for (const key of down) await page.keyboard.up(key);
  return down.join('+');
}

async function wheel(page: Page, random: Random): Promise<string> {
  const [x, y] = await somewhere(page, random);
  await page.mouse.move(x, y);
  const by = Math.round((random() - 0.5) * 10 ** (1 + 3 * random()));
  const keysHeld = await held(page, random, async () => {
    for (let i = 0; i < 6; i++) await page.mouse.wheel(random() < 0.2 ? by : 0, by);
  });
  return `wheel ${by} at ${x},${y} ${keysHeld}`;
}

async function drag(page: Page, random: Random): Promise<string> {
  const [from, to] = [await somewhere(page, random), await somewhere(page, random)];
  const button = pick(['left', 'left', 'middle', 'right'] as const, random) ?? 'left';
  const keysHeld = await held(page, random, async () => {
    await page.mouse.move(...from);
    await page.mouse.down({ button });
    await page.mouse.move(...to, { steps: 6 });
    await page.mouse.up({ button });
  });
  return `drag ${button} ${from.join()} to ${to.join()} ${keysHeld}`;
}

const clickable =
  'button, [role="menuitem"], [role="menuitemcheckbox"], [role="menuitemradio"], [role="tab"], [role="slider"], [role="option"], input, select, summary, label';

/** A control that is in sight, where it is in sight: pressed as a hand would, on whatever lies on top there. */
async function click(page: Page, random: Random): Promise<string> {
  const found = await page.evaluate((selector) => {
    const words = (element: Element): string =>
      `${element.getAttribute('aria-label') ?? ''} ${element.getAttribute('title') ?? ''} ${element.textContent ?? ''}`.slice(
        0,
        200,
      );
    return [...document.querySelectorAll(selector)].flatMap((element) => {
      const box = element.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const top = document.elementFromPoint(x, y);
      return box.width > 0 && top && (element.contains(top) || top.contains(element))
        ? [{ x, y, words: words(element) }]
        : [];
    });
  }, clickable);
  const target = pick(
    found.filter(({ words }) => !tabooWords.test(words)),
    random,
  );
  if (!target) return 'click nothing';
  const { x, y, words } = target;
  if (random() < 0.1) await page.mouse.dblclick(x, y);
  else await page.mouse.click(x, y, { button: random() < 0.1 ? 'right' : 'left' });
  return `click "${words.trim().slice(0, 60)}"`;
}

/** One of the commands that can be run now. */
async function command(page: Page, random: Random): Promise<string> {
  for (let i = 0; i < 2; i++) await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  const options = page.getByRole('listbox', { name: 'Commands' }).locator('[role="option"][aria-disabled="false"]');
  const titles = await options.locator('> span:first-child').allTextContents();
  const title = pick(
    titles.filter((one) => !tabooWords.test(one)),
    random,
  );
  if (title === undefined) return 'no palette';
  await options
    .nth(titles.indexOf(title))
    .click({ timeout: 2000 })
    .catch(() => undefined);
  return `command ${title}`;
}

const texts = [
  '0',
  '-1',
  '1e308',
  'NaN',
  '18446744073709551616',
  '1, 2, 3',
  '0.5 mm',
  'a'.repeat(300),
  '😀\u202E',
  '{"layers":[]}',
  '#!{',
];

async function type(page: Page, random: Random): Promise<string> {
  const text = pick(texts, random) ?? '';
  await page.keyboard.insertText(text);
  if (random() < 0.7) await page.keyboard.press('Enter');
  return `type ${text.slice(0, 30)}`;
}

async function rest(page: Page, random: Random): Promise<string> {
  await page.mouse.move(...(await somewhere(page, random)));
  await page.waitForTimeout(Math.floor(random() * 300));
  return 'wait';
}

/** One act; says which. */
export function randomAct(page: Page, random: Random): Promise<string> {
  const at = random();
  if (at < 0.3) return pressKey(page, random);
  if (at < 0.5) return wheel(page, random);
  if (at < 0.65) return drag(page, random);
  if (at < 0.87) return click(page, random);
  if (at < 0.94) return command(page, random);
  if (at < 0.98) return type(page, random);
  return rest(page, random);
}
