import { tinykeys } from 'tinykeys';
import type { MenuAction } from '../../../preload/contract/bridge.ts';
import { bridge } from '../../engine.ts';
import { useSession } from '../session.ts';
import { everyAction } from './every-action.ts';
import { onAnyChange } from './use-action.ts';
import { useKeys } from './key-map.ts';
import { actions, keysNow, register, runAction, whyNot } from './registry.ts';

/** Registers every action and connects the registry to the keys and the native menu. Call once. */
export function wireActions(): void {
  register(everyAction);
  listenToKeys();
  useKeys.subscribe(listenToKeys);
  useKeys.subscribe(menuSoon);
  bridge.onAction(runAction);
  onAnyChange(menuSoon);
  sendMenu();
}

let stopListening = (): void => undefined;

/** Listens to the keys as they are bound now. */
function listenToKeys(): void {
  stopListening();
  const table = keysNow();
  const map: Record<string, (event: KeyboardEvent) => void> = {};
  for (const keys of new Set([...table.values()].flat())) map[keys] = (event) => press(keys, table, event);
  stopListening = tinykeys(window, map, { ignore: isTakenByFocus });
}

/** Several actions may share keys in different rooms: the one of this room runs. */
function press(keys: string, table: ReturnType<typeof keysNow>, event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const { room } = useSession.getState();
  const action = actions().find(({ id, rooms }) => table.get(id)?.includes(keys) && (!rooms || rooms.includes(room)));
  if (!action) return;
  event.preventDefault();
  // A bare key that means nothing now stays silent: a toast for each stray key would be noise.
  if (whyNot(action) === null || event.ctrlKey || event.metaKey) runAction(action.id);
}

/** Takes every bare key: text is typed, or an entry found by its first letters. */
const typedIn =
  'input:not([type="range"],[type="checkbox"],[type="radio"],[type="color"]), textarea, select, [contenteditable="true"], [role="option"], [role="menuitem"], [data-own-keys]';
/** Takes the keys that move in it, and no letter: after a click on a layout or a slider, a view's keys go on as before. */
const movedIn = 'input, [role="slider"], [role="radio"], [role="tab"]';
const pressable = 'button, a, summary, input, [role="button"]';
const movingKeys = /^(Arrow(Left|Right|Up|Down)|Home|End|PageUp|PageDown)$/;

/** Typing and moving inside a control belong to the control; shortcuts with Ctrl or function keys work everywhere. */
function isTakenByFocus(event: KeyboardEvent): boolean {
  if (event.isComposing) return true;
  if (document.querySelector('dialog[open]')) return !/^F1$|^\?$/.test(event.key) || isEditable(event.target);
  if (/^F\d+$/.test(event.key)) return false;
  const element = event.target instanceof Element ? event.target : null;
  if (event.ctrlKey || event.metaKey) return isEditable(event.target) && /^[zyacvx]$/i.test(event.key);
  if (element?.closest(pressable) && ['Enter', ' '].includes(event.key)) return true;
  if (element?.closest(movedIn) && movingKeys.test(event.key)) return true;
  return element?.closest(typedIn) != null;
}

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type="range"],[type="checkbox"],[type="radio"]), textarea') !== null;

const withShortcut = (shortcut: string | undefined): { shortcut?: string } =>
  shortcut === undefined ? {} : { shortcut };

let timer: ReturnType<typeof setTimeout> | undefined;
let sent = '';

function menuSoon(): void {
  timer ??= setTimeout(sendMenu, 250);
}

/** Sends the menu when what it shows has changed. */
function sendMenu(): void {
  clearTimeout(timer);
  timer = undefined;
  const listed = actions().filter((action) => !action.unlisted);
  const table = keysNow();
  const menu: MenuAction[] = listed.map((action) => ({
    id: action.id,
    title: action.title,
    menu: action.menu,
    enabled: whyNot(action) === null,
    ...withShortcut(table.get(action.id)?.[0]),
  }));
  const text = JSON.stringify(menu);
  if (text === sent) return;
  sent = text;
  void bridge.setMenu(menu);
}
