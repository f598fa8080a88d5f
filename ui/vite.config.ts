import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  // Tauri serves the bundle from its own scheme: addresses stay relative to index.html.
  base: "./",
  resolve: { alias: { $lib: fileURLToPath(new URL("./src/lib", import.meta.url)) } },
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    target: "es2022",
    // WebKitGTK 2.40 is Safari 16.4: no CSS nesting, no light-dark().
    cssTarget: "safari16.4",
    modulePreload: { polyfill: false },
    // Fonts stay files, so that the content security policy needs no data: source.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    // Words and libraries change less often than the screens, and none of the parts is then large.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules/ }, { name: "words", test: /[\\/]messages[\\/]/ }] },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    css: false,
    // Conditions are awaited; on a busy machine a page may take its time.
    testTimeout: 60_000,
  },
});
