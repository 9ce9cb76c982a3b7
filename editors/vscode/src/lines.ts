//! Cuts what a pipe brings into lines. A line that grows too long is dropped, so that a mad program cannot fill the memory.

import { StringDecoder } from "node:string_decoder";

const LONGEST = 256 * 1024;

/** Takes bytes as they come, and hands out whole lines. */
export class Lines {
  readonly #decoder = new StringDecoder("utf8");
  readonly #take: (line: string) => void;
  #begun = "";
  #dropping = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  add(bytes: Buffer): void {
    const pieces = this.#decoder.write(bytes).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      this.#grow(piece);
      const line = this.#begun;
      if (!this.#dropping && line.trim() !== "") this.#take(line);
      this.#begun = "";
      this.#dropping = false;
    }
    this.#grow(rest);
  }

  #grow(piece: string): void {
    if (this.#begun.length + piece.length > LONGEST) this.#dropping = true;
    this.#begun = this.#dropping ? "" : this.#begun + piece;
  }
}
