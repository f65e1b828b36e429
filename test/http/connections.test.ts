import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Connections, mostConnections } from '../../src/http/connections.ts';

/** What the table of connections knows of a socket. */
class FakeSocket extends EventEmitter {
  ended = false;
  destroyed = false;

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function connect(connections: Connections): FakeSocket & Socket {
  const socket = new FakeSocket() as FakeSocket & Socket;
  connections.add(socket);
  return socket;
}

function fill(connections: Connections, count = mostConnections): (FakeSocket & Socket)[] {
  return Array.from({ length: count }, () => connect(connections));
}

function cutOff(sockets: readonly FakeSocket[]): number[] {
  return sockets.flatMap(({ destroyed }, index) => (destroyed ? [index] : []));
}

test('makes room for a new connection by the one that was silent for longest', () => {
  const connections = new Connections();
  const sockets = fill(connections);
  connections.asked(sockets[0]!);
  connections.answered(sockets[0]!);
  connections.asked(sockets[1]!);
  connect(connections);
  expect(cutOff(sockets)).toEqual([2]);
  connect(connections);
  expect(cutOff(sockets)).toEqual([2, 3]);
});

test('makes room by the one that has waited for longest when all wait for answers', () => {
  const connections = new Connections();
  const sockets = fill(connections);
  for (const socket of [...sockets].reverse()) connections.asked(socket);
  connect(connections);
  expect(cutOff(sockets)).toEqual([mostConnections - 1]);
});

test('cuts nobody off while there is room', () => {
  const connections = new Connections();
  const sockets = fill(connections);
  sockets[7]!.emit('close');
  connect(connections);
  expect(cutOff(sockets)).toEqual([]);
});

test('cuts off who sends more than 16 requests ahead, and asks for none of the rest', () => {
  const connections = new Connections();
  const socket = connect(connections);
  const asked = Array.from({ length: 20 }, () => connections.asked(socket));
  expect(asked.filter(Boolean)).toHaveLength(16);
  expect(socket.destroyed).toBe(true);
});

test('lets a connection go on that waits for its answers', () => {
  const connections = new Connections();
  const socket = connect(connections);
  for (let request = 0; request < 1000; request++) {
    expect(connections.asked(socket)).toBe(true);
    connections.answered(socket);
  }
  expect(socket.destroyed).toBe(false);
});

test('ends idle connections at once and the others with their last answer', () => {
  const connections = new Connections();
  const [idle, busy] = fill(connections, 2) as [FakeSocket & Socket, FakeSocket & Socket];
  connections.asked(busy);
  connections.asked(busy);
  connections.closeIdle();
  expect([idle.destroyed, busy.destroyed]).toEqual([true, false]);
  connections.answered(busy);
  expect(busy.ended).toBe(false);
  connections.answered(busy);
  expect(busy.ended).toBe(true);
});

test('does not remember a connection that broke before its answer was given up', () => {
  const connections = new Connections();
  const broken = connect(connections);
  connections.asked(broken);
  broken.emit('close');
  connections.answered(broken);
  connections.closeIdle();
  expect([broken.ended, broken.destroyed]).toEqual([false, false]);
});
