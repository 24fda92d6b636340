/** Limits how many jobs, and how many bytes of memory they may take, run at once. Jobs start in the order asked. */
export class Budget {
  #jobs: number;
  #bytes: number;
  readonly #allBytes: number;
  readonly #waiting: { readonly cost: number; readonly start: () => void }[] = [];

  constructor(jobs: number, bytes: number) {
    this.#jobs = jobs;
    this.#bytes = bytes;
    this.#allBytes = bytes;
  }

  /** Resolves when there is room. A job that costs more than all there is gets all of it. @returns gives the room back. */
  async take(bytes: number): Promise<() => void> {
    const cost = Math.min(bytes, this.#allBytes);
    if (this.#waiting.length > 0 || !this.#fits(cost)) {
      await new Promise<void>((start) => {
        this.#waiting.push({ cost, start });
      });
    } else {
      this.#spend(cost);
    }
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#jobs += 1;
      this.#bytes += cost;
      this.#startWaiting();
    };
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.cost); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#spend(next.cost);
      next.start();
    }
  }

  #fits(cost: number): boolean {
    return this.#jobs > 0 && this.#bytes >= cost;
  }

  #spend(cost: number): void {
    this.#jobs -= 1;
    this.#bytes -= cost;
  }
}
