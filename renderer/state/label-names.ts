import { useEffect, useState } from 'react';
import { create } from 'zustand';
import { toWireError } from '../../preload/contract/errors.ts';
import type { NamedLabel } from '../../preload/contract/label.ts';
import { engine } from '../engine.ts';
import { labelIdOf } from './label-ids.ts';
import { selectLabels, type LabelLayer } from './labels.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { attempt } from './toasts.ts';

/** Names of labels: those that were asked for lately, by volume and id; null where a label has none. */
interface NamesState {
  readonly names: ReadonlyMap<string, NamedLabel | null>;
  /** Counts how often all was forgotten: answers to questions of before are dropped. */
  readonly epoch: number;
}
export const useLabelNames = create<NamesState>(() => ({ names: new Map(), epoch: 0 }));

const mostKept = 4000;
/** Ids that are asked for within this time are one question. */
const gatherMs = 40;
const mostAsked = 1000;

const keyOf = (volume: string, id: string): string => `${volume}/${id}`;

const waiting = new Map<string, Set<string>>();
/** Volumes without a name at all are not asked again. */
const nameless = new Set<string>();
let gathering: ReturnType<typeof setTimeout> | undefined;

/** The name of a label, once it is known; undefined until then. */
export function useLabelName(volume: string, id: string | null): NamedLabel | null | undefined {
  const known = useLabelNames(({ names }) => (id === null ? null : names.get(keyOf(volume, id))));
  useEffect(() => {
    if (known === undefined && id !== null) askName(volume, id);
  }, [known, volume, id]);
  return known;
}

function askName(volume: string, id: string): void {
  if (nameless.has(volume)) return;
  const ids = waiting.get(volume) ?? new Set();
  waiting.set(volume, ids.add(id));
  gathering ??= setTimeout(() => void askWaiting(), gatherMs);
}

async function askWaiting(): Promise<void> {
  gathering = undefined;
  const asked = [...waiting];
  waiting.clear();
  if (!useLibrary.getState().library) return;
  await Promise.all(asked.map(([volume, ids]) => askNames(volume, [...ids].slice(-mostAsked))));
}

async function askNames(volume: string, ids: readonly string[]): Promise<void> {
  const { epoch } = useLabelNames.getState();
  const found = await namesOf(volume, ids).catch(() => []);
  if (useLabelNames.getState().epoch === epoch) keep(volume, ids, found);
}

async function namesOf(volume: string, ids: readonly string[]): Promise<readonly NamedLabel[]> {
  const library = openLibraryId();
  const { value } = await engine().volume.labels({ library, volume, ids: [...ids], most: mostAsked });
  if (value.total > 0) return value.labels;
  const all = await engine().volume.labels({ library, volume, most: 1 });
  if (all.value.total === 0) nameless.add(volume);
  return [];
}

function keep(volume: string, ids: readonly string[], found: readonly NamedLabel[]): void {
  const byId = new Map(found.map((label) => [label.id, label]));
  const names = new Map(useLabelNames.getState().names);
  for (const id of ids) names.set(keyOf(volume, id), byId.get(id) ?? null);
  for (const key of names.keys()) {
    if (names.size <= mostKept) break;
    names.delete(key);
  }
  useLabelNames.setState({ names });
}

/** A legend may have been given, taken off, undone. */
function forgetNames(): void {
  nameless.clear();
  useLabelNames.setState(({ epoch }) => ({ names: new Map(), epoch: epoch + 1 }));
}
onLibraryChanged(() => Promise.resolve(forgetNames()));

export interface FoundLabels {
  readonly total: number;
  readonly labels: readonly NamedLabel[];
}

const nothing = { found: null, problem: '' } as const;

/** As many as a list shows. */
const mostFound = 100;
/** Typing rests this long before it is searched. */
const restMs = 150;

/** The labels of a volume by a part of their names or ids, or why there are none. Not asked while the text is empty. */
export function useLabelSearch(
  volume: string,
  find: string,
): { readonly found: FoundLabels | null; readonly problem: string } {
  const [answer, setAnswer] = useState<{ found: FoundLabels | null; problem: string }>({ found: null, problem: '' });
  // A legend that is given while the text stays changes what is found.
  const epoch = useLabelNames((s) => s.epoch);
  useEffect(() => {
    if (find === '') return undefined;
    const asking = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const input = { library: openLibraryId(), volume, find, most: mostFound };
        const { value } = await engine().volume.labels(input, { signal: asking.signal });
        if (!asking.signal.aborted) setAnswer({ found: value, problem: '' });
      } catch (error) {
        if (!asking.signal.aborted) setAnswer({ found: null, problem: toWireError(error).message });
      }
    };
    const timer = setTimeout(() => void ask(), restMs);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [volume, find, epoch]);
  return find === '' ? nothing : answer;
}

/** Selects the label of an id, named or not; else the first that a search for the text finds. */
export async function selectFound({ id: layer, volume }: LabelLayer, find: string): Promise<void> {
  const asked = labelIdOf(find);
  if (asked !== null) return selectLabels([asked], layer);
  const answer = await attempt(() => engine().volume.labels({ library: openLibraryId(), volume, find, most: 1 }));
  selectLabels(answer?.value.labels.map(({ id }) => id) ?? [], layer);
}
