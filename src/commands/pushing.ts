// Whether and how metrics are pushed at the moment: another configuration replaces the pusher.
import type { ListenAddress, OtlpSettings } from '../config/settings.ts';
import type { Exposition } from '../exposition/exposition.ts';
import type { MetricSource } from '../otlp/metric-source.ts';
import type { Pusher } from '../otlp/pusher.ts';
import type { Exporter } from './exporter.ts';
import { createPusher } from './pusher.ts';
import type { Program } from './program.ts';

/** The receiver of pushes, among those who scrape: a new room's first values wait for it too. */
const receiver = { address: 'otlp', agent: 'push', connection: { destroyed: false } };

export class Pushing {
  readonly #parts: Parameters<typeof createPusher>[1];
  #pusher: Pusher | undefined;

  constructor(
    { exposition, selfMetrics, network }: Pick<Exporter, 'exposition' | 'selfMetrics' | 'network'>,
    listenAddresses: readonly ListenAddress[],
    program: Pick<Program, 'version' | 'log'>,
  ) {
    this.#parts = {
      source: sourceOf(exposition),
      network,
      observer: () => selfMetrics.pushes(),
      listenAddresses,
      program,
    };
  }

  /** Pushes this way from now on. Calls must not overlap. */
  async use(settings: OtlpSettings): Promise<void> {
    await this.stop();
    this.#pusher = await createPusher(settings, this.#parts);
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
