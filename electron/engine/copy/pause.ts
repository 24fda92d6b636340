/** A gate that work passes before each new piece: closed while paused. What is under way is finished. */
export class Pause {
  #waiting: (() => void)[] = [];
  #paused = false;

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves at once, or when the pause ends. */
  readonly gate = (): Promise<void> =>
    this.#paused
      ? new Promise((resolve) => {
          this.#waiting.push(resolve);
        })
      : Promise.resolve();
}
