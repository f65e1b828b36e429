import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { UnsentAnswers } from '../../src/http/unsent-answers.ts';

const MiB = 2 ** 20;

class Client extends EventEmitter {
  cutOff = false;

  destroy(): void {
    this.cutOff = true;
    this.emit('close');
  }
}

/** Memory that nothing is written to costs nothing. */
function answer(mebibytes: number): Buffer {
  return Buffer.allocUnsafeSlow(mebibytes * MiB);
}

function ask(unsent: UnsentAnswers, body: Buffer, clients = 1): Client[] {
  return Array.from({ length: clients }, () => {
    const client = new Client();
    unsent.add(body, client);
    return client;
  });
}

test('cuts off those who have not taken the oldest answers when there are too many of them', () => {
  const unsent = new UnsentAnswers();
  const first = ask(unsent, answer(60), 2);
  const second = ask(unsent, answer(60));
  expect(first.map(({ cutOff }) => cutOff)).toEqual([false, false]);
  const third = ask(unsent, answer(9));
  expect([...first, ...second, ...third].map(({ cutOff }) => cutOff)).toEqual([true, true, false, false]);
});

test('counts what many are sent at the same time once', () => {
  const unsent = new UnsentAnswers();
  const body = answer(100);
  expect(ask(unsent, body, 200).some(({ cutOff }) => cutOff)).toBe(false);
});

test('forgets what was taken', () => {
  const unsent = new UnsentAnswers();
  for (let scrape = 0; scrape < 10; scrape++) {
    const clients = ask(unsent, answer(100), 2);
    for (const client of clients) client.emit('close');
    expect(clients.some(({ cutOff }) => cutOff)).toBe(false);
  }
});

test('lets two answers wait that are larger than all may be', () => {
  const unsent = new UnsentAnswers();
  const [first] = ask(unsent, answer(200));
  const [second] = ask(unsent, answer(200));
  expect([first?.cutOff, second?.cutOff]).toEqual([false, false]);
  const [third] = ask(unsent, answer(200));
  expect([first?.cutOff, second?.cutOff, third?.cutOff]).toEqual([true, false, false]);
});
