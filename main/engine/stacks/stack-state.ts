import { LamellaError } from '../../../preload/contract/errors.ts';
import type { StackSummary } from '../../../preload/contract/library.ts';
import type { ReadHandle } from '../store/library-store.ts';

export type StackState = StackSummary['state'];

/** Where a stack version may go from each state, as in Render; from everywhere also to where it is. */
const next: Readonly<Record<StackState, readonly StackState[]>> = {
  LOADING: ['COMPLETE'],
  COMPLETE: ['LOADING', 'READ_ONLY', 'OFFLINE'],
  READ_ONLY: ['COMPLETE', 'OFFLINE'],
  OFFLINE: ['COMPLETE'],
};

/** 'conflict' where Render would refuse the step, too. */
export function refuseStep(from: StackState, to: StackState, stack: string): void {
  if (from === to || next[from].includes(to)) return;
  throw new LamellaError('conflict', `Stack ${stack} is ${from} and cannot become ${to} at once.`, {
    hint: `Make it ${next[from].join(' or ')} first.`,
    fields: { stack, from, to },
  });
}

const wanted: Readonly<Record<'read' | 'change', { readonly states: readonly StackState[]; readonly words: string }>> =
  {
    read: { states: ['LOADING', 'COMPLETE', 'READ_ONLY'], words: 'its tiles are not to be had' },
    change: { states: ['LOADING', 'COMPLETE'], words: 'it is not to be changed' },
  };

/** 'conflict' where a stack version is in no state to be read from, or to be changed. */
export function requireState(read: ReadHandle, stack: string, purpose: 'read' | 'change'): void {
  const { state } = read.get<{ state: StackState }>('SELECT state FROM stack WHERE id = ?', stack) ?? {
    state: 'COMPLETE',
  };
  if (wanted[purpose].states.includes(state)) return;
  throw new LamellaError('conflict', `Stack ${stack} is ${state}: ${wanted[purpose].words}.`, {
    hint: 'Make it COMPLETE first (stack set-state).',
    fields: { stack, state },
  });
}
