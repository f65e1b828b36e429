// OpenTelemetry's part of a push: its reader collects what is published, one of its exporter packages sends it in
// requests of bounded size. Loaded only when something is pushed, and of the packages only the one in use.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { diag } from '@opentelemetry/api';
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
} from '@opentelemetry/sdk-metrics';
import type { CollectionResult, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Exposition } from '../exposition/exposition.ts';
import type { SelfMetrics } from '../exposition/self-metrics.ts';
import type { PushStatus } from '../http/status.ts';
import type { ListenAddress } from '../lib/text.ts';
import type { Logger } from '../lib/logger.ts';
import { runInSlices } from '../lib/slices.ts';
import { unixSeconds } from '../lib/time.ts';
import type { Environment, PushSettings } from './environment.ts';
import { failureOf, pageTitle, type Answer, type PushFailure } from './failure.ts';
import { metricData } from './metric-data.ts';
import { createOutcome, type PushOutcome } from './outcome.ts';

export interface PushParts {
  readonly environment: Environment;
  readonly exposition: Pick<Exposition, 'values'>;
  readonly selfMetrics: Pick<SelfMetrics, 'pushes'>;
  readonly log: Logger;
  readonly version: string;
  readonly listenAddresses: readonly ListenAddress[];
}

export interface Push {
  status(): PushStatus;
  /** Pushes a last time what there is now; takes three seconds at most. */
  stop(): Promise<void>;
}

/** Serializing this many takes 2 to 3 ms, in which nothing else happens. */
const mostPointsPerRequest = 2000;
/** The reader's own first push comes after a whole interval. */
const firstPushMilliseconds = 5000;
/** What the last push gets when the process stops, together with one that still runs. */
const flushMilliseconds = 3000;
const longestBody = 4096;
/** Where Node tells how each request of node:http has ended. */
const answers = 'http.client.response.finish';
const errors = 'http.client.request.error';
/** The receiver, among those who scrape: a new room's first values wait for it, too. */
const scraper = { address: 'otlp', agent: 'push', connection: { destroyed: false } };
const notSent: ExportResult = { code: ExportResultCode.FAILED };

interface RequestEnd {
  readonly request: ClientRequest;
  readonly response?: IncomingMessage;
  readonly error?: unknown;
}

