import { bridge } from '../engine.ts';
import type { Toast } from './toasts.ts';

/** What a message of a file that was written offers. `file`: as the shell granted it. */
export const showFile = (file: string): NonNullable<Toast['action']> => ({
  label: 'Show file',
  run: () => void bridge.reveal(file),
});
