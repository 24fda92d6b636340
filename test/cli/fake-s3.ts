import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** An answer that S3 gives instead of what was asked for. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** A server that answers every request with one of S3's own errors, as its documentation words them. */
export class FakeS3 {
  refusal: Refusal = { status: 500, code: 'InternalError' };
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      request.once('end', () => {
        const { status, code } = this.refusal;
        const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>As S3 says it.</Message><RequestId>1</RequestId></Error>`;
        response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': '1' });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
    });
  }

  static async start(context: Pick<TestContext, 'after'>): Promise<FakeS3> {
    const fake = new FakeS3();
    await once(fake.#server.listen(0, '127.0.0.1'), 'listening');
    context.after(() => {
      fake.#server.closeAllConnections();
      fake.#server.close();
    });
    return fake;
  }

  /** A store here. */
  get spec(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `s3://bucket/copies?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}&region=us-east-1`;
  }

  /** From now on nobody listens at the address. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
