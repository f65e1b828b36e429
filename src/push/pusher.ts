// Pushes by one of OpenTelemetry's exporter packages, in requests of bounded size; what becomes of pushes is counted, logged
// when it changes, and kept for the page. Loaded only when something is pushed, and of the packages only the one in use.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { diag } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { AggregationTemporality, type MetricData, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { PushMetrics } from '../exposition/self-metrics.ts';
import type { FailureStatus, PushStatus } from '../http/status.ts';
import { OngoingFailure } from '../lib/ongoing-failure.ts';
import { quotation } from '../lib/quotation.ts';
import { aborted } from '../lib/signals.ts';
import { runInSlices } from '../lib/slices.ts';
import { unixSeconds } from '../lib/time.ts';
import type { PushSettings } from './environment.ts';
import { failureOf, pageTitle, type Answer, type PushFailure } from './failure.ts';
import { metricData } from './metric-data.ts';
import type { Push, PushParts } from './push.ts';

const product = 'livekit-cloud-exporter';
const firstPushMilliseconds = 5000;
/** What the last push gets when the process stops, together with one that still runs. */
const flushMilliseconds = 3000;
const longestBody = 4096;
/** Where Node tells how each request of node:http has ended. */
const answers = 'http.client.response.finish';
const errors = 'http.client.request.error';
/** The receiver, among those who scrape: a new room's first values wait for it, too. */
const scraper = { address: 'otlp', agent: 'push', connection: { destroyed: false } };

interface RequestEnd {
  readonly request: ClientRequest;
  readonly response?: IncomingMessage;
  readonly error?: unknown;
}

interface PusherParts extends Pick<PushParts, 'exposition' | 'log' | 'version'> {
  readonly settings: PushSettings;
  readonly metrics: PushMetrics;
  readonly exporter: PushMetricExporter;
  readonly resource: Resource;
}

/** Pushes until it is stopped. Rejected with what the packages cannot use. */
export async function startPushing(
  settings: PushSettings,
  parts: PushParts,
  instance: string,
): Promise<Push> {
  const { exposition, log, version } = parts;
  const metrics = parts.selfMetrics.pushes();
  // Of what the packages log, all but this is in the result of a request.
  const warn = (err: string, details: unknown) => {
    if (err === 'Received Partial Success response:') pusher.partlyTaken(String(details));
    if (err.startsWith('Failed to read')) log.warn('A file for pushes is not used', { err, remedy });
  };
  const remedy = 'check OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY';
  diag.setLogger({ error: ignore, warn, info: ignore, debug: ignore, verbose: ignore });
  const exporter = await createExporter(settings, `${product}/${version}`);
  const resource = resourceFromAttributes({
    'service.name': product,
    'service.version': version,
    'service.instance.id': instance,
  }).merge(detectResources({ detectors: [envDetector] }));
  const pusher = new Pusher({ exposition, log, version, settings, metrics, exporter, resource });
  return pusher;
}

