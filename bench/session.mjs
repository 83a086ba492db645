// One run of a benchmark: a folder for its data, whatever it has started, and the problems it has found. Everything it has
// started stops with it, however it ends.

import { rmSync } from "node:fs";
import { note, scratch } from "./common.mjs";

export class Session {
  problems = [];
  began = performance.now();
  #running = new Set();

  constructor(name) {
    this.folder = scratch(name);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => this.#end().then(() => process.exit(1)));
    // Miniflare ends the process by itself at a signal; the others stop when their pipe to this one closes.
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }));
  }

  // Runs the benchmark and ends the process, with an error where there was a problem.
  async run(bench) {
    try {
      await bench();
    } catch (error) {
      console.error(error);
      this.problems.push(String(error));
    }
    await this.#end();
    process.exit(this.problems.length === 0 ? 0 : 1);
  }

  async #end() {
    await Promise.all([...this.#running].map((one) => one.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  // Registers something that has a `stop`, to be stopped at the end at the latest.
  add(one) {
    this.#running.add(one);
    return one;
  }

  async stop(one) {
    await one.stop();
    this.#running.delete(one);
  }

  problem(text) {
    this.problems.push(text);
    note(`PROBLEM: ${text}`);
  }

  // Prints the problems and where the results are.
  conclude(file) {
    if (this.problems.length > 0) console.log(`\n${this.problems.length} problems:\n${this.problems.map((text) => `- ${text}`).join("\n")}`);
    note(`written to ${file} after ${Math.round((performance.now() - this.began) / 1000)} s`);
  }
}
