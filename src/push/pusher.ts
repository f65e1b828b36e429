// Pushes by one of OpenTelemetry's exporter packages, in requests of bounded size; what becomes of pushes is counted, logged
// when it changes, and kept for the page. Loaded only when something is pushed, and of the packages only the one in use.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { diag } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, type MetricData, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { FailureStatus } from '../http/status.ts';
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

/** Pushes until it is stopped. Rejected with what the packages cannot use. */
export async function startPushing(
  settings: PushSettings,
  parts: PushParts,
  instance: string,
): Promise<Push> {
  const { exposition, log, version } = parts;
  const { receiver, protocol, interval, timeout } = settings;
  const userAgent = `${product}/${version}`;
  const metrics = parts.selfMetrics.pushes();
  const failing = new OngoingFailure(log, unixSeconds);
  const rejecting = new OngoingFailure(log, unixSeconds);
  let lastSuccessAt: number | undefined;
  let lastFailure: FailureStatus | undefined;
  /** The push under way: none overlaps another. */
  let pushing: Promise<void> | undefined;
  let giveUp = new AbortController();
  /** Of the push under way: the points that the receiver did not take, and what it says of that. */
  let rejected = 0;
  let complaint = '';
  /** The last answer over HTTP to the request on its way. */
  let answer: Answer | undefined;
  /** Why it got no answer the last time: it is repeated. */
  let noAnswer: unknown;

  // Of what the packages log, all but this is in the result of a request.
  const warn = (err: string, details: unknown) => {
    if (err.startsWith('Failed to read')) log.warn('A file for pushes is not used', { err, remedy });
    if (err !== 'Received Partial Success response:') return;
    const partial = JSON.parse(String(details)) as Record<string, unknown>;
    rejected += Number(partial['rejectedDataPoints'] ?? 0);
    complaint = String(partial['errorMessage'] ?? '');
  };
  const remedy = 'check OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY';
  diag.setLogger({ error: ignore, warn, info: ignore, debug: ignore, verbose: ignore });
  const exporter = await createExporter(settings, userAgent);
  const resource = resourceFromAttributes({
    'service.name': product,
    'service.version': version,
    'service.instance.id': instance,
  }).merge(detectResources({ detectors: [envDetector] }));

  const requestEnded = (event: unknown): void => {
    const { request, response, error } = event as RequestEnd;
    if (!String(request.getHeader('user-agent')).startsWith(userAgent)) return;
    noAnswer = error;
    if (!response) return;
    const { statusCode: status = 0, headers } = response;
    const begun = { status, server: headers['server']?.toString(), location: headers.location, body: '' };
    response.on('data', (chunk: Buffer) => {
      if (begun.body.length < longestBody) begun.body += chunk.toString();
    });
    answer = begun;
  };

  /** Resolves when the push has ended, well or not: the one that still runs, if there is one. */
  const push = (): Promise<void> =>
    (pushing ??= pushAll()
      .catch(defect)
      .finally(() => (pushing = undefined)));

  async function pushAll(): Promise<void> {
    const { signal } = (giveUp = new AbortController());
    const { families, receivedBy } = await exposition.values();
    const data = metricData(families, unixSeconds(), protocol === 'http/json');
    const { batches, points } = await runInSlices(data);
    rejected = 0;
    complaint = '';
    const late = new Error(`The push timed out after ${timeout / 1000} s`);
    const deadline = setTimeout(() => giveUp.abort(late), timeout);
    let failure: PushFailure | undefined;
    try {
      for (const batch of batches) {
        // When one request has failed, the others are sent all the same.
        const failed = await send(batch, signal);
        failure ??= failed;
        if (signal.aborted) break;
      }
    } finally {
      clearTimeout(deadline);
    }
    if (failure) return fail(failure);
    succeed(points);
    if (rejected === 0) receivedBy(scraper).catch(defect);
  }

  /** Resolves to why the request has failed. */
  async function send(batch: MetricData[], signal: AbortSignal): Promise<PushFailure | undefined> {
    answer = undefined;
    noAnswer = undefined;
    const scopeMetrics = [{ scope: { name: product, version }, metrics: batch }];
    const sent = new Promise<ExportResult>((resolve) => exporter.export({ resource, scopeMetrics }, resolve));
    const result = await Promise.race([sent, aborted(signal)]);
    const failed = failedAnswer(answer);
    if (!result) return failureOf(signal.reason, failed, settings);
    // A receiver that refuses a request before it has read all of it breaks the connection.
    const isTaken = result.code === ExportResultCode.SUCCESS && !(failed && failed.status < 300);
    return isTaken ? undefined : failureOf(result.error, failed, settings);
  }

  function succeed(points: number): void {
    const failed = failing.end();
    const message = lastSuccessAt === undefined ? 'First push complete' : 'Pushes succeed again';
    if (failed || lastSuccessAt === undefined) log.info(message, { points, ...failed });
    lastFailure = undefined;
    lastSuccessAt = unixSeconds();
    metrics.pushFinished(lastSuccessAt);
    if (rejected === 0 && complaint === '') {
      rejecting.succeeded('The receiver accepts all points again');
      return;
    }
    const reason = quotation(complaint, settings.secrets);
    const what = rejected > 0 ? 'The receiver does not accept all points' : 'The receiver warns';
    rejecting.failed({ level: 'warn', message: what, reason, fields: { rejected } });
  }

  function fail({ reason, message: err, remedy, stack }: PushFailure): void {
    const message = 'Push failed: scrapes and polls continue';
    failing.failed({ level: 'error', message, reason, fields: { err, remedy, stack } });
    const now = unixSeconds();
    lastFailure = { reason, message: err, remedy, since: lastFailure?.since ?? now };
    metrics.pushFinished(now, reason);
  }

  const defect = (error: unknown): void => fail(failureOf(error, undefined, settings));

  for (const channel of [answers, errors]) subscribe(channel, requestEnded);
  const first = setTimeout(() => void push(), Math.min(interval, firstPushMilliseconds));
  const next = setInterval(() => void push(), interval);
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    clearTimeout(first);
    clearInterval(next);
    const late = `The push timed out ${flushMilliseconds / 1000} s after the process was asked to stop`;
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      giveUp.abort(noAnswer ?? new Error(late));
    }, flushMilliseconds);
    await pushing;
    if (!isLate) await push();
    clearTimeout(deadline);
    void exporter.shutdown();
    for (const channel of [answers, errors]) unsubscribe(channel, requestEnded);
    diag.disable();
  }

  return {
    status: () => ({ receiver, protocol, interval: interval / 1000, lastSuccessAt, failure: lastFailure }),
    stop: () => (stopped ??= stop()),
  };
}

/** The last answer, if it says that the request has failed: a page for people never comes from a receiver. */
function failedAnswer(answer: Answer | undefined): Answer | undefined {
  return answer && (answer.status >= 300 || pageTitle(answer.body) !== undefined) ? answer : undefined;
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
