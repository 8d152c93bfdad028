import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';

/** An id or hash that can be read in part and copied whole. */
export function Copyable({
  text,
  label,
  shown,
}: {
  readonly text: string;
  readonly label: string;
  readonly shown?: string;
}): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <span className="copyable">
      <code className="mono truncate selectable" title={text}>
        {shown ?? text}
      </code>
      <IconButton
        icon={copied ? Check : Copy}
        iconSize={13}
        label={copied ? `${label} copied` : `Copy ${label}`}
        onClick={copy}
        onBlur={() => setCopied(false)}
      />
    </span>
  );
}
