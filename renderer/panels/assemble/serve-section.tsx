import type { ReactNode } from 'react';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { useLibrary } from '../../state/library.ts';
import { addressOfStack, setServing, useServing } from '../../state/serving.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

/** Opens the library to other programs of this computer, which ask for boxes and tiles by Render's web interface. */
export function ServeSection({ stack }: { readonly stack: StackSummary }): ReactNode {
  const { on, serving } = useServing();
  const library = useLibrary((s) => s.library);
  return (
    <Section title="On demand">
      <label className="check">
        <input type="checkbox" checked={on} onChange={() => setServing(!on)} />
        Serve to other tools
      </label>
      <p className="muted">
        Programs of this computer get any box or tile by Render's web interface. They need the token, and can only read.
      </p>
      {serving && library && (
        <>
          <Facts
            facts={[
              {
                name: 'Address',
                about:
                  'Of this version. Behind it: /z/0/box/0,0,1024,1024,0.5/png-image, /bounds, /tile-specs and so on.',
                value: (
                  <Copyable
                    label="address"
                    text={addressOfStack(serving, stack, library)}
                    shown={new URL(serving.address).host}
                  />
                ),
              },
              {
                name: 'Token',
                about: 'In the header Authorization: Bearer TOKEN, or as ?token=TOKEN. Another each time.',
                value: <Copyable label="token" text={serving.token} />,
              },
            ]}
          />
          <p className="muted" role="status">
            {`Open. ${plural(serving.answered, 'request')} answered`}
            {serving.failed > 0 && `, ${formatCount(serving.failed)} with an error`}
          </p>
        </>
      )}
    </Section>
  );
}
