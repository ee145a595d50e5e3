// Sound of alarms, made by the browser itself: each kind has its own pattern, so
// that it is known without looking.
import { kinds, type Alarm, type AlarmKind } from './alarms';

interface Tone { hz: number; at: number; for: number }

const patterns: Record<AlarmKind, { tones: Tone[]; every: number; wave: OscillatorType }> = {
  emergency: { wave: 'square', every: 4, tones: [0, 1, 2, 3].map((n) => ({ hz: n % 2 ? 660 : 990, at: n * 0.22, for: 0.2 })) },
  breached: { wave: 'sawtooth', every: 15, tones: [0, 1, 2].map((n) => ({ hz: 440, at: n * 0.25, for: 0.15 })) },
  new: { wave: 'sine', every: 10, tones: [{ hz: 660, at: 0, for: 0.18 }, { hz: 880, at: 0.22, for: 0.3 }] },
  warning: { wave: 'triangle', every: 60, tones: [{ hz: 523, at: 0, for: 0.35 }] },
  alert: { wave: 'sine', every: 120, tones: [{ hz: 587, at: 0, for: 0.12 }, { hz: 587, at: 0.18, for: 0.12 }] },
};

// mutedFor is how long silence lasts before the page asks again.
export const mutedFor = 10 * 60_000;

export class Sound {
  private context: AudioContext | null = null;
  private mutedAt = Number(localStorage.getItem('mutedAt') ?? 0);
  private readonly last = new Map<AlarmKind, number>();
  private lastKeys = '';

  get muted(): boolean {
    return this.mutedAt > 0;
  }

  // asks: it has been silent so long that somebody should say whether that is meant.
  asks(now = Date.now()): boolean {
    return this.muted && now - this.mutedAt > mutedFor;
  }

  // blocked: the browser lets no page sound before somebody has touched it.
  get blocked(): boolean {
    return !this.muted && this.context?.state !== 'running';
  }

  mute(on: boolean): void {
    this.mutedAt = on ? Date.now() : 0;
    localStorage.setItem('mutedAt', String(this.mutedAt));
    this.last.clear();
  }

  // touched is called at a click or key: from then on the browser allows sound.
  touched(): void {
    this.context ??= new AudioContext();
    if (this.context.state === 'suspended') void this.context.resume();
  }

  // ring sounds the most pressing alarm: at once when it is new, then again and again.
  ring(alarms: Alarm[], now = Date.now()): void {
    const top = kinds.find((k) => alarms.some((a) => a.kind === k));
    const keys = alarms.map((a) => a.key).join();
    const isNew = alarms.some((a) => !this.lastKeys.includes(a.key));
    this.lastKeys = keys;
    if (!top || this.muted || !this.context || this.context.state !== 'running') return;
    const p = patterns[top];
    const since = now - (this.last.get(top) ?? 0);
    if (since < (isNew ? 1500 : p.every * 1000)) return;
    this.last.set(top, now);
    this.play(this.context, p);
    document.body.dataset['sounded'] = top;
  }

  private play(context: AudioContext, p: { tones: Tone[]; wave: OscillatorType }): void {
    for (const t of p.tones) {
      const [oscillator, volume] = [context.createOscillator(), context.createGain()];
      const start = context.currentTime + t.at;
      oscillator.type = p.wave;
      oscillator.frequency.value = t.hz;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.16, start + 0.015);
      volume.gain.setTargetAtTime(0, start + t.for - 0.03, 0.015);
      oscillator.connect(volume).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(start + t.for + 0.1);
    }
  }
}
