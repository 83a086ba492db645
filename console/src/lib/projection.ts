// Where a place lies on the map that console/map.mjs draws: Natural Earth's projection (Patterson 2011, in Šavrič's polynomials).

export interface Projection {
  scale: number;
  translate: readonly [x: number, y: number];
}

const RADIANS = Math.PI / 180;

export function project(latitude: number, longitude: number, { scale, translate }: Projection): [x: number, y: number] {
  const [phi, lambda] = [latitude * RADIANS, longitude * RADIANS];
  const two = phi * phi;
  const four = two * two;
  const x = lambda * (0.8707 - 0.131979 * two + four * (-0.013791 + four * (0.003971 * two - 0.001529 * four)));
  const y = phi * (1.007226 + two * (0.015085 + four * (-0.044475 + 0.028874 * two - 0.005916 * four)));
  return [translate[0] + scale * x, translate[1] - scale * y];
}
