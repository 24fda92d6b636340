import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { tokenLifeMs } from '../../electron/hosts/web/access.ts';
import { peerOwner } from '../../electron/hosts/web/own-user.ts';
import { mostMessageBytes, mostSockets } from '../../electron/hosts/web/socket.ts';
import { Host, cookieOf } from './kit.ts';

/** Every kind of thing that a signed-in person's window asks for. */
const targets = ['/', '/open', '/open.js', '/assets/main-abc123.js', '/content/letter'];

test('a page whose name was made to point here (DNS rebinding) gets nothing, with a cookie or a token in hand', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const token = host.newToken();
  const names = [
    'evil.example',
    `evil.example:${host.port}`,
    'localhost',
    `localhost:${host.port}`,
    '127.0.0.1',
    `127.0.0.1:${host.port + 1}`,
    `127.0.0.1.evil.example:${host.port}`,
    `[::1]:${host.port}`,
    `0.0.0.0:${host.port}`,
  ];
  for (const name of names) {
    for (const target of targets) {
      const { status, body } = await host.ask(target, { headers: { host: name, cookie } });
      assert.equal(status, 421, `${name} ${target}`);
      assert.ok(!body.includes('id="root"') && !body.includes('letter'), body);
    }
    assert.equal((await host.bring(token, { host: name, origin: `http://${name}` })).status, 421);
    assert.equal(await host.knock({ host: name, cookie, origin: `http://${name}` }), 421);
  }
  // None, an empty one, and two of them.
  for (const head of ['GET / HTTP/1.0', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r\nhost:']) {
    assert.match(await host.raw(`${head}\r\ncookie: ${cookie}\r\n\r\n`), /^HTTP\/1\.1 421 [^]*content-security-policy/);
  }
  const two = `host: 127.0.0.1:${host.port}\r\nhost: evil.example`;
  assert.match(await host.raw(`GET / HTTP/1.1\r\n${two}\r\ncookie: ${cookie}\r\n\r\n`), /^HTTP\/1\.1 4(00|21) /);
  assert.equal((await host.bring(token)).status, 200, 'the token was not spent by any of them');
});

test('another origin cannot exchange a token, open a WebSocket or read anything', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const token = host.newToken();
  const origins = [
    'http://evil.example',
    'https://127.0.0.1',
    `https://127.0.0.1:${host.port}`,
    `http://127.0.0.1:${host.port + 1}`,
    `http://localhost:${host.port}`,
    `http://127.0.0.1:${host.port}/`,
    'null',
  ];
  for (const origin of origins) {
    assert.equal((await host.bring(token, { origin })).status, 403, origin);
    assert.equal(await host.knock({ cookie, origin }), 403, origin);
    for (const target of targets) {
      assert.equal((await host.ask(target, { headers: { cookie, origin } })).status, 403, `${origin} ${target}`);
    }
  }
  // Without any Origin, too: a browser sends one with everything that could change something.
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ token });
  assert.equal((await host.ask('/session', { method: 'POST', headers: json, body })).status, 403);
  assert.equal(await host.knock({ cookie }), 403);
  const preflight = await host.ask('/session', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } });
  assert.equal(preflight.status, 405);
  assert.ok(!Object.keys(preflight.headers).some((name) => name.startsWith('access-control')));
  assert.equal((await host.bring(token)).status, 200, 'the token was not spent by any of them');
});

