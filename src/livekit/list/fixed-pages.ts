// A plan for pages that are known beforehand.
import type { Plan } from './session-listing.ts';

export class FixedPages implements Plan {
  #pages: readonly number[];

  constructor(pages: Iterable<number>) {
    this.#pages = [...pages];
  }

  take(): readonly number[] {
    const pages = this.#pages;
    this.#pages = [];
    return pages;
  }

  isWorthAsking(): boolean {
    return true;
  }

  recordEmptyPage(): void {
    // Where the list ends does not matter.
  }

  recordPage(): void {
    // Each page is asked once, whatever it holds.
  }
}
