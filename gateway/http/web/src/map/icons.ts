// The map's marks, painted by the page itself: each agency's colour, and a shape
// of its own for every state.
const size = 56; // units of the drawing

// shownAs is how large each kind of mark is on the screen, in CSS pixels at the page's
// usual size of letters.
const shownAs: Record<string, number> = { unit: 23, scene: 28, station: 25 };
const edge = '#0b1318';

export interface Icon { width: number; height: number; data: Uint8ClampedArray }

const states: Record<string, [string, string]> = {
  running: ['#2f8f5b', '▸'], warning: ['#e0a526', '▲'], breached: ['#e4472e', '■'], new: ['#4aa3ff', '◆'], met: ['#7b8b95', '✓'],
};

// iconOf paints the icon that its id names: "unit arrow #e5533d", "scene breached",
// "station down". It has exactly the pixels of the screen, since a picture made
// smaller by the map loses its edges. Null for an id that names none.
export function iconOf(id: string, scale: number): Icon | null {
  const [kind, a = '', b = ''] = id.split(' ');
  const canvas = document.createElement('canvas');
  const pixels = Math.round((shownAs[kind!] ?? size) * scale);
  canvas.width = canvas.height = pixels;
  const g = canvas.getContext('2d');
  if (!g) return null;
  g.scale(pixels / size, pixels / size);
  g.translate(size / 2, size / 2);
  g.lineJoin = 'round';
  if (kind === 'unit') unit(g, a, b);
  else if (kind === 'scene') scene(g, a);
  else if (kind === 'station') station(g, a);
  else return null;
  return { width: pixels, height: pixels, data: g.getImageData(0, 0, pixels, pixels).data };
}

function unit(g: CanvasRenderingContext2D, form: string, colour: string): void {
  g.beginPath();
  if (form === 'arrow') {
    g.moveTo(0, -20);
    g.lineTo(14, 16);
    g.lineTo(0, 8);
    g.lineTo(-14, 16);
    g.closePath();
  } else if (form === 'alarm') {
    for (let i = 0; i < 16; i++) {
      const [r, t] = [i % 2 ? 13 : 24, (i * Math.PI) / 8];
      g.lineTo(r * Math.sin(t), -r * Math.cos(t));
    }
    g.closePath();
  } else g.arc(0, 0, 11, 0, 2 * Math.PI);
  g.lineWidth = 5;
  g.strokeStyle = edge;
  g.stroke();
  g.lineWidth = 2.5;
  g.strokeStyle = '#fff';
  g.stroke();
  g.fillStyle = form === 'alarm' ? '#ff2d1a' : colour;
  g.fill();
}

function scene(g: CanvasRenderingContext2D, state: string): void {
  const [colour, mark] = states[state] ?? states['running']!;
  g.beginPath();
  if (state === 'breached') g.rect(-19, -19, 38, 38);
  else if (state === 'warning') {
    g.moveTo(0, -24);
    g.lineTo(24, 18);
    g.lineTo(-24, 18);
    g.closePath();
  } else if (state === 'new') {
    g.moveTo(0, -25);
    g.lineTo(25, 0);
    g.lineTo(0, 25);
    g.lineTo(-25, 0);
    g.closePath();
  } else g.arc(0, 0, 20, 0, 2 * Math.PI);
  g.lineWidth = 8;
  g.strokeStyle = edge;
  g.stroke();
  g.lineWidth = 4;
  g.strokeStyle = '#fff';
  g.stroke();
  g.fillStyle = colour;
  g.fill();
  g.fillStyle = state === 'warning' ? '#1a1400' : '#fff';
  g.font = 'bold 24px sans-serif';
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  g.fillText(state === 'warning' || state === 'breached' || state === 'new' ? '!' : mark, 0, state === 'warning' ? 5 : 1);
}

const health: Record<string, string> = { up: '#5fd08f', quiet: '#f0b93a', idle: '#9db0bc', down: '#ff5a43' };

function station(g: CanvasRenderingContext2D, how: string): void {
  g.strokeStyle = edge;
  g.lineWidth = 9;
  mast(g);
  g.strokeStyle = health[how] ?? health['down']!;
  g.lineWidth = 4;
  mast(g);
  if (how === 'down') {
    g.beginPath();
    g.moveTo(-18, -18);
    g.lineTo(18, 18);
    g.moveTo(18, -18);
    g.lineTo(-18, 18);
    g.stroke();
  }
}

function mast(g: CanvasRenderingContext2D): void {
  g.beginPath();
  g.moveTo(-10, 20);
  g.lineTo(0, -10);
  g.lineTo(10, 20);
  g.moveTo(-6, 8);
  g.lineTo(6, 8);
  g.moveTo(6, -18);
  g.arc(0, -12, 8, -0.9, 0.9);
  g.moveTo(-6, -6);
  g.arc(0, -12, 8, Math.PI - 0.9, Math.PI + 0.9);
  g.stroke();
}