test('a request that another site caused is turned away, whatever else it carries', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const token = host.newToken();
  const { origin } = host.host;
  for (const site of ['cross-site', 'same-site', 'made-up']) {
    const fetched = { 'sec-fetch-site': site };
    assert.equal((await host.bring(token, fetched)).status, 403);
    assert.equal(await host.knock({ cookie, origin, ...fetched }), 403);
    for (const target of targets) {
      for (const [mode, dest] of [
        ['no-cors', 'script'],
        ['no-cors', 'image'],
        ['cors', 'empty'],
        ['navigate', 'iframe'],
        ['navigate', 'object'],
      ]) {
        const headers = { cookie, ...fetched, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
        assert.equal((await host.ask(target, { headers })).status, 403, `${site} ${target} ${mode ?? ''}`);
      }
    }
    // A link may lead to the two pages, where it changes nothing, and nowhere else.
    const visit = { ...fetched, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    assert.equal((await host.ask('/', { headers: visit })).status, 401);
    assert.equal((await host.ask('/open', { headers: visit })).status, 200);
    assert.equal((await host.ask('/content/letter', { headers: { cookie, ...visit } })).status, 403);
  }
  assert.equal((await host.bring(token, { 'sec-fetch-site': 'none' })).status, 403, 'nobody types a POST');
  assert.equal((await host.ask('/', { headers: { cookie, 'sec-fetch-site': 'none' } })).status, 200);
  assert.equal((await host.bring(token, { 'sec-fetch-site': 'same-origin' })).status, 200);
});

test('a form or a script of another page cannot bring a token in disguise', async (context) => {
  const host = await Host.start(context);
  const token = host.newToken();
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined];
  for (const type of types) {
    const answer = await host.bring(token, { 'content-type': type });
    assert.equal(answer.status, 403, type);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  assert.equal((await host.bring(token)).status, 200);
});

test('without the cookie of a session there is no file, no content and no WebSocket', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const [name = '', value = ''] = cookie.split('=');
  const { origin } = host.host;
  const others = [
    undefined,
    `${name}=`,
    `${name}=${'A'.repeat(43)}`,
    `${name}=${value.slice(0, -1)}`,
    `${name}=${value}x`,
    `strongroom-${host.port + 1}=${value}`,
    `strongroom=${value}`,
    `other=${cookie}`,
    // Another server on this computer may set cookies beside ours: two that contradict are believed neither.
    `${name}=forged; ${cookie}`,
    `${cookie}; ${name}=forged`,
  ];
  for (const given of others) {
    const headers = given === undefined ? {} : { cookie: given };
    for (const target of ['/', '/index.html', '/assets/main-abc123.js', '/content/letter', '/anything']) {
      const answer = await host.ask(target, { headers });
      assert.equal(answer.status, 401, `${given ?? 'none'} ${target}`);
      assert.match(answer.body, /Open the address that was printed in the terminal/);
    }
    assert.equal(await host.knock({ ...headers, origin }), 401);
  }
  assert.deepEqual(host.asked.tickets, []);
  assert.equal(await host.knock({ cookie, origin }), 101);
});

test('a token opens once', async (context) => {
  const host = await Host.start(context);
  const token = host.newToken();
  assert.equal((await host.bring(token)).status, 200);
  const again = await host.bring(token);
  assert.equal(again.status, 403);
  assert.equal(again.headers['set-cookie'], undefined);
  const told = JSON.parse(again.body) as { title: string; text: string };
  assert.match(`${told.title}. ${told.text}`, /works once.*press Enter, and open the address that it prints/);
});

test('a token that was used up lets in whoever it let in before, and begins no other session', async (context) => {
  const host = await Host.start(context);
  const token = host.newToken();
  const cookie = cookieOf(await host.bring(token));
  const again = await host.bring(token, { cookie });
  assert.deepEqual([again.status, again.headers['set-cookie']], [200, undefined]);
  assert.equal((await host.bring(token, { cookie: `${cookie}x` })).status, 403);
});

