import { readFileSync } from 'node:fs';
import type { ElectronApplication } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds that each frame of the busiest worker of the window takes while something is done: Chromium traces them. */
export async function workerFrames(
  app: ElectronApplication,
  file: string,
  work: () => Promise<unknown>,
): Promise<readonly number[]> {
  await app.evaluate(({ contentTracing }) =>
    contentTracing.startRecording({ included_categories: ['devtools.timeline'], excluded_categories: ['*'] }),
  );
  await work();
  await app.evaluate(({ contentTracing }, path) => contentTracing.stopRecording(path), file);
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { readonly traceEvents: readonly TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const workers = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && /DedicatedWorker/.test(args?.name ?? ''))
      .map(threadOf),
  );
  const frames = new Map<string, number[]>();
  for (const event of traceEvents) {
    const thread = threadOf(event);
    if (event.name !== 'FireAnimationFrame' || event.ph !== 'X' || !workers.has(thread)) continue;
    frames.set(thread, [...(frames.get(thread) ?? []), (event.dur ?? 0) / 1000]);
  }
  const total = (ms: readonly number[]): number => ms.reduce((sum, one) => sum + one, 0);
  return [...frames.values()].toSorted((a, b) => total(b) - total(a))[0] ?? [];
}
