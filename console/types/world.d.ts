// What console/map.mjs draws when the console is built.
declare module "map:world" {
  export const COUNTRIES: [code: string, path: string][];
  export const SCALE: number;
  export const TRANSLATE: [x: number, y: number];
  export const WIDTH: number;
  export const HEIGHT: number;
}
