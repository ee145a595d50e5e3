import { afterEach, expect, test, vi } from 'vitest';
import { api, AskedTwice, NotTaken } from './api';

afterEach(() => { vi.unstubAllGlobals(); });

// gateway answers each request with the next of these; it returns the keys that came.
function gateway(...answers: (Response | Error)[]): string[] {
  const keys: string[] = [];
  vi.stubGlobal('fetch', (_: string, request: RequestInit) => {
    keys.push((request.headers as Record<string, string>)['Idempotency-Key'] ?? '');
    const a = answers.shift();
    if (!a) throw new Error('asked once too often');
    return a instanceof Error ? Promise.reject(a) : Promise.resolve(a);
  });
  return keys;
}

const incident = (): Response => Response.json({ id: 'i1' });
const empty = (): Response => new Response(null, { status: 200 });
const half = (): Response => new Response('{"id":"i', { status: 200 });
const standby = (): Response => Response.json({ detail: 'standing by' }, { status: 503 });
const broken = (): TypeError => new TypeError('network');

for (const [name, first] of [['an empty success', empty], ['half a success', half], ['a 503', standby], ['a broken line', broken]] as const) {
  test(`after ${name} the same act is sent once more under its key`, async () => {
    const keys = gateway(first(), incident());
    expect(await api.review('i1')).toEqual({ id: 'i1' });
    expect(keys.length).toBe(2);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe('');
  });
}

test('a success that has no body twice is no success', async () => {
  gateway(empty(), half());
  await expect(api.close('i1', '')).rejects.toBeInstanceOf(NotTaken);
});

test('a refusal is not sent again', async () => {
  const keys = gateway(Response.json({ detail: 'closed' }, { status: 409 }));
  await expect(api.review('i1')).rejects.toThrow('closed');
  expect(keys.length).toBe(1);
});

test('a device is released by a 204, and by no other success', async () => {
  const keys = gateway(empty(), new Response(null, { status: 204 }));
  await api.unbind('damkar-1', 'field:x');
  expect(keys.length).toBe(2);
  expect(keys[0]).toBe(keys[1]);
});

test('a correction that is asked for twice says what it would change', async () => {
  const told = { detail: 'x', code: 'confirm', doubts: [{ code: 'before_dispatch', text: 'a / b' }], effects: [] };
  gateway(Response.json(told, { status: 409 }));
  const e = await api.correct('i1', { milestone: 'on_scene', unit: 'damkar-1', at: '', reason: 'x' }).catch((x: unknown) => x);
  expect(e).toBeInstanceOf(AskedTwice);
  expect((e as AskedTwice).told).toEqual(told);
});
