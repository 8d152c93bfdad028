import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { remPx } from './rem.ts';

/**
 * The rows of a long list that are in sight, in a frame that scrolls: only they are made, so that there may be tens of
 * thousands. Each is measured once it is there; until then it counts as `rowRem` high. `keyOf`: the same function each time.
 * `isFirst`: the row that is in sight at first, where there is one; the user scrolls from then on.
 */
export function useVirtualRows<R>(
  rows: readonly R[],
  keyOf: (row: R) => string | number,
  rowRem: number,
  isFirst: (row: R) => boolean = () => false,
) {
  const frame = useRef<HTMLDivElement>(null);
  const rowPx = rowRem * remPx();
  // With another `getItemKey` all places are reckoned anew: for other rows and another text size, not for each step scrolled.
  const sizes = useMemo(
    () => ({
      estimateSize: () => rowPx,
      getItemKey: (index: number): string | number => {
        const row = rows[index];
        return row === undefined ? index : keyOf(row);
      },
    }),
    [rows, keyOf, rowPx],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    overscan: 8,
    ...sizes,
  });
  const [first] = useState(() => rows.findIndex(isFirst));
  useEffect(() => {
    if (first >= 0) virtual.scrollToIndex(first, { align: 'center' });
  }, [virtual, first]);
  const inSight = virtual.getVirtualItems().flatMap(({ index, start, key }) => {
    const row = rows[index];
    const style = { transform: `translateY(${start}px)` };
    const place = { ref: virtual.measureElement, 'data-index': index, style };
    return row === undefined ? [] : [{ row, index, key, place }];
  });
  return { frame, virtual, inSight };
}
