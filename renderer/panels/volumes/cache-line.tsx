import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { byteSizeSchema } from '../../../preload/contract/volume.ts';
import { loadCache, useVolumes } from '../../state/volumes.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatBytes, plural } from '../../ui/format.ts';
import { Progress } from '../../ui/progress.tsx';
import { Section } from '../../ui/section.tsx';

/** What the library keeps of what was looked at, and how much it may. */
export function CacheLine(): ReactNode {
  const cache = useVolumes((s) => s.cache);
  if (!cache) return null;
  const { bytes, capBytes, entries } = cache;
  return (
    <Section
      title="Cache"
      aside={
        <span className="faint mono">
          {formatBytes(bytes)} of {formatBytes(capBytes)}
        </span>
      }
    >
      <Progress label="Cache used" fraction={capBytes > 0 ? bytes / capBytes : 0} />
      <details className="more">
        <summary>Change</summary>
        <div className="stack">
          <p className="faint">
            {plural(entries, 'part')} of volumes. What is cached of a server is there without it; what was not looked at
            longest goes first.
          </p>
          <CapForm key={capBytes} capBytes={capBytes} />
          <Button
            size="small"
            whyNot={entries === 0 ? 'It is empty' : null}
            onClick={() => void loadCache({ clear: true })}
          >
            Empty the cache
          </Button>
        </div>
      </details>
    </Section>
  );
}

function CapForm({ capBytes }: { readonly capBytes: number }): ReactNode {
  const [text, setText] = useState(formatBytes(capBytes).replaceAll(' ', ''));
  const valid = byteSizeSchema.safeParse(text.trim()).success;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (valid) void loadCache({ cap: text.trim() });
  };
  return (
    <form className="address-row" aria-label="Size of the cache" onSubmit={submit}>
      <TextField label="At most" value={text} problem={valid ? null : 'A size looks like 10 GB.'} onText={setText} />
      <Button type="submit">Set</Button>
    </form>
  );
}
