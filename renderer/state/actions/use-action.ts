import { useSyncExternalStore } from 'react';
import { useAssemble } from '../assemble.ts';
import { useBoard } from '../board.ts';
import { useEdits } from '../edits.ts';
import { useJobs } from '../jobs.ts';
import { useLandmarks } from '../landmarks.ts';
import { useLibrary } from '../library.ts';
import { useLight } from '../light.ts';
import { useSession } from '../session.ts';
import { usePlaces } from '../places.ts';
import { onNudgeState } from '../register/nudge.ts';
import { useRegister } from '../register/register.ts';
import { onMoveState } from '../tile-move.ts';
import { useView } from '../view.ts';
import { useViewHistory } from '../view-history.ts';
import type { Action } from './registry.ts';
import { findAction, whyNot } from './registry.ts';

const stores: ReadonlyArray<{ readonly subscribe: (listener: () => void) => () => void }> = [
  useSession,
  useLibrary,
  useBoard,
  useAssemble,
  useLight,
  onMoveState,
  useEdits,
  useJobs,
  useView,
  useLandmarks,
  usePlaces,
  useRegister,
  onNudgeState,
  useViewHistory,
];

/** Calls back on every change of what an action's reason may depend on. */
export function onAnyChange(listener: () => void): () => void {
  const stops = stores.map((store) => store.subscribe(listener));
  return () => stops.forEach((stop) => stop());
}

/** An action and why it can't be done now; renders again only when the reason changes. */
export function useAction(id: string): { readonly action: Action; readonly reason: string | null } {
  const action = findAction(id);
  return { action, reason: useSyncExternalStore(onAnyChange, () => whyNot(action)) };
}
