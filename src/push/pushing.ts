// Whether and how metrics are pushed at the moment: another configuration replaces the pusher.
import type { ListenAddress, OtlpSettings } from '../config/settings.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { PushStatus } from '../http/status.ts';
import type { MetricSource } from './metric-source.ts';
import type { Pusher } from './pusher.ts';
import type { Exporter } from '../exporter/exporter.ts';
import { PushRecord } from './push-record.ts';
import { createPusher, receiverOf } from './configured-pusher.ts';
import type { Program } from '../commands/program.ts';

/** The receiver of pushes, among those who scrape: a new room's first values wait for it too. */
const receiver = { address: 'otlp', agent: 'push', connection: { destroyed: false } };

export class Pushing {
  readonly #parts: Omit<Parameters<typeof createPusher>[1], 'observer'>;
  readonly #selfMetrics: Exporter['selfMetrics'];
  #pusher: Pusher | undefined;
  #record: PushRecord | undefined;

  constructor(
    { exposition, selfMetrics, network }: Pick<Exporter, 'exposition' | 'selfMetrics' | 'network'>,
    listenAddresses: readonly ListenAddress[],
    program: Pick<Program, 'version' | 'log'>,
  ) {
    this.#parts = {
      source: sourceOf(exposition),
      network,
      listenAddresses,
      program,
    };
    this.#selfMetrics = selfMetrics;
  }

  /** Undefined when nothing is pushed. */
  status(): PushStatus | undefined {
    return this.#record?.status;
  }

  /** Pushes this way from now on. Calls must not overlap. */
  async use(settings: OtlpSettings): Promise<void> {
    await this.stop();
    const { push } = settings;
    const record =
      push &&
      new PushRecord({ receiver: receiverOf(push), protocol: push.protocol, interval: push.interval });
    this.#record = record;
    this.#pusher = await createPusher(settings, {
      ...this.#parts,
      observer: () => {
        const metrics = this.#selfMetrics.pushes();
        return record ? record.beside(metrics) : metrics;
      },
    });
    this.#pusher?.start();
  }

  /** Pushes a last time what there is now; takes seconds at most. */
  async stop(): Promise<void> {
    await this.#pusher?.stop();
    this.#pusher = undefined;
  }
}

function sourceOf(exposition: Exposition): MetricSource {
  return {
    read: async () => {
      const { families, receivedBy } = await exposition.values();
      return { families, received: () => receivedBy(receiver) };
    },
  };
}
