import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The node serves web/dist with a policy that allows no inline script or style and no data: font,
// so nothing may be inlined here.
export default defineConfig({
  plugins: [react()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { "/api": process.env.SALUS_URL ?? "http://localhost:8090" } },
  test: {
    include: ["tests/unit/**/*.test.ts", "tests/unit/**/*.test.tsx"],
    setupFiles: ["tests/unit/setup.ts"],
    testTimeout: 30_000,
  },
});
