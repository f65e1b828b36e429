// Whether a replica that no longer writes to the shared store still runs: it is asked over HTTP, at the address it gave.
import { once } from 'node:events';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { networkInterfaces } from 'node:os';
import { hostAndPort, type ListenAddress } from '../lib/text.ts';
import { errorCode } from './state-store.ts';

const replicaPath = '/-/replica';
const patienceMilliseconds = 2000;

/** Where others on the network, or on this machine, can ask this replica. */
export function ownAddress({ host, port }: ListenAddress, scheme: 'http' | 'https'): string {
  const named = ['', '0.0.0.0', '::'].includes(host) ? machineAddress() : host;
  return `${scheme}://${hostAndPort(named, port)}`;
}

function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  return (others.find(({ family }) => family === 'IPv4') ?? others[0])?.address ?? '127.0.0.1';
}

/** A replica that asks for credentials counts, too. */
export async function answers(replica: string, address: string): Promise<boolean> {
  try {
    // Anyone may have written the address to Redis: what is no URL of HTTP is an error here.
    const url = new URL(`${address}${replicaPath}?name=${encodeURIComponent(replica)}`);
    const send = url.protocol === 'https:' ? requestSecure : requestPlain;
    // Nothing secret is sent, and the answer is used for nothing else.
    const signal = AbortSignal.timeout(patienceMilliseconds);
    const request = send(url, { rejectUnauthorized: false, agent: false, signal });
    request.on('error', () => undefined).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return [200, 401, 403, 429].includes(response.statusCode ?? 0);
  } catch (error) {
    // It speaks TLS, and wants a certificate.
    return /_ALERT_/.test(String(errorCode(error)));
  }
}
