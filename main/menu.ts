// The native menu, built from the actions that the window registers: one registry for menu, palette and shortcuts.
import type { MenuItemConstructorOptions } from 'electron';
import { Menu } from 'electron';
import type { MenuAction } from '../preload/contract/bridge.ts';

const MENUS = ['File', 'Edit', 'View', 'Go', 'Tools', 'Help'] as const;

/** What the system itself provides, beside the window's own actions. */
const SYSTEM_ITEMS: Partial<Record<(typeof MENUS)[number], MenuItemConstructorOptions[]>> = {
  File: [{ role: 'quit' }],
  Edit: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }],
  View: [{ role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'resetZoom' }, { role: 'togglefullscreen' }],
};

/** Shows `actions` in the native menu; a click calls `onAction` with the action's id. */
export function showMenu(actions: readonly MenuAction[], onAction: (id: string) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, onAction)));
}

export function menuTemplate(
  actions: readonly MenuAction[],
  onAction: (id: string) => void,
  platform: string = process.platform,
): MenuItemConstructorOptions[] {
  const menus = MENUS.map((label) => ({ label, submenu: itemsOf(label, actions, onAction) }));
  const filled = menus.filter(({ submenu }) => submenu.length > 0);
  return platform === 'darwin' ? [{ role: 'appMenu' }, ...filled] : filled;
}

function itemsOf(
  menu: (typeof MENUS)[number],
  actions: readonly MenuAction[],
  onAction: (id: string) => void,
): MenuItemConstructorOptions[] {
  const own = actions.filter((action) => action.menu === menu).map((action) => itemOf(action, onAction));
  const system = SYSTEM_ITEMS[menu] ?? [];
  return own.length > 0 && system.length > 0 ? [...own, { type: 'separator' }, ...system] : [...own, ...system];
}

function itemOf(action: MenuAction, onAction: (id: string) => void): MenuItemConstructorOptions {
  return {
    label: action.title,
    enabled: action.enabled ?? true,
    click: () => onAction(action.id),
    // Shown, not taken: the window handles its own keys, so that they work the same everywhere.
    ...(action.shortcut === undefined
      ? {}
      : { accelerator: acceleratorOf(action.shortcut), registerAccelerator: false }),
  };
}

const KEYS: Readonly<Record<string, string>> = {
  $mod: 'CommandOrControl',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ' ': 'Space',
  '+': 'Plus',
};

/** `$mod+Shift+P` as Electron writes it; of a sequence (`g h`), the first chord. */
export function acceleratorOf(shortcut: string): string {
  const chord = shortcut.split(' ')[0] ?? shortcut;
  return chord
    .split('+')
    .map((key) => KEYS[key] ?? key.replace(/^(Key|Digit)/, ''))
    .join('+');
}
