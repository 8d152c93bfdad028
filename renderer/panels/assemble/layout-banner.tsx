import type { ReactNode } from 'react';
import { importInOrder, useLayoutFinding } from '../../state/layout-check.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';

/** What the check before stitching found wrong with the layout, with its mend. */
export function LayoutBanner(): ReactNode {
  const found = useLayoutFinding();
  if (!found) return null;
  return (
    <ErrorNote
      message={found.message}
      hint="The same files are imported again with their places read so; nothing is read twice."
    >
      <Button tone="primary" onClick={() => void importInOrder(found)}>
        Import again in that order
      </Button>
    </ErrorNote>
  );
}
