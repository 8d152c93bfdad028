import { useDeferredValue } from 'react';
import type { ReactNode } from 'react';

/** What may come a moment after the rest, made in small steps between which the window answers. */
export function Later({ children }: { readonly children: ReactNode }): ReactNode {
  return useDeferredValue(true, false) ? children : null;
}
