import type { DriveApi } from './api.ts';
import { untilAborted } from './waiting.ts';

/** As many as one call gives. https://developers.google.com/workspace/drive/api/reference/rest/v3/files/generateIds */
const idsACall = 1000;

/**
 * Ids that Google made beforehand, so that a create which is sent twice makes one file: the second answers 409.
 * Only as many are asked for at a time as seem to be needed: what is left over is lost with the process.
 */
export class IdPool {
  readonly #api: DriveApi;
  readonly #life: AbortSignal;
  readonly #ids: string[] = [];
  #next = 10;
  #fetching: Promise<void> | undefined;

  /** @param life ends with the store: an id is fetched for all who wait. */
  constructor(api: DriveApi, life: AbortSignal) {
    this.#api = api;
    this.#life = life;
  }

  async take(signal: AbortSignal): Promise<string> {
    for (;;) {
      const id = this.#ids.pop();
      if (id !== undefined) return id;
      this.#fetching ??= this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
      await untilAborted(this.#fetching, signal);
    }
  }

  async #fetch(): Promise<void> {
    this.#ids.push(...(await this.#api.generateIds(this.#next, this.#life)));
    this.#next = Math.min(idsACall, this.#next * 10);
  }
}
