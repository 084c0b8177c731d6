// Builds the loader and every island into one folder: node frontend/build.mjs OUT
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "built"));
const maplibre = path.join(here, "..", "node_modules", "maplibre-gl", "dist");
const worker = path.join(maplibre, "maplibre-gl-worker.mjs");

async function islands() {
  const entries = await readdir(path.join(here, "islands"), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

// The version travels in the addresses of the island files, so that a browser never mixes two builds.
async function version(names) {
  const hash = createHash("sha256");
  const lock = path.join(here, "..", "package-lock.json");
  const sources = (await readdir(here, { recursive: true })).filter((name) => /\.(ts|css|mjs)$/.test(name)).sort();
  for (const file of [lock, ...sources.map((name) => path.join(here, name))]) hash.update(await readFile(file));
  return hash.update(names.join()).digest("hex").slice(0, 12);
}

const names = await islands();
const define = { BUILD: JSON.stringify(await version(names)) };
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: {
    loader: path.join(here, "loader.ts"),
    ...Object.fromEntries(names.map((name) => [name, path.join(here, "islands", name, "index.ts")])),
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
  define,
});
// MapLibre's worker as a file of its own: the content security policy allows no blob workers.
await cp(worker, path.join(out, "map-worker.js"));
