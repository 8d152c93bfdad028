import { type ReactNode, useEffect } from 'react';
import type { Grant } from '../../../preload/contract/bridge.ts';
import { lookForBlocks, takeBlocks, useBlocks } from '../../state/blocks.ts';
import { Button } from '../../ui/button.tsx';
import { plural } from '../../ui/format.ts';

/** A folder of tiles may be one of 3-D blocks: then the way to import it as such. */
export function BlocksOffer({ source }: { readonly source: Grant }): ReactNode {
  const offer = useBlocks((s) => (s.offer?.source.id === source.id ? s.offer : null));
  useEffect(() => void lookForBlocks(source), [source]);
  const [best] = offer?.candidates ?? [];
  if (!best) return null;
  return (
    <p className="blocks-offer">
      It looks like a grid of {plural(best.blocks, '3-D block')}: {best.label}.{' '}
      <Button size="small" onClick={() => takeBlocks()}>
        Import as 3-D blocks
      </Button>
    </p>
  );
}
