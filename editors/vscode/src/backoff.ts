//! How long to wait before the program is started again.

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A program that ran this long was well: its end is taken for the first. */
const WELL_MS = 60_000;

/** Counts the ends of a program that should not end. */
export class Backoff {
  readonly #firstMs: number;
  #ends = 0;

  constructor(firstMs = FIRST_MS) {
    this.#firstMs = firstMs;
  }

  /** The milliseconds to wait after an end, doubling up to a minute; `ranMs` is how long the program had run. */
  ended(ranMs: number): number {
    this.#ends = ranMs >= WELL_MS ? 1 : this.#ends + 1;
    return Math.min(this.#firstMs * 2 ** (this.#ends - 1), LONGEST_MS);
  }

  /** Forgets what was: the person has changed something. */
  reset(): void {
    this.#ends = 0;
  }
}
