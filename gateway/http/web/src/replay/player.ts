// The player's bar: a slider with what happened on it, play, pause and speed.
import { el, type Child } from '../shared/dom';
import { clockTime } from '../shared/time';
import { both } from '../shared/words';
import type { Mark } from './past';
import type { PastState } from './state';

export const speeds = [1, 5, 10, 30, 60];

export class Player {
  playing = false;
  speed = 10;
  private last = 0;

  constructor(private readonly state: PastState) {}

  seek(ms: number): void {
    this.state.at(ms);
  }

  toggle(on = !this.playing): void {
    const { past } = this.state;
    if (on && past.now >= past.to) this.state.at(past.from);
    this.playing = on;
    this.last = performance.now();
    this.state.changed();
  }

  faster(by: 1 | -1): void {
    this.speed = speeds[Math.min(speeds.length - 1, Math.max(0, speeds.indexOf(this.speed) + by))]!;
    this.state.changed();
  }

  // tick goes on by the time that went by; it waits for what is still being fetched.
  tick(now: number): void {
    if (!this.playing) return;
    const { past } = this.state;
    const to = past.now + Math.min(1000, now - this.last) * this.speed;
    this.last = now;
    if (!past.whole && to > past.until && this.state.fetching) return;
    this.state.at(to);
    if (past.now >= past.to) this.toggle(false);
  }

  rows(): Child[] {
    const { past } = this.state;
    const span = Math.max(1, past.to - past.from);
    const seconds = Math.round((past.now - past.from) / 1000);
    const button = (id: string, label: string, mark: string, key: string, click: () => void): HTMLElement =>
      el('button', { type: 'button', id, 'aria-label': label, title: `${label} (${key})`, click }, mark);
    return [
      button('before', both('Kejadian sebelumnya', 'What happened before'), '|◀', ',', () => this.seek(past.beside(-1))),
      el('button', { type: 'button', id: 'play', class: 'primary', 'aria-pressed': String(this.playing), title: both('Putar atau jeda (Spasi)', 'Play or pause (Space)'), click: () => this.toggle() },
        this.playing ? both('❚❚ Jeda', '❚❚ Pause') : both('▶ Putar', '▶ Play')),
      button('after', both('Kejadian berikutnya', 'What happens next'), '▶|', '.', () => this.seek(past.beside(1))),
      el('span', { class: 'ends' }, clockTime(past.from)),
      el('span', { class: 'scale' },
        el('span', { class: 'marks', 'aria-hidden': 'true' }, el('span', { class: 'missing', style: `left:${(100 * Math.min(1, (past.until - past.from) / span)).toFixed(2)}%` }),
          ...past.marks.map((m) => tick(m, past.from, span))),
        el('input', {
          type: 'range', id: 'slider', min: '0', max: String(Math.round(span / 1000)), step: '1', value: String(seconds), 'data-value': String(seconds),
          'aria-label': both('Waktu', 'Time'), 'aria-valuetext': `${clockTime(past.now)} WIB`,
          input: (e) => this.seek(past.from + Number((e.target as HTMLInputElement).value) * 1000),
        })),
      el('span', { class: 'ends' }, clockTime(past.to)),
      el('span', { class: 'speeds', role: 'group', 'aria-label': both('Kecepatan', 'Speed') }, ...speeds.map((s) => el('button', {
        type: 'button', 'data-key': String(s), 'aria-pressed': String(s === this.speed), click: () => { this.speed = s; this.state.changed(); },
      }, `${s}×`))),
    ];
  }
}

const shape: Record<Mark['kind'], string> = { opened: '◆', milestone: '▏', alert: '▲', ended: '■' };

function tick(m: Mark, from: number, span: number): HTMLElement {
  return el('span', { class: `tick ${m.kind}`, style: `left:${((100 * (m.at - from)) / span).toFixed(2)}%` }, shape[m.kind]);
}
