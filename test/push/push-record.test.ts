import { expect, it } from 'vitest';
import { PushRecord } from '../../src/push/push-record.ts';
import { pushFailureReasons } from '../../src/core/push-error.ts';

const target = { receiver: 'https://otlp.example/v1/metrics', protocol: 'http/protobuf', interval: 60 };

function recorded() {
  const told: unknown[] = [];
  const record = new PushRecord(target);
  const observer = record.beside({
    pushFinished: (push) => told.push(push),
    pushesSkipped: (count) => told.push(count),
    pointsSent: (points) => told.push(points),
    requestRetried: () => told.push('retried'),
  });
  return { record, observer, told };
}

it('knows nothing before the first push has ended', () => {
  const { record, observer } = recorded();
  observer.pointsSent({ accepted: 10, rejected: 0 });
  expect(record.status).toEqual({
    ...target,
    lastSuccessAt: undefined,
    failure: undefined,
    lastPoints: undefined,
  });
});

it('adds up the points of one push', () => {
  const { record, observer } = recorded();
  for (const at of [100, 160]) {
    observer.pointsSent({ accepted: 10, rejected: 0 });
    observer.pointsSent({ accepted: 5, rejected: 2 });
    observer.pushFinished({ at, seconds: 1 });
  }
  expect(record.status).toMatchObject({ lastSuccessAt: 160, lastPoints: { accepted: 15, rejected: 2 } });
});

it('says since when pushes fail, and forgets it once one arrives', () => {
  const { record, observer } = recorded();
  observer.pushFinished({ at: 100, seconds: 1 });
  observer.pushFinished({ at: 160, seconds: 1, failure: 'network' });
  observer.pushFinished({ at: 220, seconds: 1, failure: 'server' });
  expect(record.status).toMatchObject({ lastSuccessAt: 100, failure: { reason: 'server', since: 160 } });
  observer.pushFinished({ at: 280, seconds: 1 });
  expect(record.status).toMatchObject({ lastSuccessAt: 280, failure: undefined });
});

it.each(pushFailureReasons)('has words for the reason %s', (failure) => {
  const { record, observer } = recorded();
  observer.pushFinished({ at: 100, seconds: 1, failure });
  expect(record.status.failure?.message).toMatch(/^[A-Z].+\.$/);
  expect(record.status.failure?.remedy).toMatch(/^[A-Z].+\.$/);
});

it('lets the other observer know everything', () => {
  const { observer, told } = recorded();
  observer.pointsSent({ accepted: 1, rejected: 2 });
  observer.requestRetried();
  observer.pushesSkipped(3);
  observer.pushFinished({ at: 100, seconds: 1 });
  expect(told).toEqual([{ accepted: 1, rejected: 2 }, 'retried', 3, { at: 100, seconds: 1 }]);
});
