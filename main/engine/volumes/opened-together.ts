interface Closable {
  close?(): Promise<void>;
}

/** Adds one that is open to those that are closed together. */
export type Keep = <T extends Closable>(one: T) => T;

/** What `open` makes of things that it opens one by one: its `close` closes all, the last first, and so does a failure half-way. */
export async function openedTogether<T extends object>(
  open: (keep: Keep) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const opened: Closable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one.close?.();
  };
  try {
    const made = await open((one) => {
      opened.push(one);
      return one;
    });
    return { ...made, close };
  } catch (error) {
    await close();
    throw error;
  }
}
