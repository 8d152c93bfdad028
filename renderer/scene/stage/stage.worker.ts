import type { FromStage, ToStage } from './messages.ts';
import { Stage } from './stage.ts';

/** The drawing thread. The window's own thread never waits for the GPU. */
interface WorkerScope {
  postMessage(message: FromStage): void;
  onmessage: ((event: MessageEvent<ToStage>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const stage = new Stage((message) => scope.postMessage(message));
scope.onmessage = ({ data }) => stage.receive(data);
