import type { ReactNode } from 'react';

/** Names of one origin differ at their ends: so much of them stays in sight. */
const mostTail = 22;
const shortestHead = 4;

/** A name that is cut in the middle where there is no room for all of it; the space at which it is parted stays. */
export function MiddleCut({ text }: { readonly text: string }): ReactNode {
  const at = text.indexOf(' ', Math.max(shortestHead, text.length - mostTail));
  if (at === -1) return <span className="truncate">{text}</span>;
  return (
    <span className="truncate middle-cut">
      <span className="cut-head">{text.slice(0, at)}</span>
      <span className="cut-tail">{text.slice(at)}</span>
    </span>
  );
}
