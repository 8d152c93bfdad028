import type { Port } from './rpc.ts';

/** What a web MessagePort has of a channel. */
export interface Channel {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  start(): void;
  postMessage(message: unknown): void;
  close(): void;
}

/** A port that keeps what is posted until there is a channel to post it to. */
export class LatePort implements Port {
  #channel: Channel | null = null;
  #waiting: unknown[] = [];
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: () => void = () => undefined;

  get attached(): boolean {
    return this.#channel !== null;
  }

  attach(channel: Channel): void {
    this.#channel = channel;
    channel.addEventListener('message', (event) => this.#onMessage(event.data));
    channel.start();
    for (const message of this.#waiting) channel.postMessage(message);
    this.#waiting = [];
  }

  post(message: unknown): void {
    if (this.#channel) this.#channel.postMessage(message);
    else this.#waiting.push(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  close(): void {
    this.#channel?.close();
    this.#onClose();
  }
}
