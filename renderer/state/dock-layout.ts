import { create } from 'zustand';

interface DockLayout {
  /** Where panes lie in the dock, as dockview writes it; '' for their first places. */
  readonly text: string;
  /** Counts the times that it was set from elsewhere than the dock, which then follows. */
  readonly run: number;
}

/** A part of the view that only the dock can read: kept and named with it. */
export const useDockLayout = create<DockLayout>(() => ({ text: '', run: 0 }));

/** The user moved something in the dock. */
export const noteDockLayout = (text: string): void => useDockLayout.setState({ text });

/** Puts panes where a kept layout had them, or ('') at their first places. */
export const placePanes = (text: string): void => useDockLayout.setState(({ run }) => ({ text, run: run + 1 }));
