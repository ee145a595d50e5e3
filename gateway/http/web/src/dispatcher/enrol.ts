// Who speaks for whom: a device that was heard is bound to a unit, a unit is made,
// and a phone gets the code that makes it a unit's keypad or tracker.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import type { Notices } from '../shared/notice';
import type { State } from '../shared/state';
import type { Enrolled, Stranger } from '../shared/types';
import { both } from '../shared/words';

export interface EnrolOptions { state: State; notices: Notices }

// shown is the code on the screen. Its secret is told once, so that it stays until
// somebody closes it.
let shown: { enrolled: Enrolled; callSign: string } | null = null;

function units(state: State): { id: string; call_sign: string }[] {
  return [...(state.setup?.units ?? [])].sort((a, b) => a.call_sign.localeCompare(b.call_sign, undefined, { numeric: true }));
}

function unitChoice(state: State, key: string): HTMLSelectElement {
  return el('select', { name: 'unit', 'data-key': key, 'aria-label': both('Tim', 'Unit') },
    ...units(state).map((u) => el('option', { value: u.id, 'data-key': u.id }, u.call_sign)));
}

// reread takes the roster as it is now.
async function reread(state: State): Promise<void> {
  state.setup = await api.setup();
  for (const u of await api.units()) state.units.set(u.id, u);
  state.changed();
}

const chosen = (e: Event, name: string): string => String(new FormData(e.currentTarget as HTMLFormElement).get(name) ?? '').trim();

// adopt is the form beside an unknown device: choose the unit, one click binds it.
export function adopt(o: EnrolOptions, s: Stranger, bound: () => void): Child {
  return el('form', {
    class: 'row adopt', submit: (e) => {
      e.preventDefault();
      const unit = chosen(e, 'unit');
      const name = units(o.state).find((u) => u.id === unit)?.call_sign ?? unit;
      void o.notices.act(async () => {
        await api.bind(unit, { device: s.device });
        bound();
        await reread(o.state);
      }, {
        text: both(`${s.device} kini ${name}; laporannya yang lama ikut dihitung`, `${s.device} is ${name} now; what it said before counts`),
        undo: async () => { await api.unbind(unit, s.device); bound(); await reread(o.state); },
      });
    },
  }, unitChoice(o.state, s.device), el('button', { type: 'submit', class: 'primary' }, both('Daftarkan', 'Bind')));
}

async function invite(o: EnrolOptions, unit: string, app: string): Promise<void> {
  await o.notices.act(async () => {
    const enrolled = await api.bind(unit, { app });
    await reread(o.state);
    shown = { enrolled, callSign: units(o.state).find((u) => u.id === unit)?.call_sign ?? unit };
    o.state.changed();
  });
}

function code(o: EnrolOptions): Child {
  if (!shown) return null;
  const { enrolled: e, callSign } = shown;
  const isKeypad = e.app === 'keypad';
  return el('div', { id: 'invitation', class: 'linkrow', 'data-key': e.device },
    el('div', { class: 'head' }, el('b', {}, `${callSign} · ${isKeypad ? both('tombol HT', 'keypad') : 'OwnTracks'}`),
      el('button', { type: 'button', class: 'small state', 'aria-label': both('Tutup', 'Close'), click: () => { shown = null; o.state.changed(); } }, '✕')),
    el('p', {}, isKeypad ? both('Pindai dengan kamera ponsel tim. Kode ini hanya tampil sekali.', "Scan it with the unit's phone. This code is shown once.")
      : both('Pasang OwnTracks, lalu pindai. Kode ini hanya tampil sekali.', 'Install OwnTracks, then scan. This code is shown once.')),
    e.warning ? el('p', { class: 'warn' }, e.warning) : null,
    e.qr ? el('img', { class: 'qr', src: e.qr, alt: both(`Kode QR untuk ${callSign}`, `QR code for ${callSign}`) }) : null,
    el('input', { id: 'invitation-url', readonly: true, value: e.url ?? '', 'aria-label': both('Alamat', 'Address'), focus: (f) => (f.target as HTMLInputElement).select() }));
}

// enrolPanel makes units and invites phones.
export function enrolPanel(o: EnrolOptions): Child[] {
  if (!o.state.setup) return [];
  const ask = (name: string, placeholder: string, required: boolean): HTMLInputElement => el('input', { name, placeholder, required, maxlength: '60', autocomplete: 'off', 'aria-label': placeholder });
  return [
    el('h3', {}, both('Ponsel untuk tim', 'A phone for a unit')),
    code(o),
    el('form', {
      class: 'row', id: 'invite', submit: (e) => { e.preventDefault(); void invite(o, chosen(e, 'unit'), ((e as SubmitEvent).submitter as HTMLButtonElement).value); },
    }, unitChoice(o.state, 'invite-unit'), el('button', { type: 'submit', value: 'keypad', class: 'primary' }, both('Tombol HT', 'Keypad')), el('button', { type: 'submit', value: 'owntracks' }, 'OwnTracks')),
    el('h3', {}, both('Tim baru', 'New unit')),
    el('form', {
      class: 'row', id: 'make-unit', submit: (e) => {
        e.preventDefault();
        const form = e.currentTarget as HTMLFormElement;
        const wanted = { call_sign: chosen(e, 'call_sign'), agency: chosen(e, 'agency') };
        void o.notices.act(() => api.makeUnit(wanted)).then((u) => { if (u) { form.reset(); return invite(o, u.id, 'keypad'); } return undefined; });
      },
    }, ask('call_sign', both('Nama panggilan', 'Call sign'), true), ask('agency', both('Instansi', 'Agency'), false), el('button', { type: 'submit' }, both('Buat dan tampilkan kode', 'Make and show its code'))),
  ];
}
