import { create } from 'zustand';

/**
 * Counts the canvases that each pane has had. When the process that draws dies, the canvases on the page lose their
 * pictures for good, and only new ones show anything again.
 */
export const useCanvasRun = create<{ readonly run: number }>(() => ({ run: 0 }));
export const takeNewCanvases = (): void => useCanvasRun.setState(({ run }) => ({ run: run + 1 }));
