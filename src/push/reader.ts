// OpenTelemetry's part of a push: its reader collects what is published, one of its exporter packages sends it in
// requests of bounded size. Loaded only when something is pushed, and of the packages only the one in use.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  detectResources,
  emptyResource,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
  type CollectionResult,
  type MetricProducer,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Exposition } from '../exposition/exposition.ts';
import { quotation } from '../lib/quotation.ts';
import { runInSlices } from '../lib/slices.ts';
import type { PushSettings } from './environment.ts';
import {
  answerFailure,
  failureOf,
  pageTitle,
  tookTooLong,
  type Answer,
  type PushFailure,
} from './failure.ts';
import { metricData } from './metric-data.ts';

/** Serializing this many takes 2 to 3 ms, in which nothing else happens. */
const mostPointsPerRequest = 2000;
/** The reader's own first push comes after a whole interval. */
const firstPushMilliseconds = 5000;
/** What the last push gets when the process stops, together with one that still runs. */
const flushMilliseconds = 3000;
/** What is looked at of an answer's body. */
const longestBody = 4096;
/** Where Node tells of each answer to a request of node:http. */
const answerChannel = 'http.client.response.finish';
/** The receiver, among those who scrape: a new room's first values wait for it, too. */
const scraper = { address: 'otlp', agent: 'push', connection: { destroyed: false }, isOne: true } as const;

/** What a receiver says of points that it did not take; `message` is fit to be shown. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

export interface PushObserver {
  succeeded(points: number, partial: PartialSuccess): void;
  failed(failure: PushFailure): void;
  /** What the packages say of the environment. */
  warned(words: string): void;
}

export interface ReaderParts {
  readonly exposition: Pick<Exposition, 'values'>;
  readonly observer: PushObserver;
  readonly version: string;
  readonly instance: string;
}

/** Pushes until it is stopped, which takes three seconds at most. Rejected with what the packages cannot use. */
export async function startReader(
  settings: PushSettings,
  parts: ReaderParts,
): Promise<{ stop(): Promise<void> }> {
  const { version, instance, observer } = parts;
  const { interval, secrets } = settings;
  const product = `livekit-cloud-exporter/${version}`;
  let current: CurrentPush | undefined;
  // Of what the packages would log while they push, all but this is in the outcome of a request.
  const warn = (message: string, details: unknown) => {
    if (message === 'Received Partial Success response:') current?.partlyTaken(String(details));
    else if (!current) observer.warned(quotation(message, secrets));
  };
  const logger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = await createExporter(settings, product);
  const push = (current = new CurrentPush(exporter, settings, parts));
  const answered = (event: unknown) => {
    const { request, response } = event as { request: ClientRequest; response: IncomingMessage };
    if (String(request.getHeader('user-agent')).startsWith(product)) push.answered(response);
  };
  subscribe(answerChannel, answered);
  const reader = new PeriodicExportingMetricReader({
    exporter: push,
    exportIntervalMillis: interval,
    // A push ends by itself before that.
    exportTimeoutMillis: interval,
    maxExportBatchSize: mostPointsPerRequest,
    metricProducers: [push],
  });
  const resource = resourceFromAttributes({
    'service.name': 'livekit-cloud-exporter',
    'service.version': version,
    'service.instance.id': instance,
  }).merge(detectResources({ detectors: [envDetector] }));
  const provider = new MeterProvider({ resource, readers: [reader] });
  const first = setTimeout(() => void reader.forceFlush(), firstPushMilliseconds);
  if (interval <= firstPushMilliseconds) clearTimeout(first);
  return {
    stop: async () => {
      clearTimeout(first);
      await provider.shutdown({ timeoutMillis: flushMilliseconds }).catch(() => push.giveUp());
      unsubscribe(answerChannel, answered);
      diag.disable();
    },
  };
}

function ignore(): void {
  // Nobody has to know.
}

async function createExporter(settings: PushSettings, userAgent: string): Promise<PushMetricExporter> {
  const { protocol, url, requestTimeout: timeoutMillis } = settings;
  const temporalityPreference = AggregationTemporality.CUMULATIVE;
  const options = { url, timeoutMillis, userAgent, temporalityPreference };
  if (protocol === 'grpc') {
    const { setLogger } = await import('@grpc/grpc-js');
    // What this library says at its most talkative holds headers.
    setLogger({ error: ignore, info: ignore, debug: ignore });
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc');
    return new OTLPMetricExporter(options);
  }
  const { OTLPMetricExporter } = await (protocol === 'http/json'
    ? import('@opentelemetry/exporter-metrics-otlp-http')
    : import('@opentelemetry/exporter-metrics-otlp-proto'));
  return new OTLPMetricExporter(options);
}

