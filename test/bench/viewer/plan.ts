/** What the probe inside Electron's main process is to do with a program's window; scripts run in its page. */
export interface Plan {
  /** Where the outcome is written, as JSON. */
  readonly outcome: string;
  readonly window: { readonly width: number; readonly height: number };
  /** Loaded into a plain window of its own; left out where the program opens its window itself. */
  readonly page?: string;
  /** Gives true once the program waits for its user. */
  readonly ready: string;
  /** Done one after the other, each awaited, before anything is measured. */
  readonly prepare: readonly string[];
  /** Gives the rectangle of the page in which the picture is. */
  readonly place: string;
  /** Gives the rectangle of the pane in which things are moved. */
  readonly pane: string;
  /** Tells the program to show the volume; gives `performance.timeOrigin + performance.now()` of that moment. Left out, nothing is measured. */
  readonly show?: string;
  readonly motions: readonly Motion[];
  /** Gives the `Report` of the end. */
  readonly report: string;
  /** The last picture is kept there. */
  readonly shot?: string;
}

/** Some seconds of moving. */
export type Motion =
  /** The program's own state is set by a script, frame by frame; its promise resolves when it is over. */
  | { readonly name: string; readonly script: string }
  /** What a hand does: real input events, spread evenly. */
  | { readonly name: string; readonly hand: Hand; readonly seconds: number };

export type Hand =
  | { readonly kind: 'drag'; readonly by: readonly [number, number]; readonly andBack: boolean }
  | { readonly kind: 'wheel'; readonly deltaY: number }
  | { readonly kind: 'keys'; readonly key: string; readonly times: number };

export interface Outcome {
  readonly place: Place;
  readonly pane: Place;
  /** When it was told to show the volume, on the clock of the machine, ms. */
  readonly toldAtMs: number;
  /** From then on: until the first picture with data, until the picture is as it stays. */
  readonly firstMs: number;
  readonly fullMs: number;
  /** When the picture had not changed for a while, on the clock of the machine. */
  readonly quietAtMs: number;
  /** Milliseconds between two pictures that differ. */
  readonly intervals: Readonly<Record<string, readonly number[]>>;
  /** Pictures looked at, a second. */
  readonly looksPerSecond: number;
  readonly report: Report;
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a program was in the end, to see that both went the same way. */
export interface Report {
  readonly nmPerPx: number;
  readonly positionNm: readonly number[];
}
