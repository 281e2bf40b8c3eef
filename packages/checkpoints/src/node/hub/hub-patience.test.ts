import { commit } from '@ntk-lens/testing/hub-server';
import { describe, expect, it } from 'vitest';
import {
  cacheDir,
  errorOf,
  failing,
  filesIn,
  hub,
  hubForEachTest,
  id,
  resolve,
  weightsWork,
} from './testing/setup.js';

hubForEachTest();

const weights = () => filesIn('tiny-bert').get('model.safetensors')!;
const downloads = () => hub.requests.filter((path) => path.startsWith('cdn')).length;

describe('a server that would keep us for ever', () => {
  it('with one byte per connection is left after as many connections as there are tries', async () => {
    failing(/^cdn/, (response, request) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(from ? 206 : 200, { 'content-range': `bytes ${from}-${from}/${weights().length}` });
      response.end(weights().subarray(from, from + 1));
    });
    expect(await errorOf({ attempts: 3 })).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringMatching(/ended early after 3 of/),
    });
    expect(downloads()).toBe(3);
  });

  it('with a hundredth per connection brings the file, within the cap of connections', async () => {
    const piece = Math.ceil(weights().length / 50);
    failing(/^cdn/, (response, request) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      response.writeHead(from ? 206 : 200, { 'content-range': `bytes ${from}-/${weights().length}` });
      response.end(weights().subarray(from, from + piece));
    });
    await weightsWork((await resolve()).directory);
    expect(downloads()).toBe(50);
  });

  it('with a wrong 206 to a range is refused at once', async () => {
    let requests = 0;
    failing(/^cdn/, (response, request) => {
      requests++;
      if (request.headers.range)
        return response
          .writeHead(206, { 'content-range': `bytes 0-9/${weights().length}` })
          .end('0123456789');
      response.writeHead(200, { 'content-length': weights().length });
      return response.write(weights().subarray(0, 5000), () => setTimeout(() => response.destroy(), 10));
    });
    expect(await errorOf()).toMatchObject({ code: 'HUB_PROTOCOL' });
    expect(requests).toBe(2);
  });

  it('with a few bytes a second is left, and says so', async () => {
    failing(/^cdn/, (response) => {
      response.writeHead(200, { 'content-length': weights().length });
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await errorOf({ stallTimeout: 150, attempts: 2 })).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringMatching(/less than 1000 bytes a second for 0.15 s/),
    });
  });

  it('with a listing that drips is left in bounded time', async () => {
    failing(/tree/, (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '.repeat(1000)), 10);
      response.on('close', () => clearInterval(drip));
    });
    expect(await errorOf({ stallTimeout: 200, attempts: 1 })).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringMatching(/no whole answer within 0.8 s/),
    });
  });

  it('with slow redirects is left after one time for all of them', async () => {
    let redirects = 0;
    failing(/resolve/, (response) => {
      redirects++;
      const location = `/${id}/resolve/${commit}/${redirects}`;
      setTimeout(() => response.writeHead(302, { location }).end(), 60);
    });
    expect(await errorOf({ stallTimeout: 150, attempts: 1 })).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringMatching(/no answer for 0.15 s/),
    });
    expect(redirects).toBeLessThan(4);
  });

  it('keeps a token out of every error, and away from other hosts', async () => {
    const token = 'hf_secret123';
    for (const status of [401, 403, 404, 418, 429, 500]) {
      failing(/./, (response) => response.writeHead(status).end());
      expect(String(((await errorOf({ token, attempts: 1 })) as Error).message)).not.toContain(token);
    }
    hub.fault = () => false;
    await resolve({ token: ` ${token}\n` });
    expect([...hub.tokens.hub]).toEqual([`Bearer ${token}`]);
    expect([...hub.tokens.cdn]).toEqual(['']);
    const endpoint = hub.endpoint.replace('http://', 'http://user:hf_secret123@');
    const error = (await errorOf({ endpoint, cacheDir: `${cacheDir}/other` })) as Error;
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(error.message).not.toContain(token);
  });
});
