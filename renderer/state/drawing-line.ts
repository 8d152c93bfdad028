import { takeDrawingPort } from '../engine.ts';
import { useLibrary } from './library.ts';

interface DrawingLine {
  readonly onPort: (port: MessagePort | null) => void;
  readonly onLibrary: (library: string) => void;
}

/** Tells the drawing thread which engine to ask for bricks, and of which library. */
export function followDrawingLine({ onPort, onLibrary }: DrawingLine): void {
  takeDrawingPort(onPort);
  const tell = (): void => onLibrary(useLibrary.getState().library?.library ?? '');
  tell();
  useLibrary.subscribe((now, before) => {
    if (now.library?.library !== before.library?.library) tell();
  });
}
