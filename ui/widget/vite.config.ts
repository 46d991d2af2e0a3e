/** For vitest only; the build is build.mjs. */
import { defineConfig } from "vitest/config";
import { catalogues, LANGUAGES } from "./plugins.mjs";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [catalogues(LANGUAGES)],
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
