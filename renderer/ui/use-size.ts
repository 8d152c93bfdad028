import { useLayoutEffect, useRef, useState } from 'react';

/** An element, and the room inside of it as it is now, CSS pixels; nothing until it is laid out. */
export function useSize() {
  const element = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return undefined;
    const watching = new ResizeObserver(() => setSize({ width: current.clientWidth, height: current.clientHeight }));
    watching.observe(current);
    return () => watching.disconnect();
  }, []);
  return [element, size] as const;
}
