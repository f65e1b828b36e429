// The limit we are measured against: a bare node:http program that answers everything with the bytes of a file.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const bytes = readFileSync(process.argv[2]);
const server = createServer((_request, response) => {
  response.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-encoding': 'gzip',
    'content-length': bytes.length,
  });
  response.end(bytes);
});
// The benchmark comes back to a connection after minutes.
server.keepAliveTimeout = 3_600_000;
server.listen(0, '127.0.0.1', () => console.log(`address=127.0.0.1:${server.address().port}`));