function ignore(): void {
  // The result of the request says it.
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

class Pusher implements Push {
  readonly #parts: PusherParts;
  readonly #failing: OngoingFailure;
  readonly #rejecting: OngoingFailure;
  readonly #first: NodeJS.Timeout;
  readonly #next: NodeJS.Timeout;
  #stopped: Promise<void> | undefined;
  #lastSuccessAt: number | undefined;
  #failure: FailureStatus | undefined;
  /** The push under way: none overlaps another. */
  #pushing: Promise<void> | undefined;
  #giveUp = new AbortController();
  #rejected = 0;
  #complaint = '';
  /** The last answer over HTTP to the request on its way. */
  #answer: Answer | undefined;
  /** Why it got no answer the last time: it is repeated. */
  #error: unknown;

  constructor(parts: PusherParts) {
    const { interval } = parts.settings;
    this.#parts = parts;
    this.#failing = new OngoingFailure(parts.log, unixSeconds);
    this.#rejecting = new OngoingFailure(parts.log, unixSeconds);
    for (const channel of [answers, errors]) subscribe(channel, this.#requestEnded);
    this.#first = setTimeout(() => void this.#push(), Math.min(interval, firstPushMilliseconds));
    this.#next = setInterval(() => void this.#push(), interval);
  }

  status(): PushStatus {
    const { receiver, protocol, interval } = this.#parts.settings;
    const lastSuccessAt = this.#lastSuccessAt;
    return { receiver, protocol, interval: interval / 1000, lastSuccessAt, failure: this.#failure };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  partlyTaken(partialSuccess: string): void {
    const { rejectedDataPoints = 0, errorMessage = '' } = JSON.parse(partialSuccess) as Record<
      string,
      unknown
    >;
    this.#rejected += Number(rejectedDataPoints);
    this.#complaint = String(errorMessage);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#first);
    clearInterval(this.#next);
    const late = `The push timed out ${flushMilliseconds / 1000} s after the process was asked to stop`;
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#giveUp.abort(this.#error ?? new Error(late));
    }, flushMilliseconds);
    await this.#pushing;
    if (!isLate) await this.#push();
    clearTimeout(deadline);
    void this.#parts.exporter.shutdown();
    for (const channel of [answers, errors]) unsubscribe(channel, this.#requestEnded);
    diag.disable();
  }

  readonly #requestEnded = (event: unknown): void => {
    const { request, response, error } = event as RequestEnd;
    if (!String(request.getHeader('user-agent')).startsWith(`${product}/${this.#parts.version}`)) return;
    this.#error = error;
    if (!response) return;
    const { statusCode: status = 0, headers } = response;
    const answer = { status, server: headers['server']?.toString(), location: headers.location, body: '' };
    response.on('data', (chunk: Buffer) => {
      if (answer.body.length < longestBody) answer.body += chunk.toString();
    });
    this.#answer = answer;
  };

  /** Resolves when the push has ended, well or not: the one that still runs, if there is one. */
  #push(): Promise<void> {
    this.#pushing ??= this.#pushAll()
      .catch(this.#defect)
      .finally(() => (this.#pushing = undefined));
    return this.#pushing;
  }

  async #pushAll(): Promise<void> {
    const { exposition, settings } = this.#parts;
    this.#giveUp = new AbortController();
    const { signal } = this.#giveUp;
    const { families, receivedBy } = await exposition.values();
    const data = metricData(families, unixSeconds(), settings.protocol === 'http/json');
    const { batches, points } = await runInSlices(data);
    this.#rejected = 0;
    this.#complaint = '';
    const late = new Error(`The push timed out after ${settings.timeout / 1000} s`);
    const deadline = setTimeout(() => this.#giveUp.abort(late), settings.timeout);
    let failure: PushFailure | undefined;
    for (const metrics of batches) {
      // When one request has failed, the others are sent all the same.
      const failed = await this.#send(metrics, signal);
      failure ??= failed;
      if (signal.aborted) break;
    }
    clearTimeout(deadline);
    if (failure) return this.#failed(failure);
    this.#succeeded(points);
    if (this.#rejected === 0) receivedBy(scraper).catch(this.#defect);
  }

  /** Resolves to why the request has failed. */
  async #send(metrics: MetricData[], signal: AbortSignal): Promise<PushFailure | undefined> {
    const { exporter, resource, settings, version } = this.#parts;
    this.#answer = undefined;
    this.#error = undefined;
    const scopeMetrics = [{ scope: { name: product, version }, metrics }];
    const sent = new Promise<ExportResult>((resolve) => exporter.export({ resource, scopeMetrics }, resolve));
    const result = await Promise.race([sent, aborted(signal)]);
    const answer = this.#failedAnswer;
    if (!result) return failureOf(signal.reason, answer, settings);
    // A receiver that refuses a request before it has read all of it breaks the connection.
    const isTaken = result.code === ExportResultCode.SUCCESS && !(answer && answer.status < 300);
    return isTaken ? undefined : failureOf(result.error, answer, settings);
  }

  /** The last answer, if it says that the request has failed: a page for people never comes from a receiver. */
  get #failedAnswer(): Answer | undefined {
    const answer = this.#answer;
    return answer && (answer.status >= 300 || pageTitle(answer.body) !== undefined) ? answer : undefined;
  }

  #succeeded(points: number): void {
    const { log, metrics, settings } = this.#parts;
    const failed = this.#failing.end();
    const message = this.#lastSuccessAt === undefined ? 'First push complete' : 'Pushes succeed again';
    if (failed || this.#lastSuccessAt === undefined) log.info(message, { points, ...failed });
    this.#failure = undefined;
    this.#lastSuccessAt = unixSeconds();
    metrics.pushFinished(this.#lastSuccessAt);
    const rejected = this.#rejected;
    if (rejected === 0 && this.#complaint === '') {
      this.#rejecting.succeeded('The receiver accepts all points again');
      return;
    }
    const reason = quotation(this.#complaint, settings.secrets);
    const complaint = rejected > 0 ? 'The receiver does not accept all points' : 'The receiver warns';
    this.#rejecting.failed({ level: 'warn', message: complaint, reason, fields: { rejected } });
  }

  #failed({ reason, message: err, remedy, stack }: PushFailure): void {
    const message = 'Push failed: scrapes and polls continue';
    this.#failing.failed({ level: 'error', message, reason, fields: { err, remedy, stack } });
    const now = unixSeconds();
    this.#failure = { reason, message: err, remedy, since: this.#failure?.since ?? now };
    this.#parts.metrics.pushFinished(now, reason);
  }

  readonly #defect = (error: unknown): void =>
    this.#failed(failureOf(error, undefined, this.#parts.settings));
}
