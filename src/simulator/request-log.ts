// What the clients asked for. Keeps no header and so no token.

export interface LoggedRequest {
  /** Unix seconds. */
  readonly time: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly project: string;
  readonly endpoint: 'sessions' | 'session';
  /** As it was sent; undefined when it was not. */
  readonly page: string | undefined;
  readonly limit: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** The older half is dropped when there are more. */
const mostKept = 50_000;

export class RequestLog {
  readonly #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  add(request: LoggedRequest): void {
    if (this.#requests.length >= mostKept) this.#requests.splice(0, mostKept / 2);
    this.#requests.push(request);
  }
}