/** Pushes until it is stopped. Rejected with what the packages cannot use. */
export async function startReader(settings: PushSettings, parts: PushParts, instance: string): Promise<Push> {
  const { version } = parts;
  const { interval } = settings;
  const product = `livekit-cloud-exporter/${version}`;
  const outcome = createOutcome(settings, parts.selfMetrics.pushes(), parts.log);
  // Of what the packages log, all but this is in the result of a request.
  const warn = (err: string, details: unknown) => {
    if (err === 'Received Partial Success response:') sender.partlyTaken(String(details));
    if (err.startsWith('Failed to read')) parts.log.warn('A file for pushes is not used', { err, remedy });
  };
  const remedy = 'check OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY';
  diag.setLogger({ error: ignore, warn, info: ignore, debug: ignore, verbose: ignore });
  const sender = createSender(await createExporter(settings, product), settings, parts, outcome);
  const ended = (event: unknown) => {
    const { request, response, error } = event as RequestEnd;
    if (String(request.getHeader('user-agent')).startsWith(product)) sender.httpEnded(response, error);
  };
  for (const channel of [answers, errors]) subscribe(channel, ended);
  const reader = new PeriodicExportingMetricReader({
    exporter: sender,
    exportIntervalMillis: interval,
    // A push ends by itself before that.
    exportTimeoutMillis: interval,
    maxExportBatchSize: mostPointsPerRequest,
    metricProducers: [sender],
  });
  const resource = resourceFromAttributes({
    'service.name': 'livekit-cloud-exporter',
    'service.version': version,
    'service.instance.id': instance,
  }).merge(detectResources({ detectors: [envDetector] }));
  const provider = new MeterProvider({ resource, readers: [reader] });
  const first = setTimeout(() => void reader.forceFlush(), Math.min(interval, firstPushMilliseconds));
  return {
    status: outcome.status,
    stop: async () => {
      clearTimeout(first);
      const late = new Error(
        `The push timed out ${flushMilliseconds / 1000} s after the process was asked to stop`,
      );
      await provider.shutdown({ timeoutMillis: flushMilliseconds }).catch(() => sender.giveUp(late));
      for (const channel of [answers, errors]) unsubscribe(channel, ended);
      diag.disable();
    },
  };
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

/** Sends one push after the other, each from its collection to its last request: the reader lets none overlap. */
function createSender(
  exporter: PushMetricExporter,
  settings: PushSettings,
  { exposition, version }: PushParts,
  outcome: PushOutcome,
) {
  const { protocol, timeout } = settings;
  let deadline: NodeJS.Timeout | undefined;
  let points = 0;
  let requestsLeft = 0;
  /** Of the first request that has failed; the others are sent all the same. */
  let failure: PushFailure | undefined;
  let rejected = 0;
  let complaint = '';
  let received: () => Promise<void> = () => Promise.resolve();
  /** Of the request on its way. */
  let callback: ((result: ExportResult) => void) | undefined;
  let answer: Answer | undefined;
  /** Why it got no answer the last time: it is repeated. */
  let unanswered: unknown;

  const defect = (error: unknown) => outcome.failed(failureOf(error, undefined, settings));

  /** The last answer, if it says that the request has failed: a page for people never comes from a receiver. */
  function telling(): Answer | undefined {
    return answer && (answer.status >= 300 || pageTitle(answer.body) !== undefined) ? answer : undefined;
  }

  async function collect(): Promise<CollectionResult> {
    const { families, receivedBy } = await exposition.values();
    const data = await runInSlices(metricData(families, unixSeconds(), protocol === 'http/json'));
    points = data.points;
    requestsLeft = Math.ceil(points / mostPointsPerRequest);
    failure = undefined;
    rejected = 0;
    complaint = '';
    received = () => receivedBy(scraper);
    deadline = setTimeout(() => giveUp(new Error(`The push timed out after ${timeout / 1000} s`)), timeout);
    const scopeMetrics = [{ scope: { name: 'livekit-cloud-exporter', version }, metrics: data.metrics }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }

  function giveUp(error: unknown): void {
    failure ??= failureOf(error, telling(), settings);
    end(notSent);
  }

  function requestEnded(result: ExportResult): void {
    const told = telling();
    // A receiver that refuses a request before it has read all of it breaks the connection.
    if (result.code !== ExportResultCode.SUCCESS || (told && told.status < 300))
      failure ??= failureOf(result.error, told, settings);
    requestsLeft -= 1;
    if (requestsLeft === 0) end(result);
    else callback?.(result);
  }

  function end(result: ExportResult): void {
    clearTimeout(deadline);
    requestsLeft = 0;
    callback?.(result);
    callback = undefined;
    if (failure) return outcome.failed(failure);
    outcome.succeeded(points, rejected, complaint);
    if (rejected === 0) received().catch(defect);
  }

  return {
    collect: () =>
      collect().catch((error: unknown) => {
        defect(error);
        throw error;
      }),

    export(request: ResourceMetrics, done: (result: ExportResult) => void) {
      // The rest of a push that was given up.
      if (requestsLeft === 0) return done(notSent);
      callback = done;
      answer = undefined;
      unanswered = undefined;
      exporter.export(request, (result) => {
        if (callback === done) requestEnded(result);
      });
    },

    // Each push ends by itself.
    forceFlush: () => Promise.resolve(),
    shutdown: () => exporter.shutdown(),

    /** A request over HTTP has an answer, or none because of an error. */
    httpEnded(response: IncomingMessage | undefined, error: unknown): void {
      unanswered = error;
      if (!response) return;
      const { statusCode: status = 0, headers } = response;
      const head = { status, server: headers['server']?.toString(), location: headers.location, body: '' };
      response.on('data', (chunk: Buffer) => {
        if (head.body.length < longestBody) head.body += chunk.toString();
      });
      answer = head;
    },

    partlyTaken(partialSuccess: string): void {
      const partial = JSON.parse(partialSuccess) as Record<string, unknown>;
      rejected += Number(partial['rejectedDataPoints'] ?? 0);
      complaint = String(partial['errorMessage'] ?? '');
    },

    /** For the reason of the request on its way, or for this one. */
    giveUp: (otherwise: Error) => giveUp(unanswered ?? otherwise),
  };
}
