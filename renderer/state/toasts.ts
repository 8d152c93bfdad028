import { create } from 'zustand';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';

export type ToastTone = 'info' | 'good' | 'warn' | 'bad';

export interface Toast {
  readonly id: number;
  readonly tone: ToastTone;
  /** A newer toast of the same topic takes the place of this one; the title where left out. */
  readonly topic?: string | undefined;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** For the copy button of an error. */
  readonly error?: WireError | undefined;
}

interface ToastState {
  readonly toasts: readonly Toast[];
}

export const useToasts = create<ToastState>(() => ({ toasts: [] }));

const most = 3;

const topicOf = ({ topic, title }: Toast): string => topic ?? title;
let nextId = 1;

export function toast(content: Omit<Toast, 'id'>): void {
  const made = { ...content, id: nextId++ };
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter((t) => topicOf(t) !== topicOf(made)), made].slice(-most),
  }));
}

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((t) => t.id !== id) }));
}

/** Takes away what is shown elsewhere now. */
export const dismissTopic = (topic: string): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => topicOf(one) !== topic) }));

/** Leaving a room leaves its messages behind; errors stay until they are closed. */
export const clearNotices = (): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter(({ tone }) => tone === 'bad') }));

/** Shows what went wrong, in the error's own words: what happened and why, then the next step. */
export function toastError(error: unknown): WireError {
  const wire = toWireError(error);
  // The engine comes back by itself: no reason for a message that stays until it is closed.
  if (wire.tag === 'worker-died') toast({ tone: 'info', title: wire.message, detail: wire.hint });
  else if (wire.tag !== 'cancelled') toast({ tone: 'bad', title: wire.message, detail: wire.hint, error: wire });
  return wire;
}

/** Runs something that may fail; a failure becomes a toast and the answer null. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    toastError(error);
    return null;
  }
}
