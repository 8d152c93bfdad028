import type { ReactNode } from 'react';
import type { ImportedNumbers } from '../../../preload/contract/registration-import.ts';
import { Facts } from '../../ui/facts.tsx';
import { formatPercent } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';

/** What a registration of another program was made of. */
export function ImportedSection({ imported }: { readonly imported: ImportedNumbers }): ReactNode {
  const { transforms, back, seen, covered } = imported;
  return (
    <Section title="Of another program">
      <Facts
        facts={[
          ...transforms.map(({ name, kinds, inverted }, i) => ({
            name: `${i + 1}. ${kinds.join(', ')}`,
            value: inverted ? `${name}, inverted` : name,
          })),
          { name: 'Way back', value: back ? back.map(({ name }) => name).join(', ') : 'computed from these' },
          { name: 'Led into the moving', value: formatPercent(seen), about: 'Of the fixed volume.' },
          ...(covered === null
            ? []
            : [{ name: 'Under the field', value: formatPercent(covered), about: 'Of the fixed volume.' }]),
        ]}
      />
    </Section>
  );
}