test('of many who bring the same token at once, one gets in', async (context) => {
  const host = await Host.start(context);
  const token = host.newToken();
  const answers = await Promise.all(Array.from({ length: 20 }, () => host.bring(token)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('a token ends by itself, and is dead even if the clock is put back', async (context) => {
  const host = await Host.start(context);
  const [early, late] = [host.newToken(), host.newToken()];
  host.clock.at += tokenLifeMs - 1;
  assert.equal((await host.bring(early)).status, 200);
  host.clock.at += 1;
  const answer = await host.bring(late);
  assert.equal(answer.status, 403);
  assert.match(answer.body, /too old/);
  host.clock.at -= tokenLifeMs;
  assert.equal((await host.bring(late)).status, 403);
});

test('guessing finds no token and spoils none', async (context) => {
  const host = await Host.start(context);
  const token = host.newToken();
  assert.match(token, /^[A-Za-z0-9_-]{43}$/, '256 bits');
  const guesses = [
    '',
    'A'.repeat(43),
    token.slice(0, -1),
    `${token}A`,
    token.toLowerCase(),
    '__proto__',
    'x'.repeat(900),
  ];
  for (const guess of guesses) assert.equal((await host.bring(guess)).status, 403, guess);
  for (const body of ['', '{', 'null', '[]', '{"token":null}', '{"token":["x"]}', `{"token":"${'x'.repeat(2_000)}"}`]) {
    const headers = { origin: host.host.origin, 'content-type': 'application/json' };
    assert.equal((await host.ask('/session', { method: 'POST', headers, body })).status, 403, body);
  }
  assert.equal((await host.bring(token)).status, 200);
});

test('no token is like another, and only the newest sixteen can be used', async (context) => {
  const host = await Host.start(context);
  const tokens = Array.from({ length: 17 }, () => host.newToken());
  assert.equal(new Set(tokens).size, 17);
  assert.equal((await host.bring(tokens[0] ?? '')).status, 403);
  assert.equal((await host.bring(tokens[1] ?? '')).status, 200);
  assert.equal((await host.bring(tokens[16] ?? '')).status, 200);
});

test('nothing changes by GET, and no other method is known', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const token = host.newToken();
  for (const target of [
    '/session',
    `/session?token=${token}`,
    '/address',
    `/?token=${token}`,
    `/open?token=${token}`,
  ]) {
    const answer = await host.ask(target, { headers: { cookie } });
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  assert.equal((await host.ask('/session', { headers: { cookie } })).status, 405);
  assert.equal((await host.ask('/address', { headers: { cookie } })).status, 405);
  assert.equal((await host.ask('/rpc/app/about', { headers: { cookie } })).status, 404, 'the contract is not on HTTP');
  const { origin } = host.host;
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    for (const target of targets) {
      assert.equal((await host.ask(target, { method, headers: { cookie, origin } })).status, 405, method);
    }
  }
  for (const target of targets) {
    assert.equal((await host.ask(target, { method: 'POST', headers: { cookie, origin } })).status >= 404, true, target);
  }
  assert.deepEqual(host.asked.tickets, []);
  assert.equal((await host.bring(token)).status, 200, 'the token was not spent by any of them');
});

test('no address leads out of the folder of the window', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const ways = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/assets//main-abc123.js',
    '/./assets/main-abc123.js',
    '/assets/%6dain-abc123.js',
    '/assets/main-abc123.js%00.css',
    '/assets',
    '/assets/',
    '/.built-from',
    '/assets/main-abc123.js.br',
    '/assets/main-abc123.js.gz',
    '/etc/passwd',
    '/__proto__',
    '/constructor',
    'http://evil.example/secret.txt',
    '*',
    '/content/../secret.txt',
    '/content/',
    '/content/a/b',
    '/content/%2e%2e',
    `/content/${'a'.repeat(201)}`,
  ];
  for (const way of ways) {
    const { status, body } = await host.ask(way, { headers: { cookie } });
    assert.equal(status, 404, way);
    assert.ok(!body.includes('outside') && !body.includes('mark') && !body.includes('plain()'), way);
  }
  assert.deepEqual(host.asked.tickets, []);
});

test('every answer carries the policy and its companions', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const { origin } = host.host;
  const answers = [
    await host.ask('/'),
    await host.ask('/', { headers: { cookie } }),
    await host.ask('/open'),
    await host.ask('/open.js'),
    await host.ask('/nothing', { headers: { cookie } }),
    await host.ask('/assets/main-abc123.js', { headers: { cookie } }),
    await host.ask('/', { headers: { host: 'evil.example' } }),
    await host.ask('/', { method: 'DELETE', headers: { cookie } }),
    await host.ask('/session', { method: 'POST', headers: { origin } }),
    await host.bring(host.newToken()),
    await host.bring('wrong'),
    await host.ask('/content/broken', { headers: { cookie } }),
  ];
  for (const { status, headers } of answers) {
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((directive) => [directive.split(' ')[0] ?? '', directive.split(' ').slice(1).join(' ')]),
    );
    assert.equal(policy.get('default-src'), "'none'", String(status));
    assert.equal(policy.get('script-src'), "'self'");
    assert.match(policy.get('style-src') ?? '', /^'self' 'nonce-[A-Za-z0-9+/]{24}'$/);
    assert.equal(policy.get('connect-src'), "'self'");
    assert.equal(policy.get('worker-src'), "'self' blob:");
    for (const name of ['base-uri', 'form-action', 'frame-ancestors']) assert.equal(policy.get(name), "'none'");
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*|https?:/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control')));
    assert.notEqual(headers['content-type'], undefined);
    assert.equal(headers['x-powered-by'] ?? headers['server'], undefined);
  }
  for (const text of [
    await host.raw('NONSENSE\r\n\r\n'),
    await host.raw(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
    await host.raw(
      `GET /rpc HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    ),
  ]) {
    assert.match(text, /^HTTP\/1\.1 4\d\d /);
    assert.match(text, /\r\ncontent-security-policy: default-src 'none'; /);
    assert.match(text, /\r\nx-content-type-options: nosniff\r\n/);
  }
});

test('the page gets a nonce of its own each time, the same as in its policy', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const nonces = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    for (const target of ['/', '/open']) {
      const { headers, body } = await host.ask(target, { headers: { cookie } });
      const [, nonce = ''] = /nonce="([^"]+)"/.exec(body) ?? [];
      assert.ok(String(headers['content-security-policy']).includes(`'nonce-${nonce}'`));
      nonces.add(nonce);
    }
  }
  assert.equal(nonces.size, 6);
});

test('the cookie is for this port, out of reach of scripts and of other sites', async (context) => {
  const host = await Host.start(context);
  const answers = [await host.bring(host.newToken()), await host.bring(host.newToken())];
  for (const answer of answers) {
    const [cookie = '', ...more] = answer.headers['set-cookie'] ?? [];
    assert.deepEqual(more, []);
    const [pair = '', ...flags] = cookie.split('; ');
    assert.match(pair, new RegExp(`^strongroom-${host.port}=[A-Za-z0-9_-]{43}$`));
    assert.deepEqual(flags.sort(), ['HttpOnly', 'Path=/', 'SameSite=Strict']);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  const [one, other] = answers.map(cookieOf);
  assert.notEqual(one, other);
});

test('an answer that belongs to a session is kept in no shared cache', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  for (const target of ['/', '/open', '/open.js', '/content/letter', '/nothing']) {
    assert.equal((await host.ask(target, { headers: { cookie } })).headers['cache-control'], 'no-store', target);
  }
  const { headers } = await host.ask('/assets/main-abc123.js', { headers: { cookie } });
  assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable');
});

test('it listens on 127.0.0.1 and on no other address of this computer', async (context) => {
  const host = await Host.start(context);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid)
    .map(({ address }) => address);
  // All of 127/8 is this computer on Linux; the host has one of its addresses only.
  for (const address of new Set([...others, '::1', ...(process.platform === 'linux' ? ['127.0.0.2'] : [])])) {
    const socket = net.connect(host.port, address);
    const outcome = await new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('error', () => resolve('refused'));
    });
    socket.destroy();
    assert.equal(outcome, 'refused', address);
  }
});

test('a message that is too large ends its own connection and no other', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const { origin } = host.host;
  const [good, bad] = [host.socket({ cookie, origin }), host.socket({ cookie, origin })];
  context.after(() => {
    good.terminate();
    bad.terminate();
  });
  await Promise.all([once(good, 'open'), once(bad, 'open')]);
  const message = (passphrase: string): string =>
    JSON.stringify({ i: '1', p: { u: '/app/unlock', b: { json: { passphrase } } } });
  const largest = 'x'.repeat(mostMessageBytes - message('').length);
  good.send(message(largest));
  await once(good, 'message');
  assert.deepEqual(host.asked.calls, [`unlock ${largest.length}`], 'what is just small enough arrives');
  bad.on('error', () => undefined);
  bad.send(message(`${largest}x`));
  const [code] = (await once(bad, 'close')) as [number];
  assert.ok(code === 1009 || code === 1006, String(code));
  good.send(message('still there'));
  await once(good, 'message');
  assert.deepEqual(host.asked.calls, [`unlock ${largest.length}`, 'unlock 11']);
});

test('so many windows and no more', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const { origin } = host.host;
  const sockets = Array.from({ length: mostSockets }, () => host.socket({ cookie, origin }));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  assert.equal(await host.knock({ cookie, origin }), 503);
  const [first] = sockets;
  first?.close();
  if (first !== undefined) await once(first, 'close');
  assert.equal(await host.knock({ cookie, origin }), 101);
});

test('the contract is at its one address', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const { origin } = host.host;
  for (const target of ['/', '/rpc/', '/rpcx', '/content/letter', '/assets/main-abc123.js']) {
    assert.equal(await host.knock({ cookie, origin }, target), 404, target);
  }
});

test('an error inside tells nothing of the inside', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const { status, body } = await host.ask('/content/broken', { headers: { cookie } });
  assert.equal(status, 500);
  assert.doesNotMatch(body, /a secret|Error:|\.ts/);
});

test('an address that went through the arguments of a program opens for the same user only', async (context) => {
  const host = await Host.start(context);
  // This test's own connections are of this process's user.
  assert.equal((await host.bring(host.newToken(true))).status, 200);
});

test("Linux's table of connections tells whose the other end of a connection is", () => {
  const rows = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:A02B 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0',
    '   1: 0100007F:A02B 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1',
    '   2: 0100007F:D431 0100007F:A02B 01 00000000:00000000 02:00000F3B 00000000  1001        0 3 2 0 20 4 0 10 -1',
    '   3: 0100007F:D431 0200007F:A02B 01 00000000:00000000 02:00000F3B 00000000     0        0 4 2 0 20 4 0 10 -1',
  ];
  assert.equal(peerOwner(rows.join('\n'), 0xa02b, 0xd431), 1001);
  assert.equal(peerOwner(rows.join('\n'), 0xd431, 0xa02b), 1000);
  assert.equal(peerOwner(rows.join('\n'), 0xa02b, 0xd432), undefined);
  assert.equal(peerOwner('', 1, 2), undefined);
});

test('a new address is had with the key of the host, and with nothing else', async (context) => {
  const host = await Host.start(context);
  const cookie = await host.signIn();
  const ask = (body: string, more = {}): ReturnType<Host['ask']> =>
    host.ask('/address', {
      method: 'POST',
      headers: { origin: host.host.origin, 'content-type': 'application/json', cookie, ...more },
      body,
    });
  for (const body of [
    '{}',
    '{"key":"","ownUserOnly":false}',
    JSON.stringify({ key: host.host.key.slice(1), ownUserOnly: false }),
  ]) {
    assert.equal((await ask(body)).status, 403);
  }
  const right = JSON.stringify({ key: host.host.key, ownUserOnly: false });
  assert.equal((await ask(right, { origin: 'http://evil.example' })).status, 403);
  assert.equal((await ask(right, { host: 'evil.example' })).status, 421);
  const { status, body } = await ask(right);
  assert.equal(status, 200);
  assert.match((JSON.parse(body) as { address: string }).address, /\/open#token=[A-Za-z0-9_-]{43}$/);
});
