// Whether another replica that is silent in the shared store still runs: it is asked itself, at the address it has named.
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { networkInterfaces } from 'node:os';
import { hostAndPort } from '../lib/address.ts';

/** The path under which a replica answers to its name. */
const replicaPath = '/-/replica';

const patienceMilliseconds = 2000;

export interface Listening {
  /** '' or an address of all interfaces: any of this machine. */
  readonly host: string;
  readonly port: number;
}

/** Where others on the network, or on this machine, can ask this replica. */
export function ownAddress({ host, port }: Listening, scheme: 'http' | 'https'): string {
  const named = ['', '0.0.0.0', '::'].includes(host) ? machineAddress() : host;
  return `${scheme}://${hostAndPort(named, port)}`;
}

function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  return (others.find(({ family }) => family === 'IPv4') ?? others[0])?.address ?? '127.0.0.1';
}

/** Whether the replica of this name answers there. One that wants to know who asks is taken for it. */
export function answers(replica: string, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const text = `${address}${replicaPath}?name=${encodeURIComponent(replica)}`;
    // Anybody can have written the address; what is no plain one makes node:http throw.
    if (!/^https?:\/\/[^@]+$/.test(text) || !URL.canParse(text)) return resolve(false);
    const url = new URL(text);
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    // Nothing secret is sent, and nothing is believed but that somebody is there.
    const request = send(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve([200, 401, 403, 429].includes(response.statusCode ?? 0));
    });
    const timer = setTimeout(() => request.destroy(), patienceMilliseconds);
    request.on('error', (error: NodeJS.ErrnoException) => resolve(/_ALERT_/.test(error.code ?? '')));
    request.on('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
    request.end();
  });
}
