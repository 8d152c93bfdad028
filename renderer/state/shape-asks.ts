import { create } from 'zustand';
import type { WireError } from '../../preload/contract/errors.ts';
import { isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import { engine, onEngine } from '../engine.ts';
import { useLibrary } from './library.ts';
import type { FragmentAddress, ShapeAnswer, ShapeAsk, ShapeOutcome } from './shape-messages.ts';

/** Asks the engine for the shapes that the drawing worker needs, and keeps one line of what went wrong for each set. */

export interface ShapeTrouble {
  readonly kind: 'offline' | 'failed' | 'note';
  /** One line for the layer. */
  readonly line: string;
  /** Parts that could not be had or drawn. */
  readonly parts: number;
}

/** By the id of the set. A note says what is left out on purpose. */
export const useShapeTrouble = create<Readonly<Record<string, ShapeTrouble>>>(() => ({}));

const worse = { note: 0, failed: 1, offline: 2 } as const;

function say(shape: string, kind: ShapeTrouble['kind'], line: string, parts = 1): void {
  const before = useShapeTrouble.getState()[shape];
  if (before && worse[before.kind] > worse[kind]) return;
  // The first of many is told, with how many there are.
  const same = before?.kind === kind && kind === 'failed';
  const next = same ? { ...before, parts: before.parts + parts } : { kind, line, parts };
  useShapeTrouble.setState({ [shape]: next });
}

/** A source that answers is away no more; what it said that is bad stays said. */
function answers(shape: string): void {
  if (useShapeTrouble.getState()[shape]?.kind === 'offline') forget(shape);
}

const forget = (shape: string): void =>
  useShapeTrouble.setState(
    Object.fromEntries(Object.entries(useShapeTrouble.getState()).filter(([id]) => id !== shape)),
    true,
  );

type Post = (answer: ShapeAnswer, transfer: Transferable[]) => void;
type Stream = Extract<ShapeAsk, { readonly ask: number; readonly shape: string }>;

const again = new Set<(shape: string) => void>();

/** Asks anew for what a set could not give. */
export function retryShapes(shape: string): void {
  forget(shape);
  for (const ask of again) ask(shape);
}

/** What to do with each thing that the worker asks for; `post` takes the answers to it. */
export function shapeAsks(post: Post): (ask: ShapeAsk) => void {
  const running = new Map<number, AbortController>();
  again.add((shape) => post({ t: 'again', shape }, []));
  onEngine((state) => {
    if (state === 'running') for (const shape of Object.keys(useShapeTrouble.getState())) retryShapes(shape);
  });
  return (ask) => {
    if (ask.t === 'refused') return say(ask.shape, 'failed', `${ask.key}: ${ask.message}`);
    if (ask.t === 'cancel') return running.get(ask.ask)?.abort();
    const controller = new AbortController();
    running.set(ask.ask, controller);
    void answer(ask, controller.signal, post).then((outcome) => {
      running.delete(ask.ask);
      post({ t: 'over', ask: ask.ask, outcome }, []);
    });
  };
}

async function answer(ask: Stream, signal: AbortSignal, post: Post): Promise<ShapeOutcome> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return 'failed';
  try {
    await send[ask.t](ask as never, { library, shape: ask.shape }, signal, post);
    answers(ask.shape);
    return 'done';
  } catch (error) {
    return signal.aborted ? 'done' : judge(ask, error);
  }
}

function judge(ask: Stream, error: unknown): ShapeOutcome {
  if (isLamellaError(error, 'worker-died', 'cancelled')) return 'offline';
  const { message, hint }: WireError = toWireError(error);
  const offline = isLamellaError(error, 'unreachable');
  say(ask.shape, offline ? 'offline' : 'failed', `${message} ${hint}`);
  return offline ? 'offline' : 'failed';
}

interface InSet {
  readonly library: string;
  readonly shape: string;
}

type Send<T extends Stream['t']> = (
  ask: Extract<Stream, { readonly t: T }>,
  set: InSet,
  signal: AbortSignal,
  post: Post,
) => Promise<void>;

const send: { readonly [T in Stream['t']]: Send<T> } = {
  keys: async ({ ask, most }, set, signal, post) => {
    const { value } = await engine().shape.keys({ ...set, most }, { signal });
    if (value.keys.length === 0)
      say(set.shape, 'note', 'This source does not list its shapes: choose some by their id.');
    else if (value.total > value.keys.length)
      say(set.shape, 'note', `The first ${value.keys.length} of ${value.total} shapes are drawn: choose others by id.`);
    post({ t: 'keys', ask, keys: value.keys.map(({ key }) => key) }, []);
  },
  manifests: async ({ ask, keys }, set, signal, post) => {
    const { value } = await engine().shape.manifests({ ...set, keys: [...keys] }, { signal });
    for (const { message, hint } of value.failed) say(set.shape, 'failed', `${message} ${hint}`);
    post({ t: 'manifests', ask, manifests: value.manifests, failed: value.failed.map(({ key }) => key) }, []);
  },
  fragments: async ({ ask, fragments }, set, signal, post) => {
    const onValue = (value: FragmentAddress & Counts, bytes?: Uint8Array): void => {
      if (signal.aborted) return;
      if (value.failed !== '') say(set.shape, 'failed', `${value.key}: ${value.failed}`);
      const { buffer, at } = ownBytes(bytes, value.vertices * 12 + value.triangles * 12);
      const positionsNm = new Float32Array(buffer, at, value.vertices * 3);
      const indices = new Uint32Array(buffer, at + value.vertices * 12, value.triangles * 3);
      const place = { key: value.key, level: value.level, box: value.box };
      post({ t: 'fragment', ask, at: place, positionsNm, indices, failed: value.failed !== '' }, [buffer]);
    };
    await engine().shape.fragments({ ...set, fragments: [...fragments] }, { signal, onValue });
  },
  skeletons: async ({ ask, keys }, set, signal, post) => {
    const onValue = (
      { key, nodes, edges, failed }: { key: string; nodes: number; edges: number; failed: string },
      bytes?: Uint8Array,
    ): void => {
      if (signal.aborted) return;
      if (failed !== '') say(set.shape, 'failed', `${key}: ${failed}`);
      const { buffer, at } = ownBytes(bytes, nodes * 16 + edges * 8);
      const positionsNm = new Float32Array(buffer, at, nodes * 3);
      const radiiNm = new Float32Array(buffer, at + nodes * 12, nodes);
      const pairs = new Uint32Array(buffer, at + nodes * 16, edges * 2);
      post({ t: 'skeleton', ask, key, positionsNm, radiiNm, edges: pairs, failed: failed !== '' }, [buffer]);
    };
    await engine().shape.skeletons({ ...set, keys: [...keys] }, { signal, onValue });
  },
};

interface Counts {
  readonly vertices: number;
  readonly triangles: number;
  readonly failed: string;
}

/** Bytes that can be given away and read as 32-bit numbers: a copy only where they lie within something else. */
function ownBytes(
  bytes: Uint8Array | undefined,
  length: number,
): { readonly buffer: ArrayBuffer; readonly at: number } {
  if (!bytes || length === 0) return { buffer: new ArrayBuffer(0), at: 0 };
  if (bytes.byteLength !== length)
    throw new RangeError(`A shape of ${length} bytes came as ${bytes.byteLength}. Start Lamella again.`);
  const { buffer, byteOffset } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength < length + 4096 && byteOffset % 4 === 0;
  return whole ? { buffer, at: byteOffset } : { buffer: bytes.slice().buffer, at: 0 };
}
