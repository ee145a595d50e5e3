import { api } from '../shared/api';
import { el } from '../shared/dom';
import { clockTime } from '../shared/time';
import type { RawReport } from '../shared/types';
import { both, say } from '../shared/words';

// bytesOf turns the API's base64 into the bytes that came from the radio.
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

// readable shows bytes as text where they are text, and as hexadecimal otherwise.
export function readable(bytes: Uint8Array): string {
  const isText = bytes.every((b) => (b >= 0x20 && b < 0x7f) || b === 0x0d || b === 0x0a || b === 0x02 || b === 0x03);
  if (!isText) return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ');
  return String.fromCharCode(...bytes).replace(/\x02/g, '<STX>').replace(/\x03/g, '<ETX>').replace(/\r/g, '<CR>').replace(/\n/g, '<LF>');
}

const cache = new Map<string, RawReport | string>();

// rawFrame is a report as the journal has it: its bytes, every link that heard
// it, and the three times. It is fetched when it is first asked for.
export function rawFrame(id: string, changed: () => void): HTMLElement {
  const got = cache.get(id);
  if (got === undefined) {
    cache.set(id, both('memuat…', 'loading…'));
    api.report(id).then((r) => cache.set(id, r), (e: unknown) => cache.set(id, e instanceof Error ? e.message : String(e))).finally(changed);
  }
  if (got === undefined || typeof got === 'string') return el('div', { class: 'raw' }, got ?? '…');
  const time = (label: string, at?: string): HTMLElement | null => (at ? el('span', {}, `${label} ${clockTime(at)}`) : null);
  return el('div', { class: 'raw' },
    el('code', {}, got.raw ? readable(bytesOf(got.raw)) : both('tanpa bingkai mentah', 'no raw frame')),
    el('div', { class: 'facts' },
      el('span', {}, `${got.protocol} · ${got.device || '?'}`),
      got.status ? el('span', {}, `${say(got.status)}${got.status_code ? ` (${got.status_code})` : ''}`) : null,
      time(both('jam alat', 'device clock'), got.device_time), time(got.site ? `${both('diterima di', 'received at')} ${got.site}` : both('diterima', 'received'), got.received_at), time(both('tiba di pusat', 'reached the centre'), got.arrived_at), time(both('di jurnal', 'journaled'), got.journaled_at)),
    el('div', { class: 'facts' }, ...got.heard.map((h) => el('span', {}, `${both('didengar', 'heard by')} ${h.link} ${clockTime(h.received_at)}`))),
    el('div', { class: 'dim id' }, got.id));
}
