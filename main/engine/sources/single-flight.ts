import { cancelled, checkSignal } from './keys.ts';

interface Flight {
  readonly controller: AbortController;
  readonly result: Promise<unknown>;
  readonly begun: number;
  passengers: number;
}

/** What takes longer may hang on a connection that is dead: who comes later asks anew. */
const freshMs = 8000;

/** Lets equal requests that come soon after one has begun share it. It stops when nobody waits for it any more. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  /** Every caller gets the same object. Throws 'cancelled' for a caller whose signal comes first. */
  async run<T>(id: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    checkSignal(signal);
    const known = this.#flights.get(id);
    const flight = known && performance.now() - known.begun < freshMs ? known : this.#start(id, work);
    flight.passengers++;
    if (signal === undefined) return flight.result as Promise<T>;
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        reject(cancelled());
        if (--flight.passengers === 0) this.#drop(id, flight);
      };
      signal.addEventListener('abort', leave, { once: true });
      const done = (): void => signal.removeEventListener('abort', leave);
      (flight.result as Promise<T>).then(resolve, reject).finally(done);
    });
  }

  /** Later callers start anew. */
  forget(): void {
    this.#flights.clear();
  }

  #start(id: string, work: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const result = work(controller.signal);
    const flight: Flight = { controller, result, begun: performance.now(), passengers: 0 };
    this.#flights.set(id, flight);
    const end = (): void => void (this.#flights.get(id) === flight && this.#flights.delete(id));
    result.then(end, end);
    return flight;
  }

  #drop(id: string, flight: Flight): void {
    if (this.#flights.get(id) === flight) this.#flights.delete(id);
    flight.controller.abort();
  }
}