const notSent: ExportResult = { code: ExportResultCode.FAILED };

/** One push after the other, each from its collection to its last request: the reader lets none overlap. */
class CurrentPush implements MetricProducer, PushMetricExporter {
  readonly #exporter: PushMetricExporter;
  readonly #settings: PushSettings;
  readonly #parts: ReaderParts;
  #deadline: NodeJS.Timeout | undefined;
  #points = 0;
  #requestsLeft = 0;
  /** The first failed request's; the others are sent all the same. */
  #failure: PushFailure | undefined;
  #partial: PartialSuccess = { rejected: 0, message: '' };
  /** The last answer over HTTP to the request on its way. */
  #answer: Answer | undefined;
  #received: () => Promise<void> = () => Promise.resolve();
  /** Ends the request on its way as far as the reader is concerned. */
  #abandon = ignore;

  constructor(exporter: PushMetricExporter, settings: PushSettings, parts: ReaderParts) {
    this.#exporter = exporter;
    this.#settings = settings;
    this.#parts = parts;
  }

  async collect(): Promise<CollectionResult> {
    const { exposition, version, observer } = this.#parts;
    const { protocol, timeout } = this.#settings;
    const scopeMetrics: ResourceMetrics['scopeMetrics'] = [];
    try {
      const { families, receivedBy } = await exposition.values();
      const data = metricData(families, Date.now() / 1000, protocol === 'http/json');
      const { metrics, points } = await runInSlices(data);
      scopeMetrics.push({ scope: { name: 'livekit-cloud-exporter', version }, metrics });
      this.#points = points;
      this.#requestsLeft = Math.ceil(points / mostPointsPerRequest);
      this.#failure = undefined;
      this.#partial = { rejected: 0, message: '' };
      this.#received = () => receivedBy(scraper);
      this.#deadline = setTimeout(() => this.#end(this.#failure ?? tookTooLong(this.#settings)), timeout);
    } catch (error) {
      observer.failed(failureOf(error, undefined, this.#settings));
    }
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }

  export(request: ResourceMetrics, callback: (result: ExportResult) => void): void {
    // The rest of a push that took too long.
    if (this.#requestsLeft === 0) return callback(notSent);
    this.#answer = undefined;
    let isOver = false;
    const ended = (result: ExportResult) => {
      if (isOver) return;
      isOver = true;
      if (result !== notSent) this.#requestEnded(result);
      callback(result);
    };
    this.#abandon = () => ended(notSent);
    try {
      this.#exporter.export(request, ended);
    } catch (error) {
      ended({ code: ExportResultCode.FAILED, error: error as Error });
    }
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  answered(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    const answer = { status, server: headers['server']?.toString(), location: headers.location, body: '' };
    response.on('data', (chunk: Buffer) => {
      if (answer.body.length < longestBody) answer.body += chunk.toString();
    });
    this.#answer = answer;
  }

  /** `partialSuccess` is JSON. */
  partlyTaken(partialSuccess: string): void {
    const { rejectedDataPoints = 0, errorMessage = '' } = JSON.parse(partialSuccess) as Record<
      string,
      unknown
    >;
    this.#partial = {
      rejected: this.#partial.rejected + Number(rejectedDataPoints),
      message: quotation(String(errorMessage), this.#settings.secrets),
    };
  }

  /** The process stops, and the last push has not arrived. */
  giveUp(): void {
    this.#end({
      reason: 'timeout',
      message: `the last push had not arrived ${flushMilliseconds / 1000} s after the process was asked to stop`,
      remedy: 'with kept state (state.dir), what it held is pushed after the next start',
    });
  }

  #requestEnded({ code, error }: ExportResult): void {
    const answer = this.#answer;
    if (code !== ExportResultCode.SUCCESS) this.#failure ??= failureOf(error, answer, this.#settings);
    else if (answer && pageTitle(answer) !== undefined)
      this.#failure ??= answerFailure(answer, this.#settings);
    this.#requestsLeft -= 1;
    if (this.#requestsLeft === 0) this.#end(this.#failure);
  }

  #end(failure: PushFailure | undefined): void {
    const { observer } = this.#parts;
    clearTimeout(this.#deadline);
    this.#requestsLeft = 0;
    this.#abandon();
    if (failure) return observer.failed(failure);
    observer.succeeded(this.#points, this.#partial);
    if (this.#partial.rejected > 0) return;
    this.#received().catch((defect: unknown) =>
      observer.failed(failureOf(defect, undefined, this.#settings)),
    );
  }
}
