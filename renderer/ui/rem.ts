/** Rows that are placed by script still follow the user's text size. */
export const remPx = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
