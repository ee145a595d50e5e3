// Draws the county without any network: areas around the villages of the packaged
// place table (Voronoi cells, clipped to the county's hull), coloured by
// elevation, and the lines between sub-districts. Points are not boundaries, so
// the page calls the lines approximate.
import { readFileSync, writeFileSync } from 'node:fs';
import { Delaunay } from 'd3-delaunay';
import clip from 'polygon-clipping';

const [, , table, out] = process.argv;
const villages = readFileSync(table, 'utf8').split('\n').filter((l) => l && !l.startsWith('#')).slice(1).map((l) => {
  const [, district, name, lat, lon, elevation] = l.split(',');
  return { district, name, point: [Number(lon), Number(lat)], elevation: Number(elevation) };
});
const points = villages.map((v) => v.point);
const delaunay = Delaunay.from(points);

// The hull, two kilometres out from its middle.
const middle = points.reduce((m, p) => [m[0] + p[0] / points.length, m[1] + p[1] / points.length], [0, 0]);
const hull = Array.from(delaunay.hull, (i) => {
  const [dx, dy] = [points[i][0] - middle[0], points[i][1] - middle[1]];
  const grow = 1 + 0.018 / Math.hypot(dx, dy);
  return [middle[0] + dx * grow, middle[1] + dy * grow];
});
hull.push(hull[0]);

const xs = points.map((p) => p[0]);
const ys = points.map((p) => p[1]);
const voronoi = delaunay.voronoi([Math.min(...xs) - 0.2, Math.min(...ys) - 0.2, Math.max(...xs) + 0.2, Math.max(...ys) + 0.2]);
const round = (p) => [Number(p[0].toFixed(5)), Number(p[1].toFixed(5))];

const cells = villages.map((v, i) => ({
  type: 'Feature',
  properties: { elevation: v.elevation },
  geometry: { type: 'MultiPolygon', coordinates: clip.intersection([voronoi.cellPolygon(i)], [hull]).map((poly) => poly.map((ring) => ring.map(round))) },
}));

// A line stands where two neighbouring cells are of different sub-districts.
const borders = [];
// within cuts a line to the part inside the hull, which is convex; null when no
// part is.
const within = ([p, q]) => {
  let [from, to] = [0, 1];
  for (let k = 0; k + 1 < hull.length; k++) {
    const [a, b] = [hull[k], hull[k + 1]];
    const side = (x, y) => (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
    const inward = Math.sign(side(...middle));
    const [atP, atQ] = [side(...p) * inward, side(...q) * inward];
    if (atP < 0 && atQ < 0) return null;
    const cut = atP / (atP - atQ);
    if (atP < 0) from = Math.max(from, cut);
    if (atQ < 0) to = Math.min(to, cut);
  }
  const along = (t) => round([p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t]);
  return from < to ? [along(from), along(to)] : null;
};
for (let i = 0; i < villages.length; i++) {
  for (const j of voronoi.neighbors(i)) {
    if (j < i || villages[i].district === villages[j].district) continue;
    const mine = voronoi.cellPolygon(i).map((p) => p.join());
    const shared = voronoi.cellPolygon(j).slice(0, -1).filter((p) => mine.includes(p.join()));
    const line = shared.length === 2 && within(shared);
    if (line) borders.push(line);
  }
}

const districts = [...new Set(villages.map((v) => v.district))].sort().map((name) => {
  const own = villages.filter((v) => v.district === name);
  return { name, at: round([own.reduce((s, v) => s + v.point[0], 0) / own.length, own.reduce((s, v) => s + v.point[1], 0) / own.length]) };
});

writeFileSync(out, JSON.stringify({
  bounds: [Math.min(...xs) - 0.02, Math.min(...ys) - 0.02, Math.max(...xs) + 0.02, Math.max(...ys) + 0.02],
  outline: { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: hull.map(round) } },
  cells: { type: 'FeatureCollection', features: cells },
  borders: { type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates: borders } },
  districts,
  villages: villages.map((v) => ({ name: v.name, at: round(v.point) })),
}));
