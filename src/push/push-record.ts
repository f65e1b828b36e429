// What became of the pushes by OTLP so far, for the page for people: kept beside their metrics, decides nothing.
import type { PushFailureReason } from '../core/push-error.ts';
import type { FailureStatus, PushStatus } from '../http/status.ts';
import type { PushObserver } from './pusher.ts';

type Words = Pick<FailureStatus, 'message' | 'remedy'>;

/** The log has what the receiver said; nothing of that is repeated here. */
const words: Readonly<Record<PushFailureReason, Words>> = {
  auth: {
    message: 'The receiver did not accept the credentials.',
    remedy: 'Check the headers that pushes carry (otlp.headers) and the client certificate.',
  },
  not_found: {
    message: 'There is no receiver of metrics at this address.',
    remedy: 'Check otlp.endpoint and otlp.protocol, and that the receiver has OTLP switched on.',
  },
  rejected: {
    message: 'The receiver refused a request.',
    remedy: 'Look into the log of the exporter: it has what the receiver said.',
  },
  rate_limited: {
    message: 'The receiver wants fewer requests.',
    remedy: "Push less often (otlp.interval), or raise the receiver's limit.",
  },
  timeout: {
    message: 'The receiver took too long.',
    remedy: 'Look at its load; raise otlp.push_timeout or lower rooms.limit.',
  },
  network: {
    message: 'The receiver could not be reached.',
    remedy: 'Check its name, port, certificate and the firewall; the log says what was in the way.',
  },
  server: {
    message: 'The receiver answered with an error.',
    remedy: "Look at the receiver's log; the exporter goes on trying.",
  },
  internal: {
    message: 'This is a defect of the exporter.',
    remedy: 'Please report it with the line in the log.',
  },
};

export class PushRecord {
  readonly #target: Pick<PushStatus, 'receiver' | 'protocol' | 'interval'>;
  #lastSuccessAt: number | undefined;
  #failure: FailureStatus | undefined;
  #lastPoints: PushStatus['lastPoints'];
  /** Of the push at hand. */
  #points = { accepted: 0, rejected: 0 };

  constructor(target: Pick<PushStatus, 'receiver' | 'protocol' | 'interval'>) {
    this.#target = target;
  }

  get status(): PushStatus {
    return {
      ...this.#target,
      lastSuccessAt: this.#lastSuccessAt,
      failure: this.#failure,
      lastPoints: this.#lastPoints,
    };
  }

  /** Sees what the other observer is told. */
  beside(other: PushObserver): PushObserver {
    return {
      ...other,
      pushFinished: (push) => {
        this.#pushFinished(push);
        other.pushFinished(push);
      },
      pointsSent: (points) => {
        const { accepted, rejected } = this.#points;
        this.#points = { accepted: accepted + points.accepted, rejected: rejected + points.rejected };
        other.pointsSent(points);
      },
    };
  }

  #pushFinished({ at, failure }: Parameters<PushObserver['pushFinished']>[0]): void {
    this.#lastPoints = this.#points;
    this.#points = { accepted: 0, rejected: 0 };
    if (failure) this.#failure = { reason: failure, ...words[failure], since: this.#failure?.since ?? at };
    else {
      this.#failure = undefined;
      this.#lastSuccessAt = at;
    }
  }
}
