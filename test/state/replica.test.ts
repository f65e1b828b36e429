import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, isIPv4, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { ownAddress } from '../../src/commands/serve.ts';
import { answers } from '../../src/state/replica.ts';
import { Authority } from '../certificates.ts';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const answering =
  (status: number): RequestListener =>
  (request, response) => {
    const isMine = request.url === '/-/replica?name=host-1%20a';
    response.writeHead(isMine ? status : 500).end();
  };

describe('a replica', () => {
  it.each([
    { name: 'says that it is the one', status: 200, want: true },
    { name: 'wants to know who asks', status: 401, want: true },
    { name: 'is another one, or none', status: 404, want: false },
  ])('that $name', async ({ status, want }) => {
    const address = await listening(createServer(answering(status)));
    expect(await answers('host-1 a', `http://${address}`)).toBe(want);
  });

  it('is there when it speaks TLS, whoever has signed its certificate, and when it wants one', async () => {
    const { cert, key } = Authority.root(temporaryFolder(afterAll), 'root').server();
    const address = await listening(createSecureServer({ cert, key }, answering(200)));
    expect(await answers('host-1 a', `https://${address}`)).toBe(true);
    const strict = { cert, key, requestCert: true, rejectUnauthorized: true };
    const asking = await listening(createSecureServer(strict, answering(200)));
    expect(await answers('host-1 a', `https://${asking}`)).toBe(true);
  });

  it('that is stopped, or gone, is not there', async () => {
    const hanging = await listening(createServer(() => undefined));
    expect(await answers('host-1 a', `http://${hanging}`)).toBe(false);
    expect(await answers('host-1 a', 'http://127.0.0.1:1')).toBe(false);
    expect(await answers('host-1 a', '')).toBe(false);
  });

  it.each(['ftp://127.0.0.1:21', 'javascript:0', 'http://%zz@127.0.0.1:1', 'http://127.0.0.1:1 '])(
    'is not asked at %j',
    async (address) => {
      expect(await answers('host-1 a', address)).toBe(false);
    },
  );

  it('is asked where it listens', () => {
    expect(ownAddress({ host: '127.0.0.1', port: 17880 })).toBe('127.0.0.1:17880');
    expect(ownAddress({ host: '::1', port: 17880 })).toBe('[::1]:17880');
    // One that other machines reach, where there is one.
    const { hostname, port } = new URL(`http://${ownAddress({ host: '', port: 17880 })}`);
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    expect(port).toBe('17880');
    expect(own.map(({ address }) => address)).toContain(hostname.replace(/^\[|\]$/g, ''));
    const isReached = own.some(({ internal, family }) => !internal && family === 'IPv4');
    expect(isIPv4(hostname) && !hostname.startsWith('127.')).toBe(isReached);
  });
});
