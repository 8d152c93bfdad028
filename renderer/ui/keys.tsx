import type { ReactNode } from 'react';

const symbols: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};

const isMac = navigator.userAgent.includes('Mac');

/** `$mod+Shift+p` as the keys that the user presses: `Ctrl`, `Shift`, `P`. */
export function keyNames(keys: string): readonly string[] {
  return keys
    .split(/\+(?=.)/)
    .filter((key, _i, all) => key !== 'Shift' || !all.includes('?'))
    .map((key) =>
      key === '$mod'
        ? isMac
          ? '⌘'
          : 'Ctrl'
        : (symbols[key] ?? (key.length === 1 ? key.toUpperCase() : key.replace(/^(Key|Digit)/, ''))),
    );
}

/** `Ctrl+Shift+P`, for attributes and text. */
export const keysText = (keys: string): string => keyNames(keys).join('+');

export function Keys({ keys }: { readonly keys: string }): ReactNode {
  return (
    <span className="keys">
      {keyNames(keys).map((name) => (
        <kbd key={name}>{name}</kbd>
      ))}
    </span>
  );
}
