// Whether a replica that no longer writes to the shared store still runs: it is asked over HTTP, at the address it gave.
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { networkInterfaces } from 'node:os';
import { hostAndPort } from '../lib/address.ts';

/** A replica answers here when it is asked by its name. */
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

/** Whether the replica of this name answers there. A replica that asks for credentials counts, too. */
export function answers(replica: string, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const text = `${address}${replicaPath}?name=${encodeURIComponent(replica)}`;
    // Anyone may have written the address to Redis, and node:http throws at malformed ones.
    if (!/^https?:\/\/[^@]+$/.test(text) || !URL.canParse(text)) return resolve(false);
    const url = new URL(text);
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    // Nothing secret is sent, and the answer is used for nothing else.
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
