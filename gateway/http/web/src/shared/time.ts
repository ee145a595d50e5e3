// The gateway's time, as the page must show it: a demo's clock runs faster than
// real time, so both the offset and the speed come from the gateway.
export class GatewayClock {
  private at = Date.now();
  private now = Date.now();
  speed = 1;

  set(now: string, speed: number, received = Date.now()): void {
    this.now = Date.parse(now);
    this.speed = speed;
    this.at = received;
  }

  ms(real = Date.now()): number {
    return this.now + (real - this.at) * this.speed;
  }
}

// duration is minutes and seconds, or hours, minutes and seconds when it is long.
export function duration(seconds: number): string {
  const s = Math.abs(Math.round(seconds));
  const sign = seconds < 0 ? '−' : '';
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s >= 3600) return `${sign}${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return `${sign}${Math.floor(s / 60)}:${two(s % 60)}`;
}

const format = { timeZone: 'Asia/Jakarta', hour12: false } as const;
const wib = new Intl.DateTimeFormat('id-ID', { ...format, hour: '2-digit', minute: '2-digit', second: '2-digit' });
const wibDay = new Intl.DateTimeFormat('sv-SE', { ...format, year: 'numeric', month: '2-digit', day: '2-digit' });

// clockTime is the time of day in West Indonesia.
export function clockTime(at: string | number): string {
  return wib.format(new Date(at)).replaceAll('.', ':');
}

// localInput is a moment as an <input type="datetime-local"> takes it, in WIB.
export function localInput(at: string | number): string {
  return `${wibDay.format(new Date(at))}T${clockTime(at)}`;
}

// fromLocalInput reads such an input: WIB is seven hours ahead of UTC all year.
export function fromLocalInput(value: string): Date {
  return new Date(`${value.length === 16 ? `${value}:00` : value}+07:00`);
}
