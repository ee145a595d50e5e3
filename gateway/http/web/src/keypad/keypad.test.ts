import { describe, expect, test, vi } from 'vitest';
import { isDue, type Fix } from './place';
import { fromAddress } from './qr';
import { Sender, type Answer } from './sender';
import { excess, kept, reread, type Entry } from './store';
import { lineWords } from './words';

const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({ seq, device: 'd', token: 't', body: { time: '2026-11-24T07:00:00Z', status: 'on_scene' }, state: 'waiting', ...more });
const fixAt = (atMs: number, lat: number, accuracyM = 5): Fix => ({ lat, lon: 108.2, accuracyM, speedMPS: null, courseDeg: null, atMs });

test('who the phone is stands in the fragment', () => {
  expect(fromAddress('#device=damkar-2-ab&token=x-_y&unit=DAMKAR+2')).toEqual({ device: 'damkar-2-ab', token: 'x-_y', unit: 'DAMKAR 2' });
  expect(fromAddress('#device=a&token=b')?.unit).toBe('a');
  for (const wrong of ['', '#', '#device=a', '#token=b', '#device=&token=b']) expect(fromAddress(wrong)).toBeUndefined();
});

describe('sending', () => {
  function phone(answers: Answer[]): { sender: Sender; posted: number[]; entries: Entry[] } {
    const posted: number[] = [];
    const entries = [entry(1), entry(2), entry(3)];
    const sender = new Sender({
      waiting: () => entries.filter((e) => e.state === 'waiting'),
      post: async (e) => { posted.push(e.seq); return answers.shift() ?? { what: 'sent', receivedAt: e.body.time }; },
      settle: async (e, a) => { if (a.what !== 'later') e.state = a.what === 'sent' ? 'sent' : 'refused'; },
    });
    return { sender, posted, entries };
  }

  test('keeps the order and goes on behind what was refused', async () => {
    const p = phone([{ what: 'sent', receivedAt: '' }, { what: 'refused', why: 'x' }]);
    await p.sender.wake();
    expect(p.posted).toEqual([1, 2, 3]);
    expect(p.entries.map((e) => e.state)).toEqual(['sent', 'refused', 'sent']);
  });

  test('stops at the first that does not get through, and tries it again', async () => {
    vi.useFakeTimers();
    const p = phone([{ what: 'later', afterS: 20 }]);
    await p.sender.wake();
    expect(p.posted).toEqual([1]);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(p.posted).toEqual([1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(p.posted).toEqual([1, 1, 2, 3]);
    vi.useRealTimers();
  });

  test('one at a time, and a call meanwhile is not lost', async () => {
    const p = phone([]);
    await Promise.all([p.sender.wake(), p.sender.wake()]);
    expect(p.posted).toEqual([1, 2, 3]);
  });
});

test('a press that waits is never forgotten', () => {
  const many = Array.from({ length: kept.positions + 10 }, (_, i) => entry(i));
  expect(excess(many).size).toBe(0);
  expect(excess(many.map((e) => ({ ...e, state: 'sent' as const }))).size).toBe(many.length - kept.sent);
  const positions = many.map((e) => ({ ...e, body: { time: e.body.time, lat: 1, lon: 2 } }));
  expect([...excess(positions)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a press during a reading of the disk stays', () => {
  expect(reread([entry(1, { state: 'sent' })], [entry(1), entry(2)]).map((e) => `${e.seq} ${e.state}`)).toEqual(['1 sent', '2 waiting']);
});

test('a place is due when it moved beyond its blur, or after a minute', () => {
  const last = fixAt(0, -6.8);
  expect(isDue(last, null)).toBe(true);
  expect(isDue(fixAt(10_000, -6.8004), last)).toBe(false); // 44 m
  expect(isDue(fixAt(10_000, -6.8006), last)).toBe(true); // 67 m
  expect(isDue(fixAt(10_000, -6.8006, 200), last)).toBe(false);
  expect(isDue(fixAt(60_000, -6.8), last)).toBe(true);
});

test('says how many wait', () => {
  expect(lineWords([entry(1), entry(2, { state: 'sent' }), entry(3)], false)).toContain('menunggu (2)');
  expect(lineWords([entry(1, { state: 'sent' })], true)).toContain('terkirim');
});
