// The contract runs in the renderer and in Node, so it compiles against neither's types.
// This is the part of AbortSignal that both have and the contract uses.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
