import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

/**
 * A DingTalk in a process of its own, so that its work is not taken for the exporter's. It knows every app key, and
 * each poll finds other numbers. `GET /calls` tells how many calls have come.
 */
let calls = 0;

async function answer(path: string, body: string): Promise<object | number> {
  if (path === '/calls') return calls;
  calls += 1;
  if (!path.startsWith('/topapi/user/count')) {
    return { accessToken: `token-of-${JSON.parse(body).appKey}`, expireIn: 7200 };
  }
  const count = body.includes('true') ? 900 : 1000 + calls;
  return { errcode: 0, errmsg: 'ok', result: { count } };
}

listen(
  createServer(async (request, response) => {
    const answered = await answer(request.url ?? '', await text(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  }),
);
