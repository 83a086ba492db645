import assert from "node:assert/strict";
import { test } from "node:test";
// @ts-expect-error It brings no types, and only the build and this test draw with it.
import { geoNaturalEarth1 } from "d3-geo";
import { forAll } from "../../test/random.ts";
import { project } from "./projection.ts";

test("a place lies where d3-geo, which draws the countries, puts it", () => {
  const [scale, translate] = [170.5, [480, 250] as const];
  const drawn = geoNaturalEarth1()
    .scale(scale)
    .translate([...translate]);
  forAll((random) => {
    const [latitude, longitude] = [random.between(-900, 900) / 10, random.between(-1800, 1800) / 10];
    const [x, y] = project(latitude, longitude, { scale, translate });
    const [wantedX, wantedY] = drawn([longitude, latitude])!;
    // d3-geo resamples nothing for points, but clips the seam at 180 degrees.
    if (Math.abs(longitude) < 179.9) assert.ok(Math.abs(x - wantedX) < 0.01 && Math.abs(y - wantedY) < 0.01);
  });
});
