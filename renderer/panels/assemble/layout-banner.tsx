import type { ReactNode } from 'react';
import { importInOrder, startCheck, useLayoutFinding, useLayoutReport } from '../../state/layout-check.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';

/** What the check before stitching found wrong with the layout, with its mend. */
export function LayoutBanner(): ReactNode {
  const found = useLayoutFinding();
  // Where both readings are shown, the mend stands beside them.
  const report = useLayoutReport();
  if (!found || report) return null;
  return (
    <ErrorNote
      message={found.message}
      hint="The same files are imported again with their places read so; nothing is read twice."
    >
      <Button tone="primary" onClick={() => void importInOrder(found)}>
        Import again in that order
      </Button>
      <Button onClick={() => void startCheck()}>Show both readings</Button>
    </ErrorNote>
  );
}
