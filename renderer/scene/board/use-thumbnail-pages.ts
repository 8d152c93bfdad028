import { useEffect, useRef } from 'react';
import type { PlaneHandle } from '../plane/plane-canvas.tsx';
import { ThumbnailPages } from './thumbnail-pages.ts';

/** Pages of thumbnails for as long as a scene shows one dataset. */
export function useThumbnailPages(
  dataset: string | null,
  handle: { readonly current: PlaneHandle | null },
): { readonly current: ThumbnailPages | null } {
  const pages = useRef<ThumbnailPages | null>(null);
  useEffect(() => {
    const made = dataset === null ? null : new ThumbnailPages(dataset, () => handle.current?.invalidate());
    pages.current = made;
    handle.current?.invalidate();
    return () => made?.dispose();
  }, [dataset, handle]);
  return pages;
}
