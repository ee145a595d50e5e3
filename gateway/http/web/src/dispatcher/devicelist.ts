// What every device has sent since the gateway began, and why frames of it were
// refused: the page of whoever looks after radios and phones.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import type { Account, Device, Devices } from '../shared/types';
import { both, say } from '../shared/words';

const askedEveryMs = 5000;
const shownAtMost = 100;

let list: Devices = { since: '', devices: [], accounts: [] };
let askedAt = 0;
let typed = '';

// wanting are those that need a look first: the newest refusal first, then those by
// name that were never refused.
export function wanting<T extends { last_reason_at?: string }>(all: T[], name: (x: T) => string): T[] {
  const at = (x: T): number => (x.last_reason_at ? Date.parse(x.last_reason_at) : 0);
  return [...all].sort((a, b) => at(b) - at(a) || name(a).localeCompare(name(b), undefined, { numeric: true }));
}

// counts are a device's frames: all that came are either stored, heard again or
// refused, and the refused are kept raw or, in a flood, only counted.
export function counts(d: Device): string {
  return [
    `${d.received} ${both('bingkai', 'frames')}`, `${d.stored} ${both('diterima', 'accepted')}`, `${d.duplicates} ${both('ganda', 'duplicates')}`, `${d.refused} ${both('ditolak', 'refused')}`,
    d.refused ? `(${d.set_aside} ${both('disisihkan', 'set aside')}${d.shed ? `, ${d.shed} ${both('dibuang', 'shed')}` : ''})` : '',
  ].filter(Boolean).join(' · ').replace(' · (', ' (');
}

function reason(state: State, x: { last_reason?: string; last_reason_at?: string }): Child {
  return x.last_reason ? el('div', { class: 'warn' }, `▲ ${x.last_reason}`, x.last_reason_at ? el('span', { class: 'dim' }, ` · ${clockTime(x.last_reason_at)} (${duration(state.age(x.last_reason_at))})`) : null) : null;
}

function heard(state: State, at: string | undefined): string {
  return at ? `${clockTime(at)} (${duration(state.age(at))})` : both('tak pernah terbaca', 'never legible');
}

function deviceRow(state: State, d: Device): HTMLElement {
  return el('div', { class: `linkrow ${d.refused ? 'quiet' : 'up'}`, 'data-key': d.device },
    el('div', { class: 'head' },
      d.unit ? el('button', { type: 'button', class: 'bare', click: () => state.select({ unit: d.unit! }) }, el('b', {}, state.callSign(d.unit))) : el('b', { class: 'warn' }, both('tak dikenal', 'unknown')),
      el('span', {}, d.device), el('span', { class: 'dim' }, d.last_link), el('span', { class: 'state dim' }, heard(state, d.last_heard))),
    el('div', { class: 'dim' }, counts(d)), reason(state, d));
}

function accountRow(state: State, a: Account): HTMLElement {
  const bad = a.refused + a.withheld + a.slowed + a.excess;
  const count = (n: number, id: string, en: string): string => (n ? `${n} ${both(id, en)}` : '');
  return el('div', { class: `linkrow ${bad ? 'quiet' : 'up'}`, 'data-key': `account ${a.user}` },
    el('div', { class: 'head' }, el('b', {}, a.user), el('span', { class: 'dim' }, say(a.role)),
      el('span', { class: 'state dim' }, a.connected ? both('tersambung', 'connected') : a.since ? `${both('putus', 'gone')} ${clockTime(a.since)}` : both('belum pernah', 'never'))),
    el('div', { class: 'dim' }, [`${a.accepted} ${both('pesan diterima', 'messages accepted')}`, count(a.refused, 'ditolak', 'refused'), count(a.withheld, 'ditahan (disk)', 'withheld (disk)'),
      count(a.slowed, 'diperlambat', 'slowed'), count(a.excess, 'berlebih', 'in excess')].filter(Boolean).join(' · ')),
    reason(state, a));
}

// devicePanel is the drawer's list; typing narrows it.
export function devicePanel(state: State): Child[] {
  if (Date.now() - askedAt > askedEveryMs) {
    askedAt = Date.now();
    void api.devices().then((d) => { list = d; state.changed(); }).catch(() => undefined);
  }
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string): boolean => words.every((w) => text.toLowerCase().includes(w));
  const found = wanting(list.devices, (d) => d.device).filter((d) => fits(`${d.device} ${d.unit ? state.callSign(d.unit) : ''} ${d.last_link} ${d.last_reason ?? ''}`));
  const accounts = wanting(list.accounts, (a) => a.user).filter((a) => fits(`${a.user} ${a.last_reason ?? ''}`));
  return [
    el('input', {
      id: 'find-device', type: 'search', autocomplete: 'off', 'aria-label': both('Cari alat', 'Find a device'), placeholder: both('Cari alat, tim, jalur, alasan', 'Find device, unit, link, reason'),
      input: (e) => { typed = (e.target as HTMLInputElement).value; state.changed(); },
    }),
    el('p', { class: 'dim' }, list.since ? both(`Sejak gateway hidup, ${clockTime(list.since)}. Identitas di udara adalah pengakuan.`, `Since the gateway began, ${clockTime(list.since)}. On the air an identity is a claim.`) : ''),
    ...found.slice(0, shownAtMost).map((d) => deviceRow(state, d)),
    found.length > shownAtMost ? el('p', { class: 'dim' }, both(`${found.length - shownAtMost} alat lagi: ketik untuk mencari`, `${found.length - shownAtMost} more: type to find`)) : null,
    found.length ? null : el('p', { class: 'empty' }, both('Tidak ada alat yang cocok.', 'No such device.')),
    accounts.length ? el('h3', {}, both('Akun di broker sendiri', 'Accounts of the own broker')) : null,
    ...accounts.slice(0, shownAtMost).map((a) => accountRow(state, a)),
  ];
}
